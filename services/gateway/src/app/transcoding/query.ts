import { type FieldViolation, invalid, invalidFields } from '@bankcrm/kernel';
import { type DescField, type JsonObject, type JsonValue, ScalarType } from '@bufbuild/protobuf';
import { describeField } from './describe.ts';

const maxParameters = 50;

/**
 * Reads a query string into the JSON form of the fields that may stand in it, by proto or JSON name, `a.b` for a field of a
 * field. Throws INVALID `INVALID_QUERY` naming every parameter that is unknown, repeated where it may not be, or of the
 * wrong type.
 */
export function readQuery(text: string, fields: readonly DescField[]): JsonObject {
  const json: JsonObject = {};
  if (text === '') return json;
  const violations: FieldViolation[] = [];
  const pairs = text.split('&').filter((pair) => pair !== '');
  if (pairs.length > maxParameters) throw invalid('query', `must have at most ${maxParameters} parameters`, 'INVALID_QUERY');
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    const problem = place(json, fields, name.split('.'), value);
    if (problem) violations.push({ field: name.slice(0, 100), description: problem });
  }
  if (violations.length > 0) throw invalidFields(violations, 'INVALID_QUERY');
  return json;
}

function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalid('query', 'must be percent-encoded UTF-8', 'INVALID_QUERY');
  }
  if (decoded.includes('\u0000')) throw invalid('query', 'must not contain the character U+0000', 'INVALID_QUERY');
  return decoded;
}

/** Puts a value where its name says. Gives what is wrong, if anything. */
function place(json: JsonObject, fields: readonly DescField[], path: readonly string[], value: string): string | undefined {
  const [head, ...rest] = path;
  const field = fields.find((candidate) => candidate.name === head || candidate.jsonName === head);
  if (!field || field.fieldKind === 'map') return 'is not a parameter here';
  const key = field.jsonName;
  if (rest.length > 0) {
    if (field.fieldKind !== 'message') return 'is not a parameter here';
    json[key] ??= {};
    return place(json[key] as JsonObject, field.message.fields, rest, value);
  }
  const converted = convert(field, value);
  if (converted === undefined) return describeField(field);
  if (field.fieldKind === 'list') {
    json[key] = [...((json[key] as JsonValue[] | undefined) ?? []), converted];
    return undefined;
  }
  if (Object.hasOwn(json, key)) return 'is given twice';
  json[key] = converted;
  return undefined;
}

/** The JSON value of a parameter; undefined for one of the wrong type. Ranges are checked with the whole message. */
function convert(field: DescField, value: string): JsonValue | undefined {
  if (field.scalar === undefined) return value;
  switch (field.scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return value;
    case ScalarType.BOOL:
      return value === 'true' ? true : value === 'false' ? false : undefined;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
    default:
      return /^-?\d{1,20}$/.test(value) ? value : undefined;
  }
}
