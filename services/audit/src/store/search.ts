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

/** Which entries are wanted. */
export interface Wanted {
  reader: Reader;
  conditions: readonly Condition[];
  /** Only what an anchored head covers: by shard, the position after the last entry; see `newestAnchored`. */
  ends?: readonly (bigint | null)[];
}

/**
 * Entries that the reader sees, newest first or oldest first. Of a reader who sees those of some people each person's first are taken from their own index and merged:
 * a scan of all by time might find nothing for minutes.
 */
export async function searchEntries(
  tx: Tx,
  { after, limit, oldestFirst = false, ...wanted }: Wanted & { after?: After; limit: number; oldestFirst?: boolean },
): Promise<FoundEntry[]> {
  const { reader, conditions } = wanted;
  const values: unknown[] = [limit];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const terms = termsOf(wanted, parameter);
  if (after) {
    const [time, id] = [parameter(after.eventTime), parameter(after.entryId)];
    const beyond = oldestFirst ? '>' : '<';
    terms.push(`event_time ${beyond}= ${time}`, `(event_time, entry_id) ${beyond} (${time}, ${id}::uuid)`);
  }
  const byPerson = !reader.everything && !conditions.some(({ column }) => column === 'actor');
  const way = oldestFirst ? 'ASC' : 'DESC';
  const order = `ORDER BY event_time ${way}, entry_id ${way}`;
  const columns = 'entry_id, event_time, shard, position, received';
  const first = (more: readonly string[]): string => `SELECT ${columns} FROM audit.entry ${whereOf(more)} ${order} LIMIT $1`;
  const found = byPerson
    ? `SELECT first.* FROM unnest(${parameter(reader.actors)}::text[]) AS person (actor)
       CROSS JOIN LATERAL (${first(['entry.actor = person.actor', ...terms])}) AS first ${order} LIMIT $1`
    : first(terms);
  const { rows } = await tx.query<Row>(`SELECT entry.*, ${headOf} FROM (${found}) AS entry ${order}`, values);
  return rows.map(foundOf);
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
