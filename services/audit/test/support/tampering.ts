import { createHash, randomUUID } from 'node:crypto';
import { Head } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import type pg from 'pg';
import { chainHash, nothingBefore } from '../../src/domain/batch.ts';
import { decodedIndexOf } from '../../src/domain/entry-index.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { append, emptyFrontier, frontierRoot, leafHash, rootOf } from '../../src/domain/merkle.ts';
import { bytesOf, entry, type LogBench } from './log.ts';
import type { Anchors } from './verifying.ts';

/** Numbers that look random and come again with the same seed (mulberry32). */
export function randomOf(seed: number) {
  let state = seed;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(unit() * limit);
  return {
    below,
    pick: <T>(from: readonly T[]): T => from[below(from.length)]!,
    chance: (share: number): boolean => unit() < share,
  };
}

export type Random = ReturnType<typeof randomOf>;

export interface EntryRow {
  shard: number;
  position: bigint;
  entry_id: string;
  received: Buffer;
  [column: string]: unknown;
}
export interface BatchRow {
  shard: number;
  first_position: bigint;
  size: number;
  root: Buffer;
  previous: Buffer;
  head_number: bigint | null;
  receive_time: Date;
}
export interface HeadRow {
  number: bigint;
  head: Buffer;
  [column: string]: unknown;
}

/** All rows of a log. */
export interface LogRows {
  entries: EntryRow[];
  batches: BatchRow[];
  heads: HeadRow[];
  shards: { shard: number; next_position: bigint; chain: Buffer }[];
}

export async function readRows(client: pg.ClientBase): Promise<LogRows> {
  const { rows: entries } = await client.query('SELECT * FROM audit.entry ORDER BY shard, position');
  const { rows: batches } = await client.query('SELECT * FROM audit.batch ORDER BY shard, first_position');
  const { rows: heads } = await client.query('SELECT * FROM audit.head ORDER BY number');
  const { rows: shards } = await client.query('SELECT * FROM audit.shard ORDER BY shard');
  return { entries, batches, heads, shards };
}

const originals = 'original_entry';

/** Keeps the entries as they are now beside the log, so that `readChanged` can tell what is another. */
export async function keepOriginals(client: pg.ClientBase): Promise<void> {
  await client.query(
    `CREATE TABLE ${originals} AS TABLE audit.entry; ALTER TABLE ${originals} ADD PRIMARY KEY (shard, position); ANALYZE ${originals}`,
  );
}

/** All rows as they are now. Only entries that are not as they were are read: there are many. */
export async function readChanged(client: pg.ClientBase, before: LogRows): Promise<LogRows> {
  const { rows: fresh } = await client.query<EntryRow>(
    `SELECT entry.* FROM audit.entry LEFT JOIN ${originals} AS original USING (shard, position) WHERE original IS DISTINCT FROM entry`,
  );
  const { rows: gone } = await client.query<{ key: string }>(
    `SELECT shard || '/' || position AS key FROM ${originals} AS original
     WHERE NOT EXISTS (SELECT FROM audit.entry WHERE entry.shard = original.shard AND entry.position = original.position AND entry IS NOT DISTINCT FROM original)`,
  );
  const { rows: batches } = await client.query<BatchRow>('SELECT * FROM audit.batch ORDER BY shard, first_position');
  const { rows: heads } = await client.query<HeadRow>('SELECT * FROM audit.head ORDER BY number');
  const { rows: shards } = await client.query<LogRows['shards'][number]>('SELECT * FROM audit.shard ORDER BY shard');
  const isGone = new Set(gone.map(({ key }) => key));
  const kept = before.entries.filter(({ shard, position }) => !isGone.has(`${shard}/${position}`));
  return { entries: [...kept, ...fresh], batches, heads, shards };
}

/** A log of some shards, with batches of 1 to 60 entries and heads over 1 to 9 of them; what came twice was sent twice. */
export async function fillLog(
  log: LogBench,
  { entries, shards, seed }: { entries: number; shards: number; seed: number },
): Promise<void> {
  const random = randomOf(seed);
  let sent: (Buffer | null)[] = [];
  let count = 0;
  for (let batch = 0; count < entries; batch += 1) {
    const size = random.chance(0.15) ? 1 : 1 + random.below(60);
    const values = Array.from({ length: size }, (_, at) =>
      random.chance(0.02) ? Buffer.from(`rubbish ${count + at}`) : bytesOf(entry({ number: BigInt(count + at + 1) })),
    );
    await log.append(batch % shards, random.chance(0.2) ? [...sent, ...values] : values);
    sent = values;
    count += size;
    if (random.chance(0.25)) await log.make();
    if (random.chance(0.1)) await log.anchor();
  }
  await log.settle();
}

// ── what has to be found: the rows as they are now beside those that were signed, byte by byte, without a single hash

const same = (one: unknown, other: unknown): boolean =>
  one instanceof Uint8Array && other instanceof Uint8Array
    ? Buffer.compare(one, other) === 0
    : one instanceof Date && other instanceof Date
      ? one.getTime() === other.getTime()
      : one === other;

const differs = (one: object, other: object, except: readonly string[]): boolean =>
  Object.keys(one).some(
    (column) => !except.includes(column) && !same(one[column as keyof object], other[column as keyof object]),
  );

/** Keys of the places where rows are not as they were when everything was anchored. */
export function placesOf(before: LogRows, now: LogRows): Set<string> {
  const places = new Set<string>();
  const at = new Map<string, EntryRow[]>();
  for (const row of now.entries) {
    const key = `${row.shard}/${row.position}`;
    at.set(key, [...(at.get(key) ?? []), row]);
  }
  const original = new Map(before.entries.map((row) => [`${row.shard}/${row.position}`, row]));
  for (const { shard, first_position: first, size } of before.batches) {
    let isWhole = true;
    let isChanged = false;
    let run: [bigint, bigint] | undefined;
    const endRun = (): void => {
      if (run) places.add(`E ${shard} ${run[0]}-${run[1]}`);
      run = undefined;
    };
    for (let position = first; position < first + BigInt(size); position += 1n) {
      const key = `${shard}/${position}`;
      const rows = at.get(key) ?? [];
      at.delete(key);
      if (rows.length === 0) {
        isWhole = false;
        run = [run?.[0] ?? position, position];
        continue;
      }
      endRun();
      if (rows.length > 1) {
        isWhole = false;
        places.add(`E ${shard} ${position}-${position}`);
      }
      const [row] = rows as [EntryRow];
      const was = original.get(key)!;
      if (!same(row.received, was.received)) isChanged = true;
      if (differs(row, was, []) && isWronglyFound(row)) places.add(`E ${shard} ${position}-${position}`);
    }
    endRun();
    if (isWhole && isChanged) places.add(`E ${shard} ${first}-${first + BigInt(size) - 1n}`);
  }
  for (const [row] of at.values()) places.add(`E ${row!.shard} ${row!.position}-${row!.position}`);
  compare(before.batches, now.batches, ({ shard, first_position }) => `B ${shard} ${first_position}`, ['receive_time'], places);
  compare(before.heads, now.heads, ({ number }) => `H ${number}`, [], places);
  compare(before.shards, now.shards, ({ shard }) => `S ${shard}`, [], places);
  return places;
}

function compare<Row extends object>(
  before: readonly Row[],
  now: readonly Row[],
  keyOf: (row: Row) => string,
  except: readonly string[],
  places: Set<string>,
): void {
  const rest = new Map(now.map((row) => [keyOf(row), row]));
  for (const row of before) {
    const found = rest.get(keyOf(row));
    rest.delete(keyOf(row));
    if (found === undefined || differs(row, found, except)) places.add(keyOf(row));
  }
  for (const key of rest.keys()) places.add(key);
}

/** Whether a row's columns are not those of its bytes, as the decoder of the contract reads them. */
function isWronglyFound(row: EntryRow): boolean {
  const columns = columnsOf(row.received);
  return Object.entries(columns).some(([column, value]) => !same(row[column], value));
}

export function columnsOf(received: Buffer) {
  const index = decodedIndexOf(received);
  return {
    entry_id: index.entryId,
    number: index.number,
    event_time: index.eventTime,
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
  };
}

/** Keys of the places that findings name. */
export function placesFound(found: readonly Finding[]): Set<string> {
  const places = new Set<string>();
  for (const { place } of found) {
    if (place.of === 'ENTRIES') places.add(`E ${place.shard} ${place.first}-${place.last}`);
    else if (place.of === 'BATCH') places.add(`B ${place.shard} ${place.first}`);
    else if (place.of === 'SHARD') places.add(`S ${place.shard}`);
    else {
      const prefix = place.of === 'HEAD' ? 'H' : `A ${place.anchor}`;
      for (let head = place.head; head <= (place.lastHead ?? place.head); head += 1n) places.add(`${prefix} ${head}`);
    }
  }
  return places;
}

// ── what somebody does who owns the database

type Attack = (client: pg.ClientBase, rows: LogRows, random: Random) => Promise<unknown>;

const bigBelow = (random: Random, limit: bigint): bigint => BigInt(random.below(Number(limit)));
const foreignShard = 99;

function flipped(bytes: Buffer, random: Random): Buffer {
  const other = Buffer.from(bytes);
  const at = random.below(other.length);
  other[at] = other[at]! ^ (1 << random.below(8));
  return other;
}

/** Another value for a column. */
const others: Record<string, (row: EntryRow, random: Random) => unknown> = {
  entry_id: () => randomUUID(),
  number: (row, random) => (row.number as bigint) + 1n + bigBelow(random, 1000n),
  event_time: (row, random) => new Date((row.event_time as Date).getTime() + 1 + random.below(1000)),
  customer_id: (row) => (row.customer_id === null ? randomUUID() : null),
  decision: (row) => ((row.decision as number) + 1) % 4,
  high_privilege: (row) => !row.high_privilege,
  identifying: (row) => !row.identifying,
  financial: (row) => !row.financial,
  readable: (row) => !row.readable,
  service: (row) => `${row.service}x`,
  actor: () => `staff/${randomUUID()}`,
  operation: (row) => `${row.operation}é`,
  reason: (row) => `${row.reason}X`,
};

const setEntry = (client: pg.ClientBase, { shard, position }: EntryRow, column: string, value: unknown) =>
  client.query(`UPDATE audit.entry SET ${column} = $3 WHERE shard = $1 AND position = $2`, [shard, position, value]);

const deleteEntry = (client: pg.ClientBase, { shard, position }: EntryRow) =>
  client.query('DELETE FROM audit.entry WHERE shard = $1 AND position = $2', [shard, position]);

async function insertEntry(client: pg.ClientBase, row: Omit<EntryRow, 'entry_id'>): Promise<void> {
  const columns = Object.keys(row);
  await client.query(
    `INSERT INTO audit.entry (${columns.join(', ')}) VALUES (${columns.map((_, at) => `$${at + 1}`).join(', ')})`,
    Object.values(row),
  );
}

/** Moves all entries of a shard from a position on. */
async function shift(client: pg.ClientBase, shard: number, from: bigint, by: bigint): Promise<void> {
  // By way of positions that nobody has: the key is checked row by row.
  const far = 1_000_000_000n;
  await client.query('UPDATE audit.entry SET position = position + $3 WHERE shard = $1 AND position >= $2', [shard, from, far]);
  await client.query('UPDATE audit.entry SET position = position - $3 WHERE shard = $1 AND position >= $2', [
    shard,
    far,
    far - by,
  ]);
}

/** A new entry with the columns that fit. */
function forged(random: Random): { received: Buffer } & ReturnType<typeof columnsOf> {
  const received = bytesOf(entry({ number: 1n + BigInt(random.below(1_000_000)), reason: 'FORGED' }));
  return { ...columnsOf(received), received };
}

const editOf =
  (column: string): Attack =>
  (client, { entries }, random) => {
    const row = random.pick(entries);
    return setEntry(client, row, column, others[column]!(row, random));
  };

const editColumn: Attack = (client, rows, random) => editOf(random.pick(Object.keys(others)))(client, rows, random);

const editBytes: Attack = async (client, { entries }, random) => {
  const row = random.pick(entries);
  await setEntry(client, row, 'received', flipped(row.received, random));
};

/** Bytes and columns are changed so that they fit each other. */
const replaceEntry: Attack = async (client, { entries }, random) => {
  const { shard, position } = random.pick(entries);
  await client.query('DELETE FROM audit.entry WHERE shard = $1 AND position = $2', [shard, position]);
  await insertEntry(client, { shard, position, ...forged(random) });
};

const deleteSome: Attack = async (client, { entries }, random) => {
  const start = random.below(entries.length);
  for (const row of entries.slice(start, start + 1 + random.below(5))) await deleteEntry(client, row);
};

/** Deletes and closes the hole. */
const deleteAndShift: Attack = async (client, { entries }, random) => {
  const row = random.pick(entries);
  await deleteEntry(client, row);
  await shift(client, row.shard, row.position + 1n, -1n);
};

const insertAndShift: Attack = async (client, { entries }, random) => {
  const { shard, position } = random.pick(entries);
  await shift(client, shard, position, 1n);
  await insertEntry(client, { shard, position, ...forged(random) });
};

const insertOutside: Attack = (client, { shards }, random) => {
  const { shard, next_position } = random.pick(shards);
  const position = random.pick([-1n - bigBelow(random, 9n), next_position + bigBelow(random, 9n)]);
  return insertEntry(client, { shard: random.pick([shard, foreignShard, -1]), position, ...forged(random) });
};

/** A second entry at the position of another one: somebody who owns the table may drop its key. */
const insertDouble: Attack = async (client, { entries }, random) => {
  await client.query('ALTER TABLE audit.entry DROP CONSTRAINT entry_pkey');
  const { shard, position } = random.pick(entries);
  await insertEntry(client, { shard, position, ...forged(random) });
};

const swapEntries: Attack = async (client, { entries }, random) => {
  const one = random.pick(entries);
  const sameShard = entries.filter(({ shard }) => shard === one.shard);
  const other = random.chance(0.5) ? random.pick(sameShard) : random.pick(entries);
  if (one === other) {
    await editColumn(client, { entries } as LogRows, random);
    return;
  }
  await deleteEntry(client, one);
  await deleteEntry(client, other);
  await insertEntry(client, { ...one, shard: other.shard, position: other.position });
  await insertEntry(client, { ...other, shard: one.shard, position: one.position });
};

const truncateShard: Attack = async (client, { entries }, random) => {
  const { shard, position } = random.pick(entries);
  await client.query('DELETE FROM audit.entry WHERE shard = $1 AND position >= $2', [shard, position]);
};

/** Other values for the columns of a batch. */
function batchEdits(row: BatchRow, { batches, shards }: LogRows, random: Random): Record<string, () => unknown> {
  const end = shards.find(({ shard }) => shard === row.shard)!.next_position;
  const firsts = new Set(batches.filter(({ shard }) => shard === row.shard).map(({ first_position }) => first_position));
  const elsewhere = (): bigint => {
    for (;;) {
      const position = bigBelow(random, end + 20n) - 10n;
      if (!firsts.has(position) && position !== end) return position;
    }
  };
  return {
    size: () => row.size + random.pick([-1, 1, 7]),
    root: () => flipped(row.root, random),
    previous: () => flipped(row.previous, random),
    head_number: () => random.pick([null, row.head_number! + 1n, 10_000n]),
    first_position: elsewhere,
    shard: () => foreignShard,
  };
}

const editBatchColumn =
  (column: string): Attack =>
  async (client, rows, random) => {
    // The first batch of a shard that nobody knows would be right there.
    const row = random.pick(rows.batches.filter(({ first_position }) => first_position > 0n));
    await client.query(`UPDATE audit.batch SET ${column} = $3 WHERE shard = $1 AND first_position = $2`, [
      row.shard,
      row.first_position,
      batchEdits(row, rows, random)[column]!(),
    ]);
  };

const batchColumns = ['size', 'root', 'previous', 'head_number', 'first_position', 'shard'];
const editBatch: Attack = (client, rows, random) => editBatchColumn(random.pick(batchColumns))(client, rows, random);

const deleteBatch: Attack = (client, { batches }, random) => {
  const { shard, first_position } = random.pick(batches);
  return client.query('DELETE FROM audit.batch WHERE shard = $1 AND first_position = $2', [shard, first_position]);
};

const insertBatch: Attack = (client, { batches }, random) => {
  const row = random.pick(batches.filter(({ size }) => size > 1));
  return client.query(
    'INSERT INTO audit.batch (shard, first_position, size, root, previous, head_number, receive_time) VALUES ($1, $2, $3, $4, $5, $6, $7)',
    [row.shard, row.first_position + 1n, 1, row.root, row.previous, random.pick([null, row.head_number]), row.receive_time],
  );
};

/** Other values for the columns of a head. */
const headEdits = (row: HeadRow, { heads }: LogRows, random: Random): Record<string, () => unknown> => ({
  head: () => flipped(row.head, random),
  signature: () => flipped(row.signature as Buffer, random),
  key_version: () => (row.key_version as number) + 1,
  sign_time: () => new Date((row.sign_time as Date).getTime() + 1),
  entry_count: () => (row.entry_count as bigint) - 1n,
  batch_count: () => (row.batch_count as bigint) + 1n,
  frontier: () => flipped(row.frontier as Buffer, random),
  number: () => random.pick([-row.number, 0n, BigInt(heads.length) + 1n, BigInt(heads.length) + 50n]),
  anchor_time: () => null,
});

const editHeadColumn =
  (column: string): Attack =>
  (client, rows, random) => {
    // The newest head may wait for being noted as anchored.
    const row = random.pick(column === 'anchor_time' ? rows.heads.slice(0, -1) : rows.heads);
    const value = headEdits(row, rows, random)[column]!();
    return client.query(`UPDATE audit.head SET ${column} = $2 WHERE number = $1`, [row.number, value]);
  };

const headColumns = [
  'head',
  'signature',
  'key_version',
  'sign_time',
  'entry_count',
  'batch_count',
  'frontier',
  'number',
  'anchor_time',
];
const editHead: Attack = (client, rows, random) => editHeadColumn(random.pick(headColumns))(client, rows, random);

const deleteHeads: Attack = (client, { heads }, random) => {
  const { number } = random.pick(heads);
  return client.query(`DELETE FROM audit.head WHERE number ${random.pick(['=', '>=', '<='])} $1`, [number]);
};

const insertHead: Attack = (client, { heads }, random) =>
  client.query(
    `INSERT INTO audit.head (number, head, signature, key_version, sign_time, entry_count, batch_count, frontier)
     SELECT $2, head, signature, key_version, sign_time, entry_count, batch_count, frontier FROM audit.head WHERE number = $1`,
    [random.pick(heads).number, random.pick([0n, -5n, BigInt(heads.length) + 1n, BigInt(heads.length) + 9n])],
  );

const editShard: Attack = (client, { shards }, random) => {
  const { shard, chain } = random.pick(shards);
  const ways = [
    () =>
      client.query('UPDATE audit.shard SET next_position = next_position + $2 WHERE shard = $1', [
        shard,
        random.pick([-1, 1, 60]),
      ]),
    () => client.query('UPDATE audit.shard SET chain = $2 WHERE shard = $1', [shard, flipped(chain, random)]),
    () => client.query('DELETE FROM audit.shard WHERE shard = $1', [shard]),
    () => client.query('INSERT INTO audit.shard (shard, next_position, chain) VALUES ($1, 5, $2)', [foreignShard, chain]),
    () => client.query('UPDATE audit.shard SET shard = $2 WHERE shard = $1', [shard, foreignShard]),
  ];
  return random.pick(ways)();
};

/**
 * Computes everything anew over the entries that are there now, as somebody would who owns the database and knows all of this but has no key: batches with their
 * roots and chain, ends of shards, heads with their trees and frontiers, under the signatures of old.
 */
async function recompute(client: pg.ClientBase, { batches, heads }: LogRows): Promise<void> {
  const { rows: entries } = await client.query<EntryRow>(
    'SELECT shard, position, received FROM audit.entry ORDER BY shard, position',
  );
  const chains = new Map<number, Buffer>();
  const ends = new Map<number, bigint>();
  const renewed = new Map<string, BatchRow>();
  const ofShard = Map.groupBy(entries, ({ shard }) => shard);
  for (const batch of batches) {
    const { shard, first_position: first } = batch;
    const isLast = !batches.some((other) => other.shard === shard && other.first_position > first);
    const end = isLast ? 2n ** 62n : first + BigInt(batch.size);
    const held = (ofShard.get(shard) ?? []).filter(({ position }) => position >= first && position < end);
    if (held.length === 0) continue;
    const previous = chains.get(shard) ?? nothingBefore;
    const fresh = { ...batch, size: held.length, root: rootOf(held.map(({ received }) => leafHash(received))), previous };
    chains.set(shard, chainHash({ shard, firstPosition: first, size: fresh.size, root: fresh.root, previous }));
    ends.set(shard, first + BigInt(fresh.size));
    renewed.set(`${shard}/${first}`, fresh);
  }
  for (const { shard, first_position } of batches) {
    const fresh = renewed.get(`${shard}/${first_position}`);
    if (fresh === undefined) {
      await client.query('DELETE FROM audit.batch WHERE shard = $1 AND first_position = $2', [shard, first_position]);
    }
  }
  const changed = [...renewed.values()].filter((fresh) => {
    const was = batches.find(({ shard, first_position }) => shard === fresh.shard && first_position === fresh.first_position)!;
    return differs(was, fresh, []);
  });
  await client.query(
    `UPDATE audit.batch SET size = fresh.size, root = fresh.root, previous = fresh.previous
     FROM unnest($1::int4[], $2::int8[], $3::int4[], $4::bytea[], $5::bytea[]) AS fresh (shard, first_position, size, root, previous)
     WHERE batch.shard = fresh.shard AND batch.first_position = fresh.first_position`,
    [
      changed.map(({ shard }) => shard),
      changed.map(({ first_position }) => first_position),
      changed.map(({ size }) => size),
      changed.map(({ root }) => root),
      changed.map(({ previous }) => previous),
    ],
  );
  for (const [shard, end] of ends) {
    await client.query('UPDATE audit.shard SET next_position = $2, chain = $3 WHERE shard = $1', [shard, end, chains.get(shard)]);
  }
  let frontier = emptyFrontier;
  let entryCount = 0n;
  let previous: Buffer = nothingBefore;
  for (const row of heads) {
    const old = Head.decode(row.head);
    const fresh = old.batches.flatMap(({ shard, firstPosition }) => {
      const batch = renewed.get(`${shard}/${firstPosition}`);
      return batch ? [{ shard, firstPosition, size: batch.size, root: batch.root, previous: batch.previous }] : [];
    });
    frontier = fresh.map(chainHash).reduce(append, frontier);
    entryCount += fresh.reduce((sum, { size }) => sum + BigInt(size), 0n);
    const head = Buffer.from(
      Head.encode({
        ...old,
        previous,
        batches: fresh,
        entryCount,
        batchCount: frontier.size,
        root: frontierRoot(frontier),
      }).finish(),
    );
    previous = createHash('sha256').update(head).digest();
    if (head.equals(row.head)) continue;
    await client.query('UPDATE audit.head SET head = $2, entry_count = $3, batch_count = $4, frontier = $5 WHERE number = $1', [
      row.number,
      head,
      entryCount,
      frontier.size,
      Buffer.concat(frontier.hashes),
    ]);
  }
}

const recomputed =
  (attack: Attack): Attack =>
  async (client, rows, random) => {
    await attack(client, rows, random);
    await recompute(client, rows);
  };

/** Everything of the newest heads is taken back: their entries, batches, ends and rows. */
const setBack: Attack = async (client, rows, random) => {
  const { number } = random.pick(rows.heads);
  await client.query(
    `DELETE FROM audit.entry USING audit.batch WHERE head_number >= $1 AND entry.shard = batch.shard
       AND position >= first_position AND position < first_position + size`,
    [number],
  );
  await client.query('DELETE FROM audit.batch WHERE head_number >= $1', [number]);
  await client.query('DELETE FROM audit.head WHERE number >= $1', [number]);
  await client.query('DELETE FROM audit.shard');
  const { rows: lasts } = await client.query<BatchRow>(
    'SELECT DISTINCT ON (shard) * FROM audit.batch ORDER BY shard, first_position DESC',
  );
  for (const { shard, first_position, size, root, previous } of lasts) {
    const chain = chainHash({ shard, firstPosition: first_position, size, root, previous });
    await client.query('INSERT INTO audit.shard (shard, next_position, chain) VALUES ($1, $2, $3)', [
      shard,
      first_position + BigInt(size),
      chain,
    ]);
  }
};

/** Each column by itself. */
export const columnAttacks: Readonly<Record<string, Attack>> = Object.fromEntries([
  ...Object.keys(others).map((column) => [`column ${column} of an entry edited`, editOf(column)]),
  ...batchColumns.map((column) => [`column ${column} of a batch edited`, editBatchColumn(column)]),
  ...headColumns.map((column) => [`column ${column} of a head edited`, editHeadColumn(column)]),
]);

export const attacks: Readonly<Record<string, Attack>> = {
  'a column of an entry edited': editColumn,
  'bytes of an entry edited': editBytes,
  'an entry replaced': replaceEntry,
  'entries deleted': deleteSome,
  'an entry deleted and the hole closed': deleteAndShift,
  'an entry inserted among others': insertAndShift,
  'an entry inserted outside of all batches': insertOutside,
  'a second entry at a position': insertDouble,
  'entries swapped': swapEntries,
  'a shard truncated': truncateShard,
  'a batch edited': editBatch,
  'a batch deleted': deleteBatch,
  'a batch inserted': insertBatch,
  'a head edited': editHead,
  'heads deleted': deleteHeads,
  'a head inserted': insertHead,
  'the end of a shard edited': editShard,
  'the whole log set back': setBack,
  'bytes of an entry edited, all computed anew': recomputed(editBytes),
  'an entry replaced, all computed anew': recomputed(replaceEntry),
  'an entry deleted and the hole closed, all computed anew': recomputed(deleteAndShift),
  'an entry inserted among others, all computed anew': recomputed(insertAndShift),
  'entries swapped, all computed anew': recomputed(swapEntries),
  'a shard truncated, all computed anew': recomputed(truncateShard),
};

// ── what somebody does who may write into one of the anchors

/** What has to be found among the heads, and what may be found beside it: numbers of heads. */
export interface AnchorAttack {
  anchors: Anchors;
  anchor: 'file' | 'topic';
  must: bigint[];
  may: bigint[];
}

export function tamperWithAnchor(anchors: Anchors, random: Random): AnchorAttack {
  const anchor = random.pick(['file', 'topic'] as const);
  const lines = [...anchors[anchor]];
  const at = random.below(lines.length);
  const numberAt = (index: number): bigint => Head.decode(lines[index]!.signed!.head).number;
  const number = numberAt(at);
  const span = (first: bigint, last: bigint): bigint[] =>
    Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index));
  const result = (changed: typeof lines, must: bigint[], may: bigint[] = must): AnchorAttack => ({
    anchors: { ...anchors, [anchor]: changed },
    anchor,
    must,
    may,
  });
  const { signed, line } = lines[at]!;
  const ways = [
    () => result(lines.toSpliced(at, 1), [number]),
    () => result(lines.slice(0, at), span(number, numberAt(lines.length - 1))),
    () => result(lines.slice(at + 1), span(1n, number)),
    () => result(lines.with(at, { line, signed: { ...signed!, head: flipped(signed!.head, random) } }), [number], [-1n, number]),
    () => result(lines.with(at, { line, signed: { ...signed!, signature: flipped(signed!.signature, random) } }), [number]),
    () => result(lines.with(at, { line, signed: { ...signed!, keyVersion: signed!.keyVersion + 1 } }), [number]),
    () => result(lines.with(at, { line, signed: undefined }), [number]),
    () => {
      const other = at === 0 ? 1 : random.below(at);
      const [low, high] = [Math.min(at, other), Math.max(at, other)];
      const swapped = lines.with(low, lines[high]!).with(high, lines[low]!);
      return result(swapped, span(numberAt(low), numberAt(high) - 1n), span(numberAt(low), numberAt(high)));
    },
  ];
  return random.pick(ways)();
}

/** What crashes and repeated sending leave of anchors: nothing is wrong with them. */
export function roughen(anchors: Anchors, random: Random): Anchors {
  const rough = (lines: Anchors['file'], mayTear: boolean): Anchors['file'] => {
    const start = random.below(lines.length);
    const end = start + 1 + random.below(50);
    const torn = mayTear ? [{ line: 'torn', signed: undefined }] : [];
    return [...lines.slice(0, end), ...torn, ...lines.slice(start, end), ...lines.slice(end)];
  };
  return { file: rough(anchors.file, true), topic: rough(anchors.topic, false) };
}
