import { sqlState, type Tx } from '@bankcrm/database';
import { type Decode, type Decoded, type RawMessage, type Rejected, rejected } from './messages.ts';

export interface ApplyContext {
  topic: string;
  /** When the transaction began, by the service's clock. */
  now: Date;
  /** Dead letters are applied again, perhaps long after newer messages. */
  replay: boolean;
}

/**
 * Writes a set of messages of one topic in the open transaction, sorted by key and in their order within a key. Returns the ones it
 * will not apply; all others count as applied. May be called again for the same messages, whole or in parts, after a rollback.
 */
export type Apply<T> = (tx: Tx, items: readonly Decoded<T>[], context: ApplyContext) => Promise<readonly Rejected[]>;

/** Above this a value is a mistake of its producer (topics take up to 2 MiB, so that the mistake can be stored). */
export const maxValueBytes = 1_048_576;

/** Decodes what can be decoded. A decoder that throws rejects its message, not the stream. */
export function decodeAll<T>(
  messages: readonly RawMessage[],
  decode: Decode<T>,
  mostBytes = maxValueBytes,
): { items: Decoded<T>[]; letters: Rejected[] } {
  const items: Decoded<T>[] = [];
  const letters: Rejected[] = [];
  for (const raw of messages) {
    const result = decodeOne(raw, decode, mostBytes);
    if (result.ok) items.push(result);
    else letters.push(result);
  }
  return { items: sortByKey(items), letters };
}

function decodeOne<T>(raw: RawMessage, decode: Decode<T>, mostBytes: number): Decoded<T> | Rejected {
  if ((raw.value?.length ?? 0) > mostBytes) return rejected(raw, 'TOO_LARGE');
  try {
    return decode(raw);
  } catch {
    return rejected(raw, 'DECODE_FAILED');
  }
}

/** Rows are locked in one order by all, or two partitions' transactions deadlock. The sort is stable: a key's messages keep their order. */
function sortByKey<T>(items: Decoded<T>[]): Decoded<T>[] {
  // Read once as text of one byte a character, which sorts as the bytes do and compares without calling out.
  const keyed = items.map((item) => ({ item, key: item.raw.key?.toString('latin1') ?? '' }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed.map(({ item }) => item);
}

/**
 * The data is at fault, not the connection or the server: SQLSTATE classes 22 (data exception), 23 (integrity constraint violation)
 * and 54 (program limit exceeded: a value too long for an index), or a number that does not fit its binary column.
 */
export function isDataError(error: unknown): boolean {
  return /^(22|23|54)/.test(sqlState(error) ?? '') || (error as { code?: unknown } | null)?.code === 'ERR_OUT_OF_RANGE';
}

/**
 * Applies a set in which some messages are refused by the database: halves it behind savepoints until each culprit stands alone and
 * is returned as `REJECTED_BY_DATABASE` with its SQLSTATE for a field; all others are applied.
 */
export async function applyBisecting<T>(
  tx: Tx,
  apply: Apply<T>,
  items: readonly Decoded<T>[],
  context: ApplyContext,
): Promise<readonly Rejected[]> {
  if (items.length === 0) return [];
  await tx.query('SAVEPOINT part');
  try {
    const letters = await apply(tx, items, context);
    // A deferred constraint would otherwise speak up at the commit, where nobody can tell whose fault it is.
    await tx.query('SET CONSTRAINTS ALL IMMEDIATE');
    await tx.query('SET CONSTRAINTS ALL DEFERRED');
    await tx.query('RELEASE SAVEPOINT part');
    return letters;
  } catch (error) {
    if (!isDataError(error)) throw error;
    await tx.query('ROLLBACK TO SAVEPOINT part');
    await tx.query('RELEASE SAVEPOINT part');
    if (items.length === 1) return [rejected(items[0]!.raw, 'REJECTED_BY_DATABASE', sqlState(error) ?? 'out_of_range')];
    const half = items.length >> 1;
    const first = await applyBisecting(tx, apply, items.slice(0, half), context);
    return [...first, ...(await applyBisecting(tx, apply, items.slice(half), context))];
  }
}
