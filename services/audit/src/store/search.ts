import type { Tx } from '@bankcrm/database';
import type { Condition } from '../domain/criteria.ts';
import type { Reader } from '../domain/reader.ts';

/** An entry as it stands in the log. */
export interface FoundEntry {
  entryId: string;
  eventTime: Date;
  shard: number;
  position: bigint;
  received: Buffer;
  /** Number of the anchored head that covers it; 0: none yet. */
  head: bigint;
}

/** The last entry of the page before. */
export interface After {
  eventTime: Date;
  entryId: string;
}

interface Row {
  entry_id: string;
  event_time: Date;
  shard: number;
  position: bigint;
  received: Buffer;
  head: bigint;
}

/** The head that covers an entry, once it is anchored. */
const headOf = `coalesce((
  SELECT head.number FROM (
    SELECT head_number FROM audit.batch WHERE batch.shard = entry.shard AND batch.first_position <= entry.position
    ORDER BY first_position DESC LIMIT 1) AS batch
  JOIN audit.head ON head.number = batch.head_number AND head.anchor_time IS NOT NULL), 0) AS head`;

/** What is looked for, and by whom. */
export interface Search {
  reader: Reader;
  conditions: readonly Condition[];
  after?: After;
  limit: number;
}

/**
 * How searches are planned: by their values, and never by reading all of the log. What takes longer than the first page of a search may, in milliseconds, is
 * cancelled; somebody waits for it.
 */
export const searchPlanning = {
  plan_cache_mode: 'force_custom_plan',
  enable_seqscan: 'off',
  statement_timeout: '800',
} as const;

/** Entries that the reader sees, newest first. */
export async function searchEntries(tx: Tx, search: Search): Promise<FoundEntry[]> {
  const { rows } = await tx.query<Row>(await planOf(tx, search));
  return rows.map(foundOf);
}

interface Statement {
  text: string;
  values: unknown[];
}

/**
 * Of a reader who sees the entries of some people there are two ways: each person's newest from their own index, merged; or the newest of what else is looked for,
 * whoever of them it is by. Either may look at a million entries in vain where the other one looks at fifty, so PostgreSQL is asked which it thinks the cheaper.
 */
export async function planOf(tx: Tx, search: Search): Promise<Statement> {
  const { reader, conditions } = search;
  // A customer, or a person, has so few entries that nothing else matters.
  const isOfOne = conditions.some(({ column }) => column === 'actor' || column === 'customer_id');
  if (reader.everything || isOfOne) return mergedSql(search, false);
  const byPerson = mergedSql(search, true);
  const byCondition = mergedSql(search, false);
  return (await costOf(tx, byCondition)) < (await costOf(tx, byPerson)) ? byCondition : byPerson;
}

/** What PostgreSQL estimates, in its own unit. */
async function costOf(tx: Tx, { text, values }: Statement): Promise<number> {
  const { rows } = await tx.query<{ 'QUERY PLAN': [{ Plan: { 'Total Cost': number } }] }>(
    `EXPLAIN (FORMAT JSON) ${text}`,
    values,
  );
  return rows[0]!['QUERY PLAN'][0].Plan['Total Cost'];
}

function mergedSql({ reader, conditions, after, limit }: Search, byPerson: boolean): Statement {
  const values: unknown[] = [limit];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const wanted = conditions.map(({ column, operator, value }) => conditionSql(column, operator, value, parameter));
  if (after) {
    const time = parameter(after.eventTime);
    wanted.push(`event_time <= ${time}`, `(event_time, entry_id) < (${time}, ${parameter(after.entryId)}::uuid)`);
  }
  const order = 'ORDER BY event_time DESC, entry_id DESC LIMIT $1';
  const columns = 'entry_id, event_time, shard, position, received';
  const where = (more: readonly string[]): string => (more.length === 0 ? '' : `WHERE ${more.join(' AND ')}`);
  // The policy says so too, but PostgreSQL cannot know there how many the people are.
  if (!byPerson && !reader.everything) wanted.push(`entry.actor = ANY (${parameter(reader.actors)}::text[])`);
  const found = byPerson
    ? `SELECT newest.* FROM unnest(${parameter(reader.actors)}::text[]) AS person (actor)
       CROSS JOIN LATERAL (SELECT ${columns} FROM audit.entry ${where(['entry.actor = person.actor', ...wanted])} ${order}) AS newest ${order}`
    : `SELECT ${columns} FROM audit.entry ${where(wanted)} ${order}`;
  return { text: `SELECT entry.*, ${headOf} FROM (${found}) AS entry ORDER BY event_time DESC, entry_id DESC`, values };
}

/** The entry with this id, if the reader sees it. */
export async function findEntry(tx: Tx, entryId: string): Promise<FoundEntry | undefined> {
  const { rows } = await tx.query<Row>(
    `SELECT entry_id, event_time, shard, position, received, ${headOf} FROM audit.entry WHERE entry_id = $1`,
    [entryId],
  );
  return rows[0] && foundOf(rows[0]);
}

/** Flags are compared as their partial indexes say it. */
function conditionSql(
  column: Condition['column'],
  operator: string,
  value: Condition['value'],
  parameter: (value: unknown) => string,
): string {
  if (typeof value === 'boolean') return value ? column : `NOT ${column}`;
  // A literal, or no plan could know that the partial index serves.
  if (typeof value === 'number') return `${column} ${operator} ${value}`;
  if (column === 'reason') return `reason <> '' AND reason ${operator} ${parameter(value)}`;
  return `${column} ${operator} ${parameter(value)}`;
}

const foundOf = ({ entry_id, event_time, ...row }: Row): FoundEntry => ({ ...row, entryId: entry_id, eventTime: event_time });
