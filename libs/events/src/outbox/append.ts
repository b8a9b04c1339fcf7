import { batch, type Sealer, type Tx } from '@bankcrm/database';
import { AppError } from '@bankcrm/kernel';
import { outboxPlace } from '../sealer.ts';
import { traceHeaders } from '../telemetry.ts';

/** An event to be published once its transaction has committed. */
export interface OutboxEvent {
  /** UUID, becomes `ce_id`: consumers ignore a repeated one. */
  id: string;
  /** `customer`; with {@link aggregateId} what the event is about. */
  aggregateType: string;
  aggregateId: string;
  /** Past tense, full name: `bankcrm.customer.v1.CustomerChanged`. */
  type: string;
  /** Name as its manifest declares it; a prefix is the relay's business. */
  topic: string;
  /** Partition key: events of one key stay in order. */
  key: string;
  /** Encoded protobuf, at most 1 MiB; ids, never identifiers, but where it is sealed. */
  payload: Uint8Array;
  /** Seals the payload until the relay sends it: for a topic whose manifest says that it holds C2. */
  sealer?: Sealer;
  /** `customers/{uuid}`. */
  subject: string;
  /** Version of the aggregate after the change; absent where nothing is versioned. */
  sequence?: bigint;
  time: Date;
}

/** Largest payload the outbox takes, before it is sealed (a CHECK on the column says the same). */
export const maxPayloadBytes = 1_048_576;

/**
 * Adds events to the outbox of the open transaction, in one statement: they are published if and only if it commits. Call it after the
 * version-guarded update of the aggregate, whose row lock then gives one aggregate's events their order.
 */
export async function appendToOutbox(tx: Tx, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  for (const { payload, type } of events) {
    if (payload.byteLength > maxPayloadBytes) throw new AppError('INTERNAL', 'EVENT_TOO_LARGE', { metadata: { type } });
  }
  const headers = JSON.stringify(traceHeaders());
  await tx.query({
    name: 'events-append-outbox',
    text: `
      INSERT INTO events.outbox (id, aggregatetype, aggregateid, type, topic, key, payload, subject, sequence, event_time, is_sealed, headers)
      SELECT id, aggregatetype, aggregateid, type, topic, key, payload, subject, sequence, event_time, is_sealed, $12::jsonb
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::int8[], $10::timestamptz[],
        $11::bool[])
        WITH ORDINALITY AS event (id, aggregatetype, aggregateid, type, topic, key, payload, subject, sequence, event_time, is_sealed, ordinal)
      ORDER BY ordinal`,
    values: [
      ...batch(events.map(sealed), {
        id: 'uuid',
        aggregateType: 'text',
        aggregateId: 'text',
        type: 'text',
        topic: 'text',
        key: 'text',
        payload: 'bytea',
        subject: 'text',
        sequence: 'int8',
        time: 'timestamptz',
        isSealed: 'bool',
      }),
      headers,
    ],
  });
}

function sealed({ sealer, payload, ...event }: OutboxEvent) {
  return sealer === undefined
    ? { ...event, payload, isSealed: false }
    : { ...event, payload: sealer.seal(payload, outboxPlace(event.id)), isSealed: true };
}
