import { batch, sqlState, type Tx } from '@bankcrm/database';
import type { Batch } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import { nothingBefore, type ShardEnd } from '../domain/batch.ts';
import type { EntryIndex } from '../domain/entry-index.ts';
import type { NumbersOfService } from '../domain/numbering.ts';

/** An entry with what it is found by. */
export interface Received {
  index: EntryIndex;
  bytes: Uint8Array;
}

/** The end of a shard, held until the transaction ends. A shard that nobody has seen begins here. */
export async function holdShard(tx: Tx, shard: number): Promise<ShardEnd> {
  const { rows } = await tx.query<{ next_position: bigint; chain: Buffer }>({
    name: 'hold-shard',
    text: 'SELECT next_position, chain FROM audit.shard WHERE shard = $1 FOR UPDATE',
    values: [shard],
  });
  const [row] = rows;
  return row ? { nextPosition: row.next_position, chain: row.chain } : { nextPosition: 0n, chain: nothingBefore };
}

/** Of these ids, the bytes of the entries that have them already. */
export async function receivedBefore(tx: Tx, ids: readonly string[]): Promise<Map<string, Buffer>> {
  const { rows } = await tx.query<{ entry_id: string; received: Buffer }>({
    name: 'received-before',
    text: 'SELECT entry_id, received FROM audit.entry WHERE entry_id = ANY ($1::uuid[])',
    values: batch(
      ids.map((id) => ({ id })),
      { id: 'uuid' },
    ),
  });
  return new Map(rows.map((row) => [row.entry_id, row.received]));
}

/**
 * Writes entries from a position of a shard on. False, with nothing written, where one of their ids is taken: to ask for them before would cost each batch what only
 * the rare one needs that was sent twice.
 */
export async function insertEntries(
  tx: Tx,
  { shard, nextPosition }: ShardEnd & { shard: number },
  entries: readonly Received[],
): Promise<boolean> {
  await tx.query('SAVEPOINT entries');
  try {
    await tx.query(insertOf(shard, nextPosition, entries));
    return true;
  } catch (error) {
    // A position that is taken is another matter: somebody has set the end of the shard back.
    if (sqlState(error) !== uniqueViolation || (error as { constraint?: string }).constraint !== 'entry_by_id') throw error;
    await tx.query('ROLLBACK TO SAVEPOINT entries');
    return false;
  }
}

const uniqueViolation = '23505';

const insertOf = (shard: number, firstPosition: bigint, entries: readonly Received[]) => ({
  name: 'append-entries',
  text: `
    INSERT INTO audit.entry (shard, position, entry_id, number, event_time, customer_id, decision, high_privilege, identifying, financial, readable,
      service, actor, operation, reason, received)
    SELECT $1, $2::int8 + ordinal - 1, entry_id, number, event_time, customer_id, decision, high_privilege, identifying, financial, readable,
      service, actor, operation, reason, received
    FROM unnest($3::uuid[], $4::int8[], $5::timestamptz[], $6::uuid[], $7::int4[], $8::bool[], $9::bool[], $10::bool[], $11::bool[],
      $12::text[], $13::text[], $14::text[], $15::text[], $16::bytea[]) WITH ORDINALITY
      AS entry (entry_id, number, event_time, customer_id, decision, high_privilege, identifying, financial, readable, service, actor, operation, reason,
        received, ordinal)`,
  values: [
    shard,
    firstPosition,
    ...batch(
      entries.map(({ index, bytes }) => ({ ...index, bytes })),
      {
        entryId: 'uuid',
        number: 'int8',
        eventTime: 'timestamptz',
        customerId: 'uuid',
        decision: 'int4',
        highPrivilege: 'bool',
        identifying: 'bool',
        financial: 'bool',
        readable: 'bool',
        service: 'text',
        actor: 'text',
        operation: 'text',
        reason: 'text',
        bytes: 'bytea',
      },
    ),
  ],
});

/** Keeps the record of a batch whose entries are written, the new end of its shard and the numbers that came with it. */
export async function appendBatch(
  tx: Tx,
  { record, chain, numbers, now }: { record: Batch; chain: Buffer; numbers: readonly NumbersOfService[]; now: Date },
): Promise<void> {
  const { shard, firstPosition, size, root, previous } = record;
  await tx.query({
    name: 'append-batch',
    text: `
      WITH record AS (
        INSERT INTO audit.batch (shard, first_position, size, root, previous, receive_time) VALUES ($1, $2, $3, $4, $5, $6)
      ), numbers AS (
        INSERT INTO audit.new_numbers (service, numbers, doubles, entry_count, unnumbered)
        SELECT service, numbers::int8multirange, doubles::int8multirange, entry_count, unnumbered
        FROM unnest($9::text[], $10::text[], $11::text[], $12::int8[], $13::int8[]) AS came (service, numbers, doubles, entry_count, unnumbered)
      )
      INSERT INTO audit.shard (shard, next_position, chain) VALUES ($1, $7, $8)
      ON CONFLICT (shard) DO UPDATE SET next_position = excluded.next_position, chain = excluded.chain`,
    values: [
      shard,
      firstPosition,
      size,
      root,
      previous,
      now,
      firstPosition + BigInt(size),
      chain,
      ...batch(numbers, { service: 'text', numbers: 'text', doubles: 'text', entryCount: 'int8', unnumbered: 'int8' }),
    ],
  });
}
