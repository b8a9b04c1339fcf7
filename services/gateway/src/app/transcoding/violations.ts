import { type FieldViolation, isCivilDate } from '@bankcrm/kernel';
import { type DescField, type DescMessage, fromJson, type JsonObject, type JsonValue } from '@bufbuild/protobuf';
import { describeField, describeMessage } from './describe.ts';

/** What the protobuf library has said of the whole value so far. */
type Verdict = 'refused' | 'taken';

const maxPathLength = 200;

/**
 * What keeps a JSON value from being the message, as paths and plain words; find as many as you want to show. Asks the
 * protobuf library about one value at a time, so that it agrees with it. Where the library has taken the whole, only what
 * it takes too easily is looked at: 30 February, of which it makes 2 March, and numbers that no value of an enum has.
 */
export function* violationsOf(schema: DescMessage, json: JsonValue, verdict: Verdict, path = ''): Generator<FieldViolation> {
  if (schema.typeName.startsWith('google.protobuf.')) {
    if (!isTaken(schema, json, verdict) || !isPossible(schema, json)) yield violation(path, describeMessage(schema));
    return;
  }
  if (!isObject(json)) {
    yield violation(path, 'must be an object');
    return;
  }
  const seen = new Set<DescField>();
  for (const [key, value] of Object.entries(json)) {
    const field = schema.fields.find((candidate) => candidate.jsonName === key || candidate.name === key);
    const place = path === '' ? key : `${path}.${key}`;
    if (!field) yield violation(place, 'is not a field here');
    else if (seen.has(field)) yield violation(place, 'is given twice');
    else if (value !== null) yield* fieldViolations(schema, field, value, verdict, place);
    if (field) seen.add(field);
  }
}

function* fieldViolations(
  parent: DescMessage,
  field: DescField,
  value: JsonValue,
  verdict: Verdict,
  path: string,
): Generator<FieldViolation> {
  if (field.fieldKind === 'message') {
    yield* violationsOf(field.message, value, verdict, path);
  } else if (field.fieldKind !== 'list') {
    if (!isKnownEnum(field, value) || !isTaken(parent, { [field.jsonName]: value }, verdict))
      yield violation(path, describeField(field));
  } else if (!Array.isArray(value)) {
    yield violation(path, 'must be a list');
  } else {
    for (const [index, item] of value.entries()) {
      const place = `${path}[${index}]`;
      if (field.listKind === 'message') yield* violationsOf(field.message, item, verdict, place);
      else if (!isKnownEnum(field, item) || !isTaken(parent, { [field.jsonName]: [item] }, verdict))
        yield violation(place, describeField(field));
    }
  }
}

const violation = (path: string, description: string): FieldViolation => ({
  field: (path || 'body').slice(0, maxPathLength),
  description,
});

const isObject = (value: JsonValue): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function isTaken(schema: DescMessage, json: JsonValue, verdict: Verdict): boolean {
  if (verdict === 'taken') return true;
  try {
    fromJson(schema, json);
    return true;
  } catch {
    return false;
  }
}

const isKnownEnum = (field: DescField, value: JsonValue): boolean =>
  typeof value !== 'number' || !field.enum || field.enum.value[value] !== undefined;

/** A day of the calendar and an hour of the day. */
function isPossible({ typeName }: DescMessage, value: JsonValue): boolean {
  if (typeName !== 'google.protobuf.Timestamp' || typeof value !== 'string') return true;
  return isCivilDate(value.slice(0, 10)) && value.slice(11, 13) < '24';
}
