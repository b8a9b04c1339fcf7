import type pg from 'pg';

/** Where a feed stands at one moment. */
export interface Standing {
  /** All that was committed before it is visible to a statement that comes later. */
  time: Date;
  /** Transactions below this id had all ended. */
  xmin: bigint;
  /** Transactions from this id on had not begun. */
  xmax: bigint;
  /** Whether all keys were marked in the present epoch, or are to be: because a restore began a new one, or because nobody has yet or a person asked. */
  marked: 'ALL' | 'IN_EARLIER_EPOCH' | 'NOT_YET';
}

/** Makes a feed known; nothing where it is. */
export async function insertFeed(client: pg.ClientBase, feed: string): Promise<void> {
  await client.query('INSERT INTO events.state_feed (topic) VALUES ($1) ON CONFLICT DO NOTHING', [feed]);
}

/**
 * Looks outside a transaction: there `now()` is taken before the snapshot, so that whatever was committed before it is in the snapshot. The clock is cut to
 * milliseconds, which makes it earlier.
 */
export async function readStanding(client: pg.ClientBase, feed: string): Promise<Standing> {
  const { rows } = await client.query<{ time: Date; xmin: string; xmax: string; epoch: bigint; marked_epoch: bigint | null }>({
    name: 'events-feed-standing',
    text: `
      SELECT date_trunc('milliseconds', now()) AS time, pg_snapshot_xmin(pg_current_snapshot())::text AS xmin,
        pg_snapshot_xmax(pg_current_snapshot())::text AS xmax, current.epoch, feed.epoch AS marked_epoch
      FROM events.epoch AS current, events.state_feed AS feed WHERE feed.topic = $1`,
    values: [feed],
  });
  const { time, xmin, xmax, epoch, marked_epoch } = rows[0]!;
  const marked = marked_epoch === null ? 'NOT_YET' : marked_epoch === epoch ? 'ALL' : 'IN_EARLIER_EPOCH';
  return { time, xmin: BigInt(xmin), xmax: BigInt(xmax), marked };
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

/**
 * Marks the first `limit` of all keys after one, in a transaction of its own. Gives the last of them, and how many; the last is null when none was left.
 * `allKeys` is the feed's own.
 */
export async function markNextKeys(
  client: pg.ClientBase,
  { name, allKeys }: { name: string; allKeys: string },
  after: string,
  limit: number,
): Promise<{ last: string | null; count: number }> {
  const { rows } = await client.query<{ last: string | null; count: number }>(
    `WITH next AS (
       SELECT key COLLATE "C" AS key FROM (${allKeys}) AS every (key) WHERE key COLLATE "C" > $2 ORDER BY key COLLATE "C" LIMIT $3
     ), marked AS (
       INSERT INTO events.state_mark (topic, key) SELECT $1, key FROM next ON CONFLICT DO NOTHING
     )
     SELECT max(key) AS last, count(*)::int AS count FROM next`,
    [name, after, limit],
  );
  return rows[0]!;
}

/** Says that every key was marked in the present epoch. */
export async function completeFeed(client: pg.ClientBase, feed: string): Promise<void> {
  await client.query('UPDATE events.state_feed SET epoch = (SELECT epoch FROM events.epoch) WHERE topic = $1', [feed]);
}

/** Marks that wait, counted up to 100,000. */
export async function countMarks(client: pg.ClientBase, feed: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM (SELECT FROM events.state_mark WHERE topic = $1 LIMIT 100000) AS counted',
    [feed],
  );
  return rows[0]!.count;
}
