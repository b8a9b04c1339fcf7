/**
 * Columns of a batch as PostgreSQL arrays in binary format (src/backend/utils/adt/arrayfuncs.c, array_recv), for
 * `INSERT … SELECT FROM unnest($1::uuid[], $2::int8[] …)`. A set travels as one parameter per column that neither side
 * has to write or parse as text: that is what lets one INSERT keep up with COPY, which row-level security does not allow.
 *
 * Each column is given its values, or rows and how to read the value of one.
 */

/** Seconds between the epochs of PostgreSQL (2000-01-01) and JavaScript. */
const postgresEpochMs = 946_684_800_000;
const dayMs = 86_400_000;

/** What Node throws for a number too large for its bytes, for the other values that a column cannot hold. */
const misfit = (what: string): RangeError => Object.assign(new RangeError(`not a ${what}`), { code: 'ERR_OUT_OF_RANGE' });

const headerBytes = 20;

/** Writes one dimension of elements behind room for the header; an empty array has no dimension. */
function finish(buffer: Buffer, end: number, elementOid: number, count: number, hasNull: boolean): Buffer {
  buffer.writeInt32BE(count === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(elementOid, 8);
  if (count === 0) return buffer.subarray(0, 12);
  buffer.writeInt32BE(count, 12);
  buffer.writeInt32BE(1, 16);
  return buffer.subarray(0, end);
}

/** A column of rows: one array, each value read from its row as it is written. Null stands for NULL. */
interface Column<T> {
  (values: readonly (T | null)[]): Buffer;
  <Row>(rows: readonly Row[], read: (row: Row) => T | null): Buffer;
}

const itself = (value: unknown): unknown => value;

/** Elements of one width. */
function fixed<T>(oid: number, width: number, write: (value: T, buffer: Buffer, at: number, view: DataView) => void): Column<T> {
  return (rows: readonly unknown[], read: (row: never) => unknown = itself): Buffer => {
    const buffer = Buffer.allocUnsafe(headerBytes + rows.length * (4 + width));
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    let at = headerBytes;
    let hasNull = false;
    for (const row of rows) {
      const value = read(row as never) as T | null;
      if (value === null) {
        hasNull = true;
        view.setInt32(at, -1);
        at += 4;
        continue;
      }
      view.setInt32(at, width);
      write(value, buffer, at + 4, view);
      at += 4 + width;
    }
    return finish(buffer, at, oid, rows.length, hasNull);
  };
}

/** Elements of varying width: `most` is the room that a value may need, `write` says how much it took. */
function varying<T>(oid: number, most: (value: T) => number, write: (value: T, buffer: Buffer, at: number) => number): Column<T> {
  return (rows: readonly unknown[], read: (row: never) => unknown = itself): Buffer => {
    let buffer = Buffer.allocUnsafe(headerBytes + rows.length * 24);
    let at = headerBytes;
    let hasNull = false;
    for (const row of rows) {
      const value = read(row as never) as T | null;
      const end = at + 4 + (value === null ? 0 : most(value));
      if (end > buffer.length) {
        const larger = Buffer.allocUnsafe(Math.max(end, buffer.length * 2));
        buffer.copy(larger, 0, 0, at);
        buffer = larger;
      }
      hasNull ||= value === null;
      const bytes = value === null ? 0 : write(value, buffer, at + 4);
      writeLength(buffer, at, value === null ? -1 : bytes);
      at += 4 + bytes;
    }
    return finish(buffer, at, oid, rows.length, hasNull);
  };
}

/** By hand: Node's own writing checks a range that cannot be left here, several times in each row. */
function writeLength(buffer: Buffer, at: number, length: number): void {
  buffer[at] = length >> 24;
  buffer[at + 1] = length >> 16;
  buffer[at + 2] = length >> 8;
  buffer[at + 3] = length;
}

/** 16-byte buffers, or UUID texts. Fewer bytes would leave what the memory held before in the row. */
export const uuids = fixed<Buffer | string>(2950, 16, (value, buffer, at) => {
  if (typeof value === 'string') {
    if (writeUuid(value, buffer, at)) return;
    const hex = value.replaceAll('-', '');
    if (hex.length !== 32 || buffer.write(hex, at, 16, 'hex') !== 16) throw misfit('UUID');
    return;
  }
  if (value.length !== 16) throw misfit('UUID');
  for (let index = 0; index < 16; index += 1) buffer[at + index] = value[index]!;
});
/** The value of a hexadecimal digit by its character code; 16 and more for what is none. */
const digits = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 255 : digit;
});
const digitAt = (value: string, at: number): number => digits[value.charCodeAt(at)] ?? 255;

/** As most are written: 8-4-4-4-12. False for one written otherwise, or none. By hand: making two texts of one takes three times as long. */
function writeUuid(value: string, buffer: Buffer, at: number): boolean {
  if (value.length !== 36) return false;
  let from = 0;
  for (let index = 0; index < 16; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) {
      if (value.charCodeAt(from) !== 0x2d) return false;
      from += 1;
    }
    const high = digitAt(value, from);
    const low = digitAt(value, from + 1);
    if ((high | low) > 15) return false;
    buffer[at + index] = (high << 4) | low;
    from += 2;
  }
  return true;
}
export const int8s = fixed<bigint>(20, 8, (value, _buffer, at, view) => {
  if (BigInt.asIntN(64, value) !== value) throw misfit('64-bit integer');
  view.setBigInt64(at, value);
});
export const int4s = fixed<number>(23, 4, (value, buffer, at) => void buffer.writeInt32BE(value, at));
export const bools = fixed<boolean>(16, 1, (value, buffer, at) => void buffer.writeUInt8(value ? 1 : 0, at));
export const timestamps = fixed<Date>(1184, 8, (value, _buffer, at, view) => {
  const ms = value.getTime();
  if (Number.isNaN(ms)) throw misfit('time');
  view.setBigInt64(at, BigInt(ms - postgresEpochMs) * 1000n);
});
/** Civil dates as `YYYY-MM-DD`. JavaScript would take 30 February for 2 March. */
export const dates = fixed<string>(1082, 4, (value, _buffer, at, view) => view.setInt32(at, daysSincePostgresEpoch(value)));

/** Days seen before: a bank's rows name few different ones, and working one out costs more than remembering it. */
const knownDays = new Map<string, number>();
const maxKnownDays = 50_000;

function daysSincePostgresEpoch(text: string): number {
  const known = knownDays.get(text);
  if (known !== undefined) return known;
  const date = new Date(`${text}T00:00:00Z`);
  if (text.length !== 10 || date.getUTCDate() !== Number(text.slice(8))) throw misfit('date');
  const days = (date.getTime() - postgresEpochMs) / dayMs;
  if (knownDays.size < maxKnownDays) knownDays.set(text, days);
  return days;
}

/** Texts without NUL characters, which PostgreSQL cannot hold. */
export const texts = varying<string>(25, (value) => value.length * 3, writeText);
export const byteas = varying<Uint8Array>(
  17,
  (value) => value.byteLength,
  (value, buffer, at) => {
    if (value.byteLength > mostByHand) buffer.set(value, at);
    else for (let index = 0; index < value.byteLength; index += 1) buffer[at + index] = value[index]!;
    return value.byteLength;
  },
);

/** Up to this many bytes a loop is faster than calling out. */
const mostByHand = 64;

/** Most texts are short and ASCII. */
function writeText(value: string, buffer: Buffer, at: number): number {
  if (value.length > mostByHand) return buffer.write(value, at);
  for (let index = 0; index < value.length; index += 1) {
    const unit = value.charCodeAt(index);
    if (unit > 0x7f) return buffer.write(value, at);
    buffer[at + index] = unit;
  }
  return value.length;
}
