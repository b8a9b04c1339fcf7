import { topicOf } from '@bankcrm/proto/descriptors';
import type pg from 'pg';
import type { OutboxRow } from './rows.ts';

/** Where the audit entries of every service go; they are numbered without gaps within a service. */
export const auditTopic = topicOf('bankcrm.audit.v1.Entry');
const maxBatchRows = 500;
/**
 * Payloads, and 1 KiB per row for headers. kafkajs makes one record batch of all messages for a partition, and the broker refuses a batch over the
 * topic's `max.message.bytes` (2 MiB): a larger limit would stop the relay for good on the day that all rows go to one partition.
 */
const maxBatchBytes = 1_572_864;

/**
 * The first unsent rows by position, with numbers given and committed to the audit entries among them. Never "after the last position sent": positions
 * are given at insertion, so a transaction that commits late brings a lower one.
 */
export async function readUnsent(client: pg.ClientBase): Promise<OutboxRow[]> {
  const rows = await selectUnsent(client);
  const unnumbered = rows.filter((row) => row.topic === auditTopic && row.entry_number === null);
  if (unnumbered.length === 0) return rows;
  const positions = unnumbered.map((row) => row.position);
  // Committed before anything is sent, so that a row sent twice carries the same number both times.
  await client.query('SELECT events.number_entries($1::int8[])', [positions]);
  const { rows: numbered } = await client.query<{ position: bigint; entry_number: bigint }>(
    'SELECT position, entry_number FROM events.outbox WHERE position = ANY ($1::int8[])',
    [positions],
  );
  const numbers = new Map(numbered.map((row) => [row.position, row.entry_number]));
  // A row that is gone was sent by a relay that led before us and had not yet noticed that it no longer does.
  return rows.flatMap((row) => {
    if (row.topic !== auditTopic) return [row];
    const entry_number = row.entry_number ?? numbers.get(row.position);
    return entry_number === undefined ? [] : [{ ...row, entry_number }];
  });
}

async function selectUnsent(client: pg.ClientBase): Promise<OutboxRow[]> {
  const { rows } = await client.query<OutboxRow>({
    name: 'events-outbox-unsent',
    text: `
      SELECT position, id, type, topic, key, payload, is_sealed, content_type, headers, subject, sequence, entry_number, event_time
      FROM (
        SELECT *, sum(octet_length(payload) + 1024) OVER (ORDER BY position) AS bytes, row_number() OVER (ORDER BY position) AS ordinal
        FROM (SELECT * FROM events.outbox ORDER BY position LIMIT $1) AS head
      ) AS measured
      WHERE bytes <= $2 OR ordinal = 1
      ORDER BY position`,
    values: [maxBatchRows, maxBatchBytes],
  });
  return rows;
}

/** Rows that Kafka has acknowledged. */
export async function deleteSent(client: pg.ClientBase, rows: readonly OutboxRow[]): Promise<void> {
  await client.query('DELETE FROM events.outbox WHERE position = ANY ($1::int8[])', [rows.map((row) => row.position)]);
}

/** Rows not yet sent, counted up to 100,000, and the age of the oldest in seconds. */
export async function measureOutbox(client: pg.ClientBase): Promise<{ depth: number; ageSeconds: number }> {
  const { rows } = await client.query<{ depth: string; age: number | null }>(
    `SELECT (SELECT count(*)::text FROM (SELECT 1 FROM events.outbox LIMIT 100000) AS counted) AS depth,
       (SELECT extract(epoch FROM clock_timestamp() - create_time)::float8 FROM events.outbox ORDER BY position LIMIT 1) AS age`,
  );
  return { depth: Number(rows[0]!.depth), ageSeconds: Math.max(0, rows[0]!.age ?? 0) };
}
