import { inTransaction, nobody, type Sealer, type Tx } from '@bankcrm/database';
import type { Clock } from '@bankcrm/kernel';
import type pg from 'pg';
import { type Apply, type ApplyContext, applyBisecting, decodeAll, isDataError } from '../apply.ts';
import { insertDeadLetters } from '../dead-letters/insert.ts';
import type { Decode, RawMessage, Rejected } from '../messages.ts';
import { inConsumerSpan, meters } from '../telemetry.ts';
import { movePosition, type Place, uncountApplied } from './offset-store.ts';
import type { ConsumerLimits } from './options.ts';

export interface WriteDeps<T> {
  workers: pg.Pool;
  sealer: Sealer;
  sourceOf?: ((raw: RawMessage) => string) | undefined;
  clock: Clock;
  decode: Decode<T>;
  apply: Apply<T>;
  ignore?: ((raw: RawMessage) => boolean) | undefined;
  limits?: Partial<Pick<ConsumerLimits, 'maxValueBytes'>>;
}

/** Messages that follow one another in a partition; offsets between them that hold nothing for us are part of the chunk. */
export interface Chunk {
  /** The position that this chunk starts from. */
  expected: bigint;
  /** The position after it. */
  next: bigint;
  messages: readonly RawMessage[];
}

/** Somebody else is at work on this partition: nothing of ours may be written. */
class PositionTaken extends Error {}

/**
 * One transaction: the position by compare-and-set, then the rows, then the dead letters. False when the position was not the
 * expected one; then nothing was written. Throws what is not the data's fault.
 */
export async function writeChunk<T>(deps: WriteDeps<T>, place: Place, chunk: Chunk): Promise<boolean> {
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
    const now = deps.clock.now();
    const context = { topic: place.topic, now, replay: false };
    const lastMessageTime = chunk.messages.at(-1)?.time ?? null;

    const { ignore } = deps;
    const wanted = ignore === undefined ? chunk.messages : chunk.messages.filter((raw) => !ignore(raw));

    const write = (apply: Apply<T>) =>
      inTransaction(deps.workers, nobody, async (tx) => {
        const applied = chunk.messages.length;
        if (!(await movePosition(tx, { ...place, ...chunk, applied, lastMessageTime, now }))) throw new PositionTaken();
        const rejected = applied === 0 ? [] : await decodeAndApply(tx, wanted, { ...deps, apply }, context);
        if (rejected.length > 0) await uncountApplied(tx, place, rejected.length);
        await insertDeadLetters(tx, { ...deps, group: place.group, now }, rejected);
        return rejected;
      });

    let dead: readonly Rejected[];
    try {
      dead = await write(deps.apply).catch((error: unknown) => {
        if (!isDataError(error)) throw error;
        return write((tx, items, at) => applyBisecting(tx, deps.apply, items, at));
      });
    } catch (error) {
      if (error instanceof PositionTaken) return false;
      throw error;
    }

    const applied = chunk.messages.length - dead.length;
    meters.batchMessages.record(chunk.messages.length, attributes);
    meters.applyDuration.record((performance.now() - start) / 1000, attributes);
    meters.applied.add(applied, attributes);
    for (const { reason } of dead) meters.deadLetters.add(1, { ...attributes, reason });
    return true;
  });
}

/**
 * Decodes in one go with the apply that follows, and nothing here waits with the messages in hand: decoded they weigh several times what was
 * fetched, and an apply that has made its statement of them lets them go while PostgreSQL writes.
 */
function decodeAndApply<T>(
  tx: Tx,
  messages: readonly RawMessage[],
  { decode, apply, limits }: Pick<WriteDeps<T>, 'decode' | 'apply' | 'limits'>,
  context: ApplyContext,
): Promise<readonly Rejected[]> {
  const { items, letters } = decodeAll(messages, decode, limits?.maxValueBytes);
  if (items.length === 0) return Promise.resolve(letters);
  return apply(tx, items, context).then((refused) => [...letters, ...refused]);
}
