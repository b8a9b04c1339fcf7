import { inTransaction, nobody, type Tx } from '@bankcrm/database';
import type { Clock } from '@bankcrm/kernel';
import type pg from 'pg';
import { type Apply, applyBisecting, decodeAll, isDataError } from '../apply.ts';
import { insertDeadLetters } from '../dead-letters/insert.ts';
import type { Decode, RawMessage, Rejected } from '../messages.ts';
import type { Sealer } from '../sealer.ts';
import { inConsumerSpan, meters } from '../telemetry.ts';
import { movePosition, type Place, uncountApplied } from './offset-store.ts';

export interface WriteDeps<T> {
  workerPool: pg.Pool;
  sealer: Sealer;
  sourceOf?: ((raw: RawMessage) => string) | undefined;
  clock: Clock;
  decode: Decode<T>;
  apply: Apply<T>;
}

/** Messages that follow one another in a partition; offsets between them that hold nothing for us are part of the chunk. */
export interface Chunk {
  /** The position that this chunk starts from. */
  expected: bigint;
  /** The position after it. */
  next: bigint;
  messages: readonly RawMessage[];
}

export type Written = { moved: true; applied: number; letters: number } | { moved: false };

/** Somebody else is at work on this partition: nothing of ours may be written. */
class PositionTaken extends Error {}

/**
 * One transaction: the position by compare-and-set, then the rows, then the dead letters. `moved: false` when the position was not
 * the expected one; then nothing was written. Throws what is not the data's fault.
 */
export async function writeChunk<T>(deps: WriteDeps<T>, place: Place, chunk: Chunk): Promise<Written> {
  const attributes = { topic: place.topic };
  return inConsumerSpan(`${place.topic} process`, chunk.messages, async (span) => {
    const start = performance.now();
    span.setAttributes({
      'messaging.system': 'kafka',
      'messaging.destination.name': place.topic,
      'messaging.destination.partition.id': String(place.partition),
      'messaging.consumer.group.name': place.group,
      'messaging.batch.message_count': chunk.messages.length,
    });
    const { items, letters } = decodeAll(chunk.messages, deps.decode);
    const now = deps.clock.now();
    const context = { topic: place.topic, now, replay: false };
    const lastMessageTime = chunk.messages.at(-1)?.time ?? null;

    const write = (how: (tx: Tx) => Promise<readonly Rejected[]>) =>
      inTransaction(deps.workerPool, nobody, async (tx) => {
        if (!(await movePosition(tx, { ...place, ...chunk, applied: items.length, lastMessageTime, now })))
          throw new PositionTaken();
        const refused = items.length === 0 ? [] : await how(tx);
        if (refused.length > 0) await uncountApplied(tx, place, refused.length);
        const all = [...letters, ...refused];
        await insertDeadLetters(tx, { ...deps, group: place.group, now }, all);
        return all;
      });

    let dead: readonly Rejected[];
    try {
      dead = await write((tx) => deps.apply(tx, items, context)).catch((error: unknown) => {
        if (!isDataError(error)) throw error;
        return write((tx) => applyBisecting(tx, deps.apply, items, context));
      });
    } catch (error) {
      if (error instanceof PositionTaken) return { moved: false };
      throw error;
    }

    const applied = chunk.messages.length - dead.length;
    meters.batchMessages.record(chunk.messages.length, attributes);
    meters.applyDuration.record((performance.now() - start) / 1000, attributes);
    meters.applied.add(applied, attributes);
    for (const { reason } of dead) meters.deadLetters.add(1, { ...attributes, reason });
    return { moved: true, applied, letters: dead.length };
  });
}
