import { columns, type Sealer, type Tx } from '@bankcrm/database';
import { newId } from '@bankcrm/kernel';
import { type RawMessage, type Rejected, sourceSystemOf } from '../messages.ts';
import { messagePlace, packContent } from '../sealer.ts';

/** Reasons and fields come from code that saw a hostile message: bounded, and without the NUL that PostgreSQL refuses. */
export const cleanReason = (reason: string): string => reason.replace(/[^A-Z0-9_]/g, '_').slice(0, 63);
export const cleanField = (field: string): string => field.replace(/[^\w.[\]-]/g, '_').slice(0, 128);

/**
 * Stores messages that cannot be applied, in one statement. A message that already has its letter keeps it, whatever became
 * of that letter: receiving it again changes nothing.
 */
export async function insertDeadLetters(
  tx: Tx,
  deps: { sealer: Sealer; sourceOf?: ((raw: RawMessage) => string) | undefined; group: string; now: Date },
  letters: readonly Rejected[],
): Promise<void> {
  if (letters.length === 0) return;
  const { sourceOf = sourceSystemOf } = deps;
  const ids = letters.map(() => newId());
  await tx.query({
    name: 'events-insert-dead-letters',
    text: `
      INSERT INTO events.dead_letter (id, topic, partition, "offset", message_time, consumer_group, source_system, reason, field,
        sealed_message, size_bytes, receive_time, update_time)
      SELECT id, topic, partition, "offset", message_time, $11, source_system, reason, field, sealed_message, size_bytes, $12, $12
      FROM unnest($1::uuid[], $2::text[], $3::int4[], $4::int8[], $5::timestamptz[], $6::text[], $7::text[], $8::text[], $9::bytea[], $10::int4[])
        AS letter (id, topic, partition, "offset", message_time, source_system, reason, field, sealed_message, size_bytes)
      ON CONFLICT (topic, partition, "offset", consumer_group) DO NOTHING`,
    values: [
      columns.uuids(ids),
      columns.texts(letters.map(({ raw }) => raw.topic)),
      columns.int4s(letters.map(({ raw }) => raw.partition)),
      columns.int8s(letters.map(({ raw }) => raw.offset)),
      columns.timestamps(letters.map(({ raw }) => raw.time)),
      columns.texts(letters.map(({ raw }) => sourceOf(raw))),
      columns.texts(letters.map(({ reason }) => cleanReason(reason))),
      columns.texts(letters.map(({ field }) => cleanField(field))),
      columns.byteas(letters.map(({ raw }, index) => deps.sealer.seal(packContent(raw), messagePlace(ids[index]!)))),
      columns.int4s(letters.map(({ raw }) => (raw.key?.length ?? 0) + (raw.value?.length ?? 0))),
      deps.group,
      deps.now,
    ],
  });
}
