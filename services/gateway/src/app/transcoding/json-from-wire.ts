import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import { ByteWriter } from './byte-writer.ts';
import { WireCursor, wireLength, wireVarint } from './wire-cursor.ts';

/**
 * Turns encoded replies into proto3 JSON without making objects of them. Made for what our services send: fields in the order
 * of their numbers, of the types that our replies have. For everything else it gives undefined and the library does it; a
 * test holds the two to the same bytes.
 */
export function jsonFromWire(schema: DescMessage, bytes: Uint8Array): Buffer | undefined {
  try {
    writeObject(plansOf(schema), new WireCursor(bytes), bytes.length);
    return out.take();
  } catch (error) {
    out.clear();
    if (error === unusual) return undefined;
    throw error;
  }
}

/** One for all: writing is never interrupted. */
const out = new ByteWriter();
const unusual = new Error('not in the order and form that our services write');

/** Writes one value; gives false, having written nothing, for the value that a field without presence has by default. */
type WriteValue = (cursor: WireCursor) => boolean;

interface FieldPlan {
  /** `"fullName":` */
  key: Uint8Array;
  tag: number;
  repeated: boolean;
  /** Without presence: the default value stands for none. */
  implicit: boolean;
  write: WriteValue;
}
/** By field number. */
type Plans = readonly (FieldPlan | undefined)[];

const known = new WeakMap<DescMessage, Plans>();

function plansOf(schema: DescMessage): Plans {
  const before = known.get(schema);
  if (before) return before;
  const plans: FieldPlan[] = [];
  // Entered before its fields are looked at: a message may contain itself.
  known.set(schema, plans);
  for (const field of schema.fields) plans[field.number] = planOf(field);
  return plans;
}

/** No field has this tag, so one that must be left to the library is met as unusual. */
const noTag = -1;

function planOf(field: DescField): FieldPlan {
  const repeated = field.fieldKind === 'list';
  const write = writerOf(field);
  // Numbers of a list are packed, and members of a oneof replace each other.
  const simple = write && field.fieldKind !== 'map' && !field.oneof && (!repeated || isLengthDelimited(field));
  return {
    key: Buffer.from(`"${field.jsonName}":`),
    tag: simple ? (field.number << 3) | (isLengthDelimited(field) ? wireLength : wireVarint) : noTag,
    repeated,
    implicit: field.presence === FeatureSet_FieldPresence.IMPLICIT && !repeated,
    write: write ?? (() => false),
  };
}

const isLengthDelimited = (field: DescField): boolean => field.message !== undefined || field.scalar === ScalarType.STRING;

function writerOf(field: DescField): WriteValue | undefined {
  if (field.message?.typeName === 'google.protobuf.Timestamp') return writeTimestamp;
  if (field.message) {
    const { message } = field;
    if (message.typeName.startsWith('google.protobuf.')) return undefined;
    const plans = plansOf(message);
    return (cursor) => writeObject(plans, cursor, cursor.end());
  }
  if (field.enum) {
    const names = new Map(field.enum.values.map(({ number, name }) => [number, Buffer.from(`"${name}"`)]));
    return (cursor) => {
      const number = cursor.varint() | 0;
      const name = names.get(number);
      if (name) out.raw(name);
      else out.ascii(String(number));
      return number !== 0;
    };
  }
  switch (field.scalar) {
    case ScalarType.STRING:
      return writeString;
    case ScalarType.BOOL:
      return writeBool;
    case ScalarType.INT32:
      return writeInt32;
    case ScalarType.INT64:
      return writeInt64;
    default:
      return undefined;
  }
}

function writeObject(plans: Plans, cursor: WireCursor, end: number): boolean {
  let last = 0;
  let separator = 0x7b;
  while (cursor.at < end) {
    const tag = cursor.varint();
    const number = tag >>> 3;
    const plan = plans[number];
    if (!plan) {
      // A newer service says more than we know.
      cursor.skip(tag & 7);
      continue;
    }
    if (tag !== plan.tag || number <= last) throw unusual;
    last = number;
    const mark = out.length;
    out.byte(separator);
    out.raw(plan.key);
    if (plan.repeated) writeList(plan, cursor, end);
    else if (!plan.write(cursor) && plan.implicit) {
      out.length = mark;
      continue;
    }
    separator = 0x2c;
  }
  if (cursor.at > end) throw unusual;
  if (separator === 0x7b) out.byte(0x7b);
  out.byte(0x7d);
  return true;
}

/** The values of a list, each with the same tag, one after the other. */
function writeList({ tag, write }: FieldPlan, cursor: WireCursor, end: number): void {
  out.byte(0x5b);
  write(cursor);
  while (cursor.at < end) {
    const before = cursor.at;
    if (cursor.varint() !== tag) {
      cursor.at = before;
      break;
    }
    out.byte(0x2c);
    write(cursor);
  }
  out.byte(0x5d);
}

function writeString(cursor: WireCursor): boolean {
  const end = cursor.end();
  const from = cursor.at;
  out.jsonString(cursor.bytes, from, end);
  cursor.at = end;
  return end > from;
}

function writeBool(cursor: WireCursor): boolean {
  const value = cursor.varint() !== 0 || cursor.high !== 0;
  out.ascii(value ? 'true' : 'false');
  return value;
}

function writeInt32(cursor: WireCursor): boolean {
  const value = cursor.varint() | 0;
  out.ascii(String(value));
  return value !== 0;
}

function writeInt64(cursor: WireCursor): boolean {
  const text = int64Text(cursor.varint(), cursor.high);
  out.byte(0x22);
  out.ascii(text);
  out.byte(0x22);
  return text !== '0';
}

const int64Text = (low: number, high: number): string =>
  high < 0x20_0000 ? String(high * 0x1_0000_0000 + low) : String(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)));

/** 0001-01-01 and 9999-12-31: what RFC 3339 can write. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

function writeTimestamp(cursor: WireCursor): boolean {
  const end = cursor.end();
  let seconds = 0;
  let nanos = 0;
  while (cursor.at < end) {
    const tag = cursor.varint();
    if (tag === 8) seconds = Number(int64Text(cursor.varint(), cursor.high));
    else if (tag === 16) nanos = cursor.varint() | 0;
    else throw unusual;
  }
  if (cursor.at > end || seconds < firstSecond || seconds > lastSecond || nanos < 0 || nanos > 999_999_999) throw unusual;
  out.byte(0x22);
  out.ascii(new Date(seconds * 1000).toISOString().slice(0, 19));
  if (nanos > 0) {
    const digits = String(nanos).padStart(9, '0');
    out.ascii(`.${nanos % 1_000_000 === 0 ? digits.slice(0, 3) : nanos % 1_000 === 0 ? digits.slice(0, 6) : digits}`);
  }
  out.ascii('Z"');
  return true;
}
