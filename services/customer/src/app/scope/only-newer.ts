import { columns, type Tx } from '@bankcrm/database';
import { newestBySequence } from '@bankcrm/kernel';

/** Where the sequences of states stand, and what they are states of. */
const kept = {
  grant_version: 'grant_id',
  ticket_access_version: 'customer_id',
  queue_version: 'queue_id',
} as const;

/**
 * Those of the states that are newer than what is kept, one for each thing, and keeps their sequences: what they say is the caller's to write. The rows of the
 * sequences are held until the transaction ends, so that two states of one thing are written one after the other.
 */
export async function onlyNewer<T extends { sequence: bigint }>(
  tx: Tx,
  table: keyof typeof kept,
  states: readonly T[],
  idOf: (state: T) => string,
): Promise<T[]> {
  const newest = newestBySequence(states, idOf);
  const id = kept[table];
  const { rows } = await tx.query<{ id: string }>({
    name: `keep-${table}`,
    text: `
      INSERT INTO customer.${table} AS kept (${id}, sequence) SELECT * FROM unnest($1::uuid[], $2::int8[])
      ON CONFLICT (${id}) DO UPDATE SET sequence = excluded.sequence WHERE kept.sequence < excluded.sequence
      RETURNING ${id} AS id`,
    values: [columns.uuids(newest.map(idOf)), columns.int8s(newest.map(({ sequence }) => sequence))],
  });
  const newer = new Set(rows.map((row) => row.id));
  return newest.filter((state) => newer.has(idOf(state)));
}
