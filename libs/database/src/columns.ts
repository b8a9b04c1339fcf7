/**
 * Columns of a batch as PostgreSQL arrays in binary format (src/backend/utils/adt/arrayfuncs.c, array_recv), for
 * `INSERT … SELECT FROM unnest($1::uuid[], $2::int8[] …)`. A set travels as one parameter per column that neither side
 * has to write or parse as text: that is what lets one INSERT keep up with COPY, which row-level security does not allow.
 */
type Write = (buffer: Buffer, at: number) => void;

/** Seconds between the epochs of PostgreSQL (2000-01-01) and JavaScript. */
const postgresEpochMs = 946_684_800_000;
const dayMs = 86_400_000;

/** What Node throws for a number too large for its bytes, for the other values that a column cannot hold. */
const misfit = (what: string): RangeError => Object.assign(new RangeError(`not a ${what}`), { code: 'ERR_OUT_OF_RANGE' });

function header(elementOid: number, count: number, hasNull: boolean, bodyBytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(20 + bodyBytes);
  buffer.writeInt32BE(count === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(elementOid, 8);
  buffer.writeInt32BE(count, 12);
  buffer.writeInt32BE(1, 16);
  return count === 0 ? buffer.subarray(0, 12) : buffer;
}

/** Elements of one width. */
function fixed<T>(oid: number, width: number, write: (value: T, buffer: Buffer, at: number) => void) {
  return (values: readonly (T | null)[]): Buffer => {
    let nulls = 0;
    for (const value of values) if (value === null) nulls += 1;
    const buffer = header(oid, values.length, nulls > 0, values.length * (4 + width) - nulls * width);
    let at = 20;
    for (const value of values) {
      if (value === null) {
        buffer.writeInt32BE(-1, at);
        at += 4;
        continue;
      }
      buffer.writeInt32BE(width, at);
      write(value, buffer, at + 4);
      at += 4 + width;
    }
    return buffer;
  };
}

/** Elements of varying width. */
function varying<T>(oid: number, size: (value: T) => number, write: (value: T) => Write) {
  return (values: readonly (T | null)[]): Buffer => {
    let body = 0;
    let hasNull = false;
    const sizes = values.map((value) => {
      const bytes = value === null ? -1 : size(value);
      hasNull ||= bytes < 0;
      body += 4 + Math.max(bytes, 0);
      return bytes;
    });
    const buffer = header(oid, values.length, hasNull, body);
    let at = 20;
    values.forEach((value, index) => {
      const bytes = sizes[index]!;
      buffer.writeInt32BE(bytes, at);
      at += 4;
      if (value === null) return;
      write(value)(buffer, at);
      at += bytes;
    });
    return buffer;
  };
}

/** 16-byte buffers, or UUID texts. Fewer bytes would leave what the memory held before in the row. */
export const uuids = fixed<Buffer | string>(2950, 16, (value, buffer, at) => {
  const bytes = typeof value === 'string' ? hexBytes(value.replaceAll('-', ''), buffer, at) : value.copy(buffer, at, 0, 16);
  if (bytes !== 16 || (typeof value !== 'string' && value.length !== 16)) throw misfit('UUID');
});
const hexBytes = (hex: string, buffer: Buffer, at: number): number => (hex.length === 32 ? buffer.write(hex, at, 16, 'hex') : 0);
export const int8s = fixed<bigint>(20, 8, (value, buffer, at) => void buffer.writeBigInt64BE(value, at));
export const int4s = fixed<number>(23, 4, (value, buffer, at) => void buffer.writeInt32BE(value, at));
export const bools = fixed<boolean>(16, 1, (value, buffer, at) => void buffer.writeUInt8(value ? 1 : 0, at));
export const timestamps = fixed<Date>(1184, 8, (value, buffer, at) => {
  const ms = value.getTime();
  if (Number.isNaN(ms)) throw misfit('time');
  buffer.writeBigInt64BE(BigInt(ms - postgresEpochMs) * 1000n, at);
});
/** Civil dates as `YYYY-MM-DD`. JavaScript would take 30 February for 2 March. */
export const dates = fixed<string>(1082, 4, (value, buffer, at) => {
  const date = new Date(`${value}T00:00:00Z`);
  if (value.length !== 10 || date.getUTCDate() !== Number(value.slice(8))) throw misfit('date');
  buffer.writeInt32BE((date.getTime() - postgresEpochMs) / dayMs, at);
});
/** Texts without NUL characters, which PostgreSQL cannot hold. */
export const texts = varying<string>(
  25,
  (value) => Buffer.byteLength(value),
  (value) => (buffer, at) => void buffer.write(value, at),
);
export const byteas = varying<Uint8Array>(
  17,
  (value) => value.byteLength,
  (value) => (buffer, at) => void buffer.set(value, at),
);
