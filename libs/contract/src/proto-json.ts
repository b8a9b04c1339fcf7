import { AppError, type ExactJson, isCivilDate, JsonNumber, parseExactJson } from '@bankcrm/kernel';
import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import { placeIn, shownName, UnknownFields } from './unknown-fields.ts';
import { wholeNumber } from './whole-number.ts';

/** In the place of a name that no enum has: what is done with one is decided where numbers that none has are. */
const unknownEnum = 2 ** 31 - 1;

/** Why JSON is no message of the contract, and the path of the field at fault; never its value. */
export class BadJson extends Error {
  readonly field: string;

  constructor(field: string) {
    super('BAD_JSON');
    this.field = field;
  }
}

/**
 * Reads proto3 JSON: every number exactly, and nothing bent to fit (a text of digits with a blank, 30 February, base64 with a line break). A field
 * that the contract does not have is left out and told of. Throws {@link BadJson}.
 */
export function readProtoJson(
  schema: DescMessage,
  json: Buffer,
): { bytes: Buffer; unknownFields: readonly string[] | undefined } {
  const unknown = new UnknownFields();
  const message = messageOf(schema, parse(schema, json), '', unknown);
  try {
    return { bytes: Buffer.from(toBinary(schema, fromJson(schema, message))), unknownFields: unknown.all() };
  } catch {
    // The library's text quotes the value.
    throw new BadJson('');
  }
}

/** Fields of a message in JSON, each encoded alone: of a message that makes no sense as a whole most are good. An absent one is empty; undefined is one that cannot be read. */
export function encodedFields(schema: DescMessage, tree: ExactJson, names: readonly string[]): Map<string, Buffer | undefined> {
  const given =
    tree !== null && typeof tree === 'object' && !Array.isArray(tree) && !(tree instanceof JsonNumber) ? tree : undefined;
  return new Map(
    names.map((name) => {
      const keys = [...new Set([name, fieldsOf(schema).get(name)!.jsonName])].filter((key) => given && Object.hasOwn(given, key));
      if (given === undefined || keys.length > 1) return [name, undefined];
      if (keys.length === 0) return [name, Buffer.alloc(0)];
      try {
        const alone = messageOf(schema, { [name]: given[keys[0]!]! }, '', new UnknownFields());
        return [name, Buffer.from(toBinary(schema, fromJson(schema, alone)))];
      } catch {
        return [name, undefined];
      }
    }),
  );
}

function parse(schema: DescMessage, json: Buffer): ExactJson {
  try {
    return parseExactJson(json);
  } catch (error) {
    const at = error instanceof AppError ? (error.fields[0]?.field ?? '') : '';
    throw new BadJson(at === 'body' ? '' : pathInContract(schema, at));
  }
}

/** A path as the producer wrote it (`kyc.screeningHits[0].hitTime`), by the names of the contract. */
function pathInContract(schema: DescMessage, path: string): string {
  let within: DescMessage | undefined = schema;
  return path
    .split('.')
    .map((part) => {
      const [, key = '', places = ''] = /^(.*?)((?:\[\d+\])*)$/.exec(part) ?? [];
      const field: DescField | undefined = within === undefined ? undefined : fieldsOf(within).get(key);
      within = field?.message;
      return (field?.name ?? shownName(key)) + places;
    })
    .join('.');
}

function messageOf(schema: DescMessage, given: ExactJson, path: string, unknown: UnknownFields): JsonObject {
  if (given === null || typeof given !== 'object' || Array.isArray(given) || given instanceof JsonNumber) throw new BadJson(path);
  const message: JsonObject = {};
  const seen = new Set<string>();
  /** A field has two names, and a choice one value; none is given twice. */
  const once = (name: string): void => {
    if (seen.has(name)) throw new BadJson(placeIn(path, name));
    seen.add(name);
  };
  const fields = fieldsOf(schema);
  for (const [key, value] of Object.entries(given)) {
    const field = fields.get(key);
    if (field === undefined) {
      unknown.add(path, key);
      continue;
    }
    once(field.name);
    // As good as absent.
    if (value === null) continue;
    if (field.oneof !== undefined) once(field.oneof.name);
    message[field.jsonName] = fieldOf(field, value, placeIn(path, field.name), unknown);
  }
  return message;
}

function fieldOf(field: DescField, given: ExactJson, path: string, unknown: UnknownFields): JsonValue {
  if (field.fieldKind === 'map') throw new Error('no message of the contract has a map');
  if (field.fieldKind !== 'list') return readValue(field, given, path, unknown);
  if (!Array.isArray(given)) throw new BadJson(path);
  return given.map((item, index) => readValue(field, item, `${path}[${index}]`, unknown));
}

function readValue(field: DescField, given: ExactJson, path: string, unknown: UnknownFields): JsonValue {
  if (field.message !== undefined)
    return field.message.typeName === 'google.protobuf.Timestamp'
      ? timeOf(given, path)
      : messageOf(field.message, given, path, unknown);
  if (field.enum !== undefined) {
    const { values } = field.enum;
    const number = typeof given === 'number' || given instanceof JsonNumber ? Number(wholeOf(given, path, 32)) : undefined;
    if (number !== undefined) return number;
    if (typeof given !== 'string') throw new BadJson(path);
    return values.find(({ name }) => name === given)?.number ?? unknownEnum;
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      if (typeof given === 'string' && given.isWellFormed()) return given;
      break;
    case ScalarType.BOOL:
      if (typeof given === 'boolean') return given;
      break;
    case ScalarType.BYTES:
      if (typeof given === 'string' && base64.test(given)) return given;
      break;
    case ScalarType.INT32:
      return Number(wholeOf(given, path, 32));
    case ScalarType.INT64:
      return String(wholeOf(given, path, 64));
  }
  throw new BadJson(path);
}

function wholeOf(given: ExactJson, path: string, bits: 32 | 64): bigint {
  const text = given instanceof JsonNumber ? given.text : typeof given === 'number' ? String(given) : given;
  const number = typeof text === 'string' ? wholeNumber(text, bits) : undefined;
  if (number === undefined) throw new BadJson(path);
  return number;
}

/** RFC 3339, as far as proto3 JSON takes it: an offset may stand for Z, a leap second for nothing. */
const instant = /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** The years 1 to 9999 of UTC, which an offset may leave. */
const firstInstant = Date.parse('0001-01-01T00:00:00Z');
const pastInstant = Date.parse('+010000-01-01T00:00:00Z');

function timeOf(given: ExactJson, path: string): string {
  const [text, day] = (typeof given === 'string' && instant.exec(given)) || [];
  if (text === undefined || !isCivilDate(day!)) throw new BadJson(path);
  const time = Date.parse(text);
  if (time < firstInstant || time >= pastInstant) throw new BadJson(path);
  return text;
}

/** Of RFC 4648, in either alphabet, padded or not. */
const base64 = /^(?:[\w+/-]{4})*(?:[\w+/-]{2}(?:==)?|[\w+/-]{3}=?)?$/;

const byKey = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

/** By either of their names. */
function fieldsOf(schema: DescMessage): ReadonlyMap<string, DescField> {
  const known = byKey.get(schema);
  if (known !== undefined) return known;
  const fields = new Map(schema.fields.flatMap((field) => [[field.name, field] as const, [field.jsonName, field] as const]));
  byKey.set(schema, fields);
  return fields;
}
