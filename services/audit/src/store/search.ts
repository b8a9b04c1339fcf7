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
  /** The customer whom the act concerns. */
  customerId: string | null;
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
  customer_id: string | null;
  head: bigint;
}

/** The head that covers an entry, once it is anchored. */
const headOf = `coalesce((
  SELECT head.number FROM (
    SELECT head_number FROM audit.batch WHERE batch.shard = entry.shard AND batch.first_position <= entry.position
    ORDER BY first_position DESC LIMIT 1) AS batch
  JOIN audit.head ON head.number = batch.head_number AND head.anchor_time IS NOT NULL), 0) AS head`;

/** Which entries are wanted. */
export interface Wanted {
  reader: Reader;
  conditions: readonly Condition[];
  /** Only what an anchored head covers: by shard, the position after the last entry; see `newestAnchored`. */
  ends?: readonly (bigint | null)[];
}

/** A page of them. */
export interface Search extends Wanted {
  after?: After;
  limit: number;
  oldestFirst?: boolean;
}

/** How searches are planned: by their values, and never by reading all of the log. */
export const searchPlanning = { plan_cache_mode: 'force_custom_plan', enable_seqscan: 'off' } as const;

/** Entries that the reader sees, newest first or oldest first. */
export async function searchEntries(tx: Tx, search: Search): Promise<FoundEntry[]> {
  const { rows } = await tx.query<Row>(await planOf(tx, search));
  return rows.map(foundOf);
}

interface Statement {
  text: string;
  values: unknown[];
}

/**
 * Of a reader who sees the entries of some people there are two ways: each person's first from their own index, merged; or the first of what else is looked for,
 * by any of them. Either may look at a million entries in vain where the other one looks at fifty, so PostgreSQL is asked which it thinks the cheaper.
 */
export async function planOf(tx: Tx, search: Search): Promise<Statement> {
  const { reader, conditions } = search;
  // A customer, or a person, has so few entries that nothing else matters.
  const isOfOne = conditions.some(({ column }) => column === 'actor' || column === 'customer_id');
  if (reader.everything || isOfOne) return pageSql(search, false);
  const byPerson = pageSql(search, true);
  const byCondition = pageSql(search, false);
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

function pageSql({ after, limit, oldestFirst = false, ...wanted }: Search, byPerson: boolean): Statement {
  const { reader } = wanted;
  const values: unknown[] = [limit];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const terms = termsOf(wanted, parameter);
  if (after) {
    const [time, id] = [parameter(after.eventTime), parameter(after.entryId)];
    const beyond = oldestFirst ? '>' : '<';
    terms.push(`event_time ${beyond}= ${time}`, `(event_time, entry_id) ${beyond} (${time}, ${id}::uuid)`);
  }
  // The policy says so too, but PostgreSQL cannot know there how many the people are.
  if (!byPerson && !reader.everything) terms.push(`entry.actor = ANY (${parameter(reader.actors)}::text[])`);
  const way = oldestFirst ? 'ASC' : 'DESC';
  const order = `ORDER BY event_time ${way}, entry_id ${way}`;
  const columns = 'entry_id, event_time, shard, position, received, customer_id';
  const first = (more: readonly string[]): string => `SELECT ${columns} FROM audit.entry ${whereOf(more)} ${order} LIMIT $1`;
  const found = byPerson
    ? `SELECT first.* FROM unnest(${parameter(reader.actors)}::text[]) AS person (actor)
       CROSS JOIN LATERAL (${first(['entry.actor = person.actor', ...terms])}) AS first ${order} LIMIT $1`
    : first(terms);
  return { text: `SELECT entry.*, ${headOf} FROM (${found}) AS entry ${order}`, values };
}

/** How many entries are wanted, counted up to a limit. */
export async function countEntries(tx: Tx, { limit, ...wanted }: Wanted & { limit: number }): Promise<number> {
  const values: unknown[] = [limit];
  const terms = termsOf(wanted, (value) => `$${values.push(value)}`);
  const { rows } = await tx.query<{ count: bigint }>(
    `SELECT count(*) FROM (SELECT FROM audit.entry ${whereOf(terms)} LIMIT $1) AS counted`,
    values,
  );
  return Number(rows[0]!.count);
}

const whereOf = (terms: readonly string[]): string => (terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`);

function termsOf({ conditions, ends }: Wanted, parameter: (value: unknown) => string): string[] {
  const terms = conditions.map(({ column, operator, value }) => conditionSql(column, operator, value, parameter));
  return ends === undefined ? terms : [...terms, `position < (${parameter(ends)}::int8[])[shard + 1]`];
}

/** The entry with this id, if the reader sees it. */
export async function findEntry(tx: Tx, entryId: string): Promise<FoundEntry | undefined> {
  const { rows } = await tx.query<Row>(
    `SELECT entry_id, event_time, shard, position, received, customer_id, ${headOf} FROM audit.entry WHERE entry_id = $1`,
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

const foundOf = ({ entry_id, event_time, customer_id, ...row }: Row): FoundEntry => ({
  ...row,
  entryId: entry_id,
  eventTime: event_time,
  customerId: customer_id,
});
