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

/**
 * Entries that the reader sees, newest first. Of a reader who sees those of some people each person's newest are taken from their own index and merged: a scan of all
 * by time might find nothing for minutes.
 */
export async function searchEntries(
  tx: Tx,
  { reader, conditions, after, limit }: { reader: Reader; conditions: readonly Condition[]; after?: After; limit: number },
): Promise<FoundEntry[]> {
  const values: unknown[] = [limit];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const wanted = conditions.map(({ column, operator, value }) => conditionSql(column, operator, value, parameter));
  if (after) {
    const time = parameter(after.eventTime);
    wanted.push(`event_time <= ${time}`, `(event_time, entry_id) < (${time}, ${parameter(after.entryId)}::uuid)`);
  }
  const byPerson = !reader.everything && !conditions.some(({ column }) => column === 'actor');
  const order = 'ORDER BY event_time DESC, entry_id DESC LIMIT $1';
  const columns = 'entry_id, event_time, shard, position, received';
  const where = (more: readonly string[]): string => (more.length === 0 ? '' : `WHERE ${more.join(' AND ')}`);
  const found = byPerson
    ? `SELECT newest.* FROM unnest(${parameter(reader.actors)}::text[]) AS person (actor)
       CROSS JOIN LATERAL (SELECT ${columns} FROM audit.entry ${where(['entry.actor = person.actor', ...wanted])} ${order}) AS newest ${order}`
    : `SELECT ${columns} FROM audit.entry ${where(wanted)} ${order}`;
  const { rows } = await tx.query<Row>(
    `SELECT entry.*, ${headOf} FROM (${found}) AS entry ORDER BY event_time DESC, entry_id DESC`,
    values,
  );
  return rows.map(foundOf);
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
