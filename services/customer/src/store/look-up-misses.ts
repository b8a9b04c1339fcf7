import type { BlindIndex } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import { type LookedUp, shapeOf } from '../domain/look-up-shapes.ts';
import { type Misses, shapeDays } from '../domain/look-ups.ts';

const dayMs = 86_400_000;

/** A look-up as it is kept while nobody is found: keyed hashes of its numbers and of their shapes. */
export interface KeptLookUp {
  lookUpId: string;
  /** The bank's. */
  day: string;
  time: Date;
  shapes: readonly Buffer[];
  /** Those of them that few people share. */
  rareShapes: readonly Buffer[];
  /** One for each shape. */
  numbers: readonly Buffer[];
}

export function hashed(index: BlindIndex, numbers: readonly LookedUp[]): Pick<KeptLookUp, 'shapes' | 'rareShapes' | 'numbers'> {
  const known = numbers.map((one) => {
    const { text, isRare } = shapeOf(one);
    return { shape: index.of('shape', text), isRare, number: index.of(one.kind, one.number) };
  });
  return {
    shapes: known.map(({ shape }) => shape),
    rareShapes: known.filter(({ isRare }) => isRare).map(({ shape }) => shape),
    numbers: known.map(({ number }) => number),
  };
}

/** What stands against the caller. Other look-ups of the caller wait until the transaction ends. */
export async function missesBefore(tx: Tx, { day, time, shapes, rareShapes, numbers }: KeptLookUp): Promise<Misses> {
  const since = new Date(time.getTime() - shapeDays * dayMs);
  const { rows } = await tx.query<{ today: number; of_shape: number; of_shape_together: number }>({
    name: 'look-up-misses',
    text: 'SELECT today, of_shape, of_shape_together FROM customer.look_up_misses($1, $2, $3, $4, $5)',
    values: [day, since, shapes, rareShapes, numbers],
  });
  const { today, of_shape: ofShape, of_shape_together: ofShapeTogether } = rows[0]!;
  return { today, ofShape, ofShapeTogether };
}

/** Counts a look-up as one that finds nobody, until it is taken back. */
export async function addMiss(tx: Tx, { lookUpId, day, time, shapes, numbers }: KeptLookUp): Promise<void> {
  await tx.query({
    name: 'add-look-up-miss',
    text: 'SELECT customer.add_look_up_miss($1, $2, $3, $4, $5)',
    values: [lookUpId, day, time, shapes, numbers],
  });
}

export interface FoundBy {
  /** Keyed hashes of the values that were searched. */
  searched: readonly Buffer[];
  /** Ids of the customers found, where they were found by name alone. */
  byName?: readonly string[];
}

/**
 * Takes the miss back that a look-up counts as until somebody is found, unless the caller wrote one of the values that were searched, or a name that was found.
 * For the transaction that finds somebody: what is not committed stays a miss.
 */
export async function takeMissBack(tx: Tx, lookUpId: string, { searched, byName = [] }: FoundBy): Promise<void> {
  await tx.query({
    name: 'take-look-up-miss-back',
    text: 'SELECT customer.take_look_up_miss_back($1, $2, $3)',
    values: [lookUpId, searched, byName],
  });
}

/** One day longer than the oldest miss that counts. */
const keptMs = (shapeDays + 1) * dayMs;
const sweepLimit = 5_000;

/** Forgets misses older than 31 days, at most 5,000 at once; returns how many. For the worker role, every few minutes. */
export async function sweepLookUpMisses(tx: Tx, now: Date): Promise<number> {
  const { rowCount } = await tx.query(
    `DELETE FROM customer.look_up_miss WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM customer.look_up_miss WHERE miss_time < $1 ORDER BY miss_time LIMIT ${sweepLimit}
    ))`,
    [new Date(now.getTime() - keptMs)],
  );
  return rowCount ?? 0;
}
