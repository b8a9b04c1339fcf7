import type pg from 'pg';

/** Where a feed stands at one moment. */
export interface Standing {
  /** All that was committed before it is visible to a statement that comes later. */
  time: Date;
  /** Transactions below this id had all ended. */
  xmin: bigint;
  /** Transactions from this id on had not begun. */
  xmax: bigint;
  /** All keys were marked in the present epoch, at least once. */
  isComplete: boolean;
  marking: Marking;
}

/**
 * The marking of all keys of a feed. It is wanted when they were never marked in the present epoch, and when a person asked. `lastKey` is the last key marked so
 * far, '' before the first.
 */
export type Marking = { state: 'NOT_WANTED' } | { state: 'TO_BEGIN' } | { state: 'RUNNING'; lastKey: string };

/** Makes a feed known; nothing where it is. */
export async function insertFeed(client: pg.ClientBase, feed: string): Promise<void> {
  await client.query('INSERT INTO events.state_feed (topic) VALUES ($1) ON CONFLICT DO NOTHING', [feed]);
}

/**
 * Looks outside a transaction: there `now()` is taken before the snapshot, so that whatever was committed before it is in the snapshot. The clock is cut to
 * milliseconds, which makes it earlier.
 */
export async function readStanding(client: pg.ClientBase, feed: string): Promise<Standing> {
  const { rows } = await client.query<StandingRow>({
    name: 'events-feed-standing',
    text: `
      SELECT date_trunc('milliseconds', now()) AS time, pg_snapshot_xmin(pg_current_snapshot())::text AS xmin,
        pg_snapshot_xmax(pg_current_snapshot())::text AS xmax, feed.epoch IS NOT DISTINCT FROM current.epoch AS complete, feed.asked > feed.done AS asked,
        CASE WHEN feed.run_epoch = current.epoch THEN feed.run_last_key END AS last_key
      FROM events.epoch AS current, events.state_feed AS feed WHERE feed.topic = $1`,
    values: [feed],
  });
  const row = rows[0]!;
  return { time: row.time, xmin: BigInt(row.xmin), xmax: BigInt(row.xmax), isComplete: row.complete, marking: markingOf(row) };
}

interface StandingRow {
  time: Date;
  xmin: string;
  xmax: string;
  complete: boolean;
  asked: boolean;
  /** Of a marking that was begun in the present epoch; of an earlier one there is nothing to go on with. */
  last_key: string | null;
}

function markingOf({ complete, asked, last_key }: StandingRow): Marking {
  if (last_key !== null) return { state: 'RUNNING', lastKey: last_key };
  return { state: complete && !asked ? 'NOT_WANTED' : 'TO_BEGIN' };
}

/** Oldest marks of a feed. */
export interface Marks {
  /** By key, in the order of each key's oldest mark: the transactions that marked it, oldest first. */
  byKey: Map<string, bigint[]>;
  /** Every mark of an earlier transaction that was visible is among them. */
  before: bigint | 'all';
}

/**
 * Reads at most `limit` marks of transactions from one on; changes of one key come together here. Planned anew each time: what was a good plan for an empty
 * table is a bad one for a million marks.
 */
export async function readMarks(
  client: pg.ClientBase,
  feed: string,
  { from, limit }: { from: bigint; limit: number },
): Promise<Marks> {
  const { rows } = await client.query<{ xid: string; key: string }>(
    'SELECT xid, key FROM events.state_mark WHERE topic = $1 AND xid >= $2::text::xid8 ORDER BY xid, key LIMIT $3',
    [feed, String(from), limit],
  );
  const byKey = new Map<string, bigint[]>();
  for (const { xid, key } of rows) {
    const xids = byKey.get(key);
    if (xids === undefined) byKey.set(key, [BigInt(xid)]);
    else xids.push(BigInt(xid));
  }
  return { byKey, before: rows.length < limit ? 'all' : BigInt(rows.at(-1)!.xid) };
}

/** Begins a turn: gives a sequence above that of every earlier turn. */
export async function raiseTurn(client: pg.ClientBase, feed: string): Promise<bigint> {
  const { rows } = await client.query<{ sequence: bigint }>({
    name: 'events-feed-turn',
    text: `
      UPDATE events.state_feed AS feed SET turn = feed.turn + 1 FROM events.epoch AS current WHERE feed.topic = $1
      RETURNING current.epoch * 1099511627776 + feed.turn AS sequence`,
    values: [feed],
  });
  return rows[0]!.sequence;
}

/** Deletes marks that were read, and no others: a key may have been marked again. */
export async function deleteMarks(
  client: pg.ClientBase,
  feed: string,
  marks: readonly (readonly [string, bigint[]])[],
): Promise<void> {
  const each = marks.flatMap(([key, xids]) => xids.map((xid) => ({ key, xid: String(xid) })));
  await client.query(
    `DELETE FROM events.state_mark AS mark USING unnest($2::xid8[], $3::text[]) AS sent (xid, key)
     WHERE mark.topic = $1 AND mark.xid = sent.xid AND mark.key = sent.key`,
    [feed, each.map(({ xid }) => xid), each.map(({ key }) => key)],
  );
}

/** Begins to mark all keys, for all requests made by now. A later request makes it begin again after its end. */
export async function beginMarking(client: pg.ClientBase, feed: string): Promise<void> {
  await client.query(
    `UPDATE events.state_feed AS feed SET run_epoch = current.epoch, run_asked = feed.asked, run_last_key = ''
     FROM events.epoch AS current WHERE feed.topic = $1`,
    [feed],
  );
}

/** Marks the next keys of all, at least one, and keeps the last of them: the next leader goes on there. */
export async function markAfter(client: pg.ClientBase, feed: string, keys: readonly string[]): Promise<void> {
  await client.query(
    `WITH marked AS (INSERT INTO events.state_mark (topic, key) SELECT $1, key FROM unnest($2::text[]) AS next (key) ON CONFLICT DO NOTHING)
     UPDATE events.state_feed SET run_last_key = $3 WHERE topic = $1`,
    [feed, keys, keys.at(-1)],
  );
}

/** Says that all keys were marked, in the epoch in which that began. */
export async function completeMarking(client: pg.ClientBase, feed: string): Promise<void> {
  await client.query(
    `UPDATE events.state_feed SET epoch = run_epoch, done = run_asked, run_epoch = NULL, run_asked = NULL, run_last_key = NULL
     WHERE topic = $1`,
    [feed],
  );
}

/** Marks that wait, counted up to 100,000. */
export async function countMarks(client: pg.ClientBase, feed: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM (SELECT FROM events.state_mark WHERE topic = $1 LIMIT 100000) AS counted',
    [feed],
  );
  return rows[0]!.count;
}
