import { formatUuid } from '@bankcrm/kernel';
import { type EntryIndex, indexOf } from '../domain/entry-index.ts';
import { digitAt, newScan, type Span, scanEntry } from '../domain/entry-scan.ts';
import { copyOut } from './copy-out.ts';

/** A connection within a transaction, whose settings stay. */
export type Snapshot = Parameters<typeof copyOut>[0];

/**
 * Takes an entry: its position, where the bytes received stand in others (good during the call only), and the columns that are not what the bytes say.
 */
export type OnEntry = (position: number, bytes: Buffer, start: number, end: number, wrongColumns: readonly string[]) => void;

/** From a position to before another one. */
export interface PositionRange {
  shard: number;
  start: bigint;
  end: bigint;
}

/** In the order in which rows are read below: first what is hashed, then what is compared with it. */
const columns = [
  'position',
  'received',
  'entry_id',
  'number',
  'event_time',
  'customer_id',
  'decision',
  'high_privilege',
  'identifying',
  'financial',
  'readable',
  'service',
  'actor',
  'operation',
  'reason',
] as const;

/** Reads entries in the order of their positions, as they come over the connection: memory for one of them is enough. */
export async function readEntries(tx: Snapshot, { shard, start, end }: PositionRange, onEntry: OnEntry): Promise<void> {
  const row = newRow();
  await copyOut(
    tx,
    `SELECT ${columns.join(', ')} FROM audit.entry
     WHERE shard = ${shard} AND position >= ${start} AND position < ${end} ORDER BY position`,
    (bytes, at) => {
      findFields(bytes, at, row);
      const receivedAt = row.start[1]!;
      const receivedEnd = receivedAt + Math.max(row.length[1]!, 0);
      const isRight = scanEntry(bytes, receivedAt, receivedEnd, scan) && isAsScanned(bytes, row);
      const wrong = isRight ? none : wrongColumns(bytes.subarray(receivedAt, receivedEnd), bytes, row);
      onEntry(numberAt(bytes, row.start[0]!), bytes, receivedAt, receivedEnd, wrong);
    },
  );
}

const none: readonly string[] = [];
const scan = newScan();

/** Where the fields of a row are; a length of -1 stands for NULL. */
interface Row {
  start: number[];
  length: number[];
}

const newRow = (): Row => ({ start: columns.map(() => 0), length: columns.map(() => -1) });

function findFields(bytes: Buffer, from: number, { start, length }: Row): void {
  let at = from + 2;
  for (let field = 0; field < columns.length; field += 1) {
    const size = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    start[field] = at + 4;
    length[field] = size;
    at += 4 + Math.max(size, 0);
  }
}

/** Bytes of each column; 0: they vary. Somebody who owns the table may allow NULLs or change a type. */
const widths = [8, 0, 16, 8, 8, 0, 4, 1, 1, 1, 1, 0, 0, 0, 0];

/** PostgreSQL counts microseconds from 2000 on. */
const postgresEpochMs = 946_684_800_000;

/** Whether the columns are what the scan has found. False: they may be all the same. What equals a column of text is text without NUL. */
function isAsScanned(bytes: Buffer, { start, length }: Row): boolean {
  return (
    haveWidths(length) &&
    isUuidOf(bytes, start[2]!, scan.entryId) &&
    numberAt(bytes, start[3]!) === scan.number &&
    numberAt(bytes, start[4]!) === (scan.eventTimeMs - postgresEpochMs) * 1000 &&
    (length[5] === -1 ? scan.customerId < 0 : scan.customerId >= 0 && isUuidOf(bytes, start[5]!, scan.customerId)) &&
    bytes.readInt32BE(start[6]!) === scan.decision &&
    (bytes[start[7]!] === 1) === scan.highPrivilege &&
    (bytes[start[8]!] === 1) === scan.identifying &&
    (bytes[start[9]!] === 1) === scan.financial &&
    bytes[start[10]!] === 1 &&
    isTextOf(bytes, start[11]!, length[11]!, scan.service) &&
    isTextOf(bytes, start[12]!, length[12]!, scan.actor) &&
    isTextOf(bytes, start[13]!, length[13]!, scan.operation) &&
    isTextOf(bytes, start[14]!, length[14]!, scan.reason)
  );
}

function haveWidths(length: readonly number[]): boolean {
  for (let at = 0; at < widths.length; at += 1) if (widths[at] !== 0 && length[at] !== widths[at]) return false;
  return true;
}

/** A 64-bit integer; inexact beyond 2^53, where no scanned number is. */
const numberAt = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);

function isTextOf(bytes: Buffer, start: number, length: number, span: Span): boolean {
  if (length !== span.end - span.start) return false;
  for (let at = 0; at < length; at += 1) if (bytes[start + at] !== bytes[span.start + at]) return false;
  return true;
}

/** Whether 16 bytes are the UUID whose text stands somewhere else. */
function isUuidOf(bytes: Buffer, start: number, text: number): boolean {
  let at = text;
  for (let index = 0; index < 16; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) at += 1;
    if (bytes[start + index] !== digitAt(bytes, at) * 16 + digitAt(bytes, at + 1)) return false;
    at += 2;
  }
  return true;
}

/** Of any row, by the index of what was received. */
function wrongColumns(received: Uint8Array, bytes: Buffer, row: Row): string[] {
  const expected = valuesOf(indexOf(received));
  return columns.slice(2).filter((name, at) => {
    const field = at + 2;
    const size = row.length[field]!;
    const start = row.start[field]!;
    const found = size === -1 ? null : readers[name as keyof typeof readers](bytes.subarray(start, start + size));
    return found !== expected[name as keyof typeof expected];
  });
}

const valuesOf = (index: EntryIndex) => ({
  entry_id: index.entryId,
  number: index.number,
  event_time: BigInt(index.eventTime.getTime() - postgresEpochMs) * 1000n,
  customer_id: index.customerId,
  decision: index.decision,
  high_privilege: index.highPrivilege,
  identifying: index.identifying,
  financial: index.financial,
  readable: index.readable,
  service: index.service,
  actor: index.actor,
  operation: index.operation,
  reason: index.reason,
});

const text = (bytes: Buffer): string => bytes.toString('utf8');
const bool = (bytes: Buffer): boolean => bytes[0] === 1;
const int8 = (bytes: Buffer): bigint => bytes.readBigInt64BE(0);
const readers: Record<keyof ReturnType<typeof valuesOf>, (bytes: Buffer) => unknown> = {
  entry_id: formatUuid,
  number: int8,
  event_time: int8,
  customer_id: formatUuid,
  decision: (bytes) => bytes.readInt32BE(0),
  high_privilege: bool,
  identifying: bool,
  financial: bool,
  readable: bool,
  service: text,
  actor: text,
  operation: text,
  reason: text,
};
