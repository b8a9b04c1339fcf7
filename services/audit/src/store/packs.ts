import { batch, type Tx } from '@bankcrm/database';
import type { ActCount, Pack, PackContent } from '../domain/pack.ts';
import type { Quarter } from '../domain/quarter.ts';

/** Only one at a time makes or changes the pack of a quarter, until its transaction ends. */
export async function holdPack(tx: Tx, quarter: Quarter): Promise<void> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('bankcrm/audit/pack/' || $1, 0))`, [quarter]);
}

/** Of a quarter of millions of acts, within the time of the call that makes its pack. */
const statementTimeoutMs = 50_000;
/** A connection of the pool is as impatient as a usual statement is long. Its types do not know that a query may have a limit of its own. */
const patient = { query_timeout: statementTimeoutMs + 5_000 };

/**
 * High-privilege acts of a period, all read in one statement, and how many of them lie beyond what is anchored (`ends`, see `newestAnchored`).
 */
export async function highPrivilegeActs(
  tx: Tx,
  { start, end, ends }: { start: Date; end: Date; ends: readonly (bigint | null)[] },
): Promise<Pick<PackContent, 'counts' | 'entryCount' | 'entriesHash'> & { unanchored: bigint }> {
  await tx.query(`SELECT set_config('statement_timeout', $1, true)`, [String(statementTimeoutMs)]);
  const { rows } = await tx.query<Totals & { [Key in keyof ActCount]: ActCount[Key] | null }>({
    ...patient,
    text: `WITH act AS MATERIALIZED (
       SELECT event_time, entry_id, actor, operation, decision, position < ($3::int8[])[shard + 1] AS anchored,
         sha256('\\x00'::bytea || received) AS leaf
       FROM audit.entry WHERE high_privilege AND event_time >= $1 AND event_time < $2
     ), total AS (
       SELECT count(*) AS entry_count, count(*) FILTER (WHERE anchored IS NOT TRUE) AS unanchored,
         sha256(coalesce(string_agg(leaf, ''::bytea ORDER BY event_time, entry_id), '')) AS entries_hash
       FROM act
     ), counted AS (
       SELECT actor, operation, decision, count(*) AS count FROM act GROUP BY actor, operation, decision
     )
     SELECT * FROM total LEFT JOIN counted ON true ORDER BY count DESC, actor, operation, decision`,
    values: [start, end, ends],
  });
  const { entry_count, entries_hash, unanchored } = rows[0]!;
  return {
    entryCount: entry_count,
    entriesHash: entries_hash,
    unanchored,
    counts: rows
      .filter(({ count }) => count !== null)
      .map(({ actor, operation, decision, count }) => ({ actor, operation, decision, count }) as ActCount),
  };
}

interface Totals {
  entry_count: bigint;
  entries_hash: Buffer;
  unanchored: bigint;
}

/** Keeps the pack of a quarter; one that is there already is replaced, while it is open. Give it after `holdPack`. */
export async function savePack(tx: Tx, quarter: Quarter, content: PackContent, now: Date): Promise<Pack> {
  const { start, end, entryCount, entriesHash, head, counts } = content;
  await tx.query('DELETE FROM audit.pack_count WHERE quarter = $1', [quarter]);
  const { rows } = await tx.query<Row>(
    `INSERT INTO audit.pack AS pack (quarter, state, start_time, end_time, create_time, entry_count, entries_hash, head, version)
     VALUES ($1, 'OPEN', $2, $3, $4, $5, $6, $7, 1)
     ON CONFLICT (quarter) DO UPDATE SET start_time = $2, end_time = $3, create_time = $4, entry_count = $5, entries_hash = $6, head = $7,
       version = pack.version + 1
     RETURNING ${columns}`,
    [quarter, start, end, now, entryCount, entriesHash, head],
  );
  await tx.query(
    `INSERT INTO audit.pack_count (quarter, actor, operation, decision, entry_count)
     SELECT $1, actor, operation, decision, count
     FROM unnest($2::text[], $3::text[], $4::int4[], $5::int8[]) AS counted (actor, operation, decision, count)`,
    [quarter, ...batch(counts, { actor: 'text', operation: 'text', decision: 'int4', count: 'int8' })],
  );
  return packOf(rows[0]!);
}

/** Notes that somebody has reviewed the pack, which nobody changes from then on. Give it after `holdPack`. */
export async function signOffPack(
  tx: Tx,
  quarter: Quarter,
  { reviewer, findings, now }: { reviewer: string; findings: string; now: Date },
): Promise<Pack> {
  const { rows } = await tx.query<Row>(
    `UPDATE audit.pack SET state = 'SIGNED_OFF', reviewer = $2, findings = $3, sign_off_time = $4, version = version + 1
     WHERE quarter = $1 RETURNING ${columns}`,
    [quarter, reviewer, findings, now],
  );
  return packOf(rows[0]!);
}

export async function findPack(tx: Tx, quarter: Quarter): Promise<Pack | undefined> {
  const { rows } = await tx.query<Row>(`SELECT ${columns} FROM audit.pack WHERE quarter = $1`, [quarter]);
  return rows[0] && packOf(rows[0]);
}

/** Packs, newest quarter first, before a quarter where one is named. */
export async function listPacks(tx: Tx, { before, limit }: { before?: string; limit: number }): Promise<Pack[]> {
  const { rows } = await tx.query<Row>(
    `SELECT ${columns} FROM audit.pack WHERE $1::text IS NULL OR quarter < $1 COLLATE "C" ORDER BY quarter DESC LIMIT $2`,
    [before ?? null, limit],
  );
  return rows.map(packOf);
}

/** Who did what how often, most first. */
export async function packCounts(tx: Tx, quarter: Quarter): Promise<ActCount[]> {
  const { rows } = await tx.query<ActCount>(
    `SELECT actor, operation, decision, entry_count AS count FROM audit.pack_count WHERE quarter = $1
     ORDER BY entry_count DESC, actor, operation, decision`,
    [quarter],
  );
  return rows;
}

const columns = `quarter, state, start_time, end_time, create_time, entry_count, entries_hash, head, version, reviewer, findings, sign_off_time`;

interface Row {
  quarter: Quarter;
  state: 'OPEN' | 'SIGNED_OFF';
  start_time: Date;
  end_time: Date;
  create_time: Date;
  entry_count: bigint;
  entries_hash: Buffer;
  head: bigint;
  version: number;
  reviewer: string | null;
  findings: string | null;
  sign_off_time: Date | null;
}

const packOf = (row: Row): Pack => ({
  quarter: row.quarter,
  start: row.start_time,
  end: row.end_time,
  createTime: row.create_time,
  entryCount: row.entry_count,
  entriesHash: row.entries_hash,
  head: row.head,
  version: row.version,
  ...(row.state === 'OPEN'
    ? { state: row.state }
    : { state: row.state, reviewer: row.reviewer!, findings: row.findings!, signOffTime: row.sign_off_time! }),
});
