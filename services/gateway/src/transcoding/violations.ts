import type { FieldViolation } from '@bankcrm/kernel';
import { isCivilDate } from '@bankcrm/kernel';
import { type DescField, type DescMessage, fromJson, type JsonObject, type JsonValue, ScalarType } from '@bufbuild/protobuf';

const maxViolations = 20;
const maxPathLength = 200;

/**
 * What keeps a JSON value from being the message, as paths and plain words, at most 20. Asks the protobuf library about one
 * value at a time, so it agrees with it. With `wellFormed`, the library has taken the whole and only what it takes too
 * easily is looked at: 30 February, which it makes 2 March, and enum numbers that no enum has.
 */
export function violationsOf(schema: DescMessage, json: JsonValue, wellFormed = false): FieldViolation[] {
  const found: FieldViolation[] = [];
  const report = (path: string, description: string): void => {
    if (found.length < maxViolations) found.push({ field: (path || 'body').slice(0, maxPathLength), description });
  };

  const object = (message: DescMessage, value: JsonValue, path: string): void => {
    if (message.typeName.startsWith('google.protobuf.')) {
      if ((!wellFormed && !takes(message, value)) || !isPossible(message, value)) report(path, describeMessage(message));
      return;
    }
    if (!isObject(value)) return report(path, 'must be an object');
    const seen = new Set<DescField>();
    for (const [key, inner] of Object.entries(value)) {
      const field = message.fields.find((candidate) => candidate.jsonName === key || candidate.name === key);
      const place = path === '' ? key : `${path}.${key}`;
      if (!field) report(place, 'is not a field here');
      else if (seen.has(field)) report(place, 'is given twice');
      else if (inner !== null) fieldValue(message, field, inner, place);
      if (field) seen.add(field);
    }
  };

  const fieldValue = (message: DescMessage, field: DescField, value: JsonValue, path: string): void => {
    if (field.fieldKind === 'message') return object(field.message, value, path);
    if (field.fieldKind === 'list') {
      if (!Array.isArray(value)) return report(path, 'must be a list');
      value.forEach((item, index) => {
        const place = `${path}[${index}]`;
        if (field.listKind === 'message') object(field.message, item, place);
        else if (!isKnownEnum(field, item) || !(wellFormed || takes(message, { [field.jsonName]: [item] })))
          report(place, describe(field));
      });
      return;
    }
    if (!isKnownEnum(field, value) || !(wellFormed || takes(message, { [field.jsonName]: value }))) report(path, describe(field));
  };

  object(schema, json, '');
  return found;
}

const isObject = (value: JsonValue): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function takes(schema: DescMessage, json: JsonValue): boolean {
  try {
    fromJson(schema, json);
    return true;
  } catch {
    return false;
  }
}

const isKnownEnum = (field: DescField, value: JsonValue): boolean =>
  typeof value !== 'number' || !('enum' in field) || !field.enum || field.enum.value[value] !== undefined;

/** A day of the calendar and an hour of the day. */
function isPossible({ typeName }: DescMessage, value: JsonValue): boolean {
  if (typeName !== 'google.protobuf.Timestamp' || typeof value !== 'string') return true;
  return isCivilDate(value.slice(0, 10)) && value.slice(11, 13) < '24';
}

function describeMessage({ typeName }: DescMessage): string {
  if (typeName === 'google.protobuf.Timestamp') return 'must be a time such as 2026-01-31T08:00:00Z';
  if (typeName === 'google.protobuf.Duration') return 'must be a duration such as 1.5s';
  return `must be the JSON form of ${typeName}`;
}

function describe(field: DescField): string {
  if (field.fieldKind === 'map') return 'must be an object of the right values';
  const values = 'enum' in field && field.enum ? field.enum.values : undefined;
  if (values) return `must be one of ${values.map(({ name }) => name).join(', ')}`;
  switch (field.scalar) {
    case ScalarType.BOOL:
      return 'must be true or false';
    case ScalarType.STRING:
      return 'must be a text';
    case ScalarType.BYTES:
      return 'must be a text in base64';
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return 'must be a number';
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return 'must be a whole number from 0 to 4294967295';
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return 'must be a whole number from -2147483648 to 2147483647';
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return 'must be a whole number from 0 to 18446744073709551615';
    default:
      return 'must be a whole number from -9223372036854775808 to 9223372036854775807';
  }
}
