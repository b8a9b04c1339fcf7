import { describeError } from '@bankcrm/kernel';
import { lagOf, type PartitionLag } from '../lag.ts';
import { noteLag } from '../lag-gauges.ts';
import { meters } from '../telemetry.ts';
import { backoffMs, pauseMs } from '../wait.ts';
import type { Condition } from './assignment.ts';
import { deliverFilteredBatches } from './filtered-batches.ts';
import { noteCaughtUp } from './offset-store.ts';
import { type ConsumerOptions, defaultLimits } from './options.ts';
import { useOwnRecordDecoder } from './record-decoder.ts';
import { Session } from './session.ts';
import { readWatermarks } from './watermarks.ts';

export interface PartitionState {
  topic: string;
  partition: number;
  condition: Condition;
}

export interface EventConsumer {
  /** False while not a member of the group, or when a partition's transactions have failed for a minute. A stopped partition is not ill health: a restart would not help. */
  isHealthy(): boolean;
  /** The partitions that this process works on. */
  partitions(): PartitionState[];
  /** All partitions of the topics, whoever works on them. Empty until the first attempt to join; throws when Kafka or PostgreSQL cannot be reached. */
  lag(): Promise<PartitionLag[]>;
  /** Finishes running transactions, leaves the group. Takes at most three times `drainTimeoutMs`. */
  stop(): Promise<void>;
}

// With the module, before anybody in the process fetches.
useOwnRecordDecoder();

const failingTooLongMs = 60_000;

/** What this process believes of a partition disagrees with PostgreSQL and Kafka. */
function isMisplaced(kind: Condition['kind'], { stopped, nextOffset, lowWatermark, highWatermark }: PartitionLag): boolean {
  if (kind === 'RETRYING') return false;
  if (kind === 'LOCATING') return true;
  if (kind === 'STOPPED') return stopped === null;
  return stopped !== null || nextOffset < lowWatermark || nextOffset > highWatermark;
}

/**
 * Consumes topics into PostgreSQL, each message with exactly one effect: positions live beside the rows they stand for and move with them by
 * compare-and-set. Returns at once; joins the group as soon as Kafka and PostgreSQL allow, and again after every crash.
 */
export function startConsumer<T>(options: ConsumerOptions<T>): EventConsumer {
  deliverFilteredBatches();
  const limits = { ...defaultLimits, ...options.limits };
  const { group, topics, clock, log } = options;
  const prefix = options.topicPrefix ?? '';
  const stopping = new AbortController();
  let session: Session<T> | undefined;
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve(), { once: true }));

  async function supervise(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      session = new Session(options, limits);
      const current = session;
      try {
        await current.open();
        await Promise.race([current.ended, stopped]);
        if (current.joined) failures = 0;
      } catch (error) {
        log.error({ group, ...describeError(error) }, 'consumer cannot join');
      }
      await current.close();
      if (!stopping.signal.aborted) await pauseMs(backoffMs(failures, limits.maxBackoffMs), stopping.signal);
    }
  }

  async function lag(): Promise<PartitionLag[]> {
    if (session === undefined) return [];
    return lagOf(options.workers, group, await readWatermarks(session.admin, topics, prefix), clock.now());
  }

  /** Ranges, lag, stopped partitions that a person has restarted, and the hint to Kafka. */
  async function check(current: Session<T>): Promise<void> {
    const assignment = current.assignment;
    const lags = await lag();
    const mine = lags.filter(({ topic, partition }) => assignment.find(topic, partition) !== undefined);
    noteLag(stopping, { group, topics, partitions: mine });
    const misplaced = mine.flatMap((at) => {
      const known = assignment.find(at.topic, at.partition)!;
      return isMisplaced(known.condition.kind, at) ? [known] : [];
    });
    if (misplaced.length > 0) await current.relocate(assignment, misplaced);
    const now = clock.now();
    const caughtUp = mine.filter(({ messages, stopped }) => messages === 0n && stopped === null);
    await noteCaughtUp(
      options.workers,
      group,
      caughtUp.map((at) => ({ ...at, next: at.nextOffset })),
      now,
    );
    await current.hint();
  }

  async function every(intervalMs: number, work: (current: Session<T>) => Promise<void> | void, what: string): Promise<void> {
    while (!stopping.signal.aborted) {
      await pauseMs(intervalMs, stopping.signal);
      const current = session;
      if (current?.joined !== true || stopping.signal.aborted) continue;
      try {
        await work(current);
      } catch (error) {
        log.warn({ group, ...describeError(error) }, what);
      }
    }
  }

  // Seen from the start: a rate of nothing can be asked for, and an alarm can tell it from a service that does not run.
  for (const topic of topics) meters.deadLetters.add(0, { topic });

  const loops = Promise.all([
    supervise(),
    every(limits.resumeCheckMs, (current) => current.resumeHeld(), 'paused partitions were not looked at'),
    every(limits.checkMs, check, 'lag was not checked'),
  ]);

  return {
    isHealthy() {
      if (session?.joined !== true) return false;
      const now = clock.now().getTime();
      return session.assignment.all().every(({ failingSince }) => now - (failingSince?.getTime() ?? now) <= failingTooLongMs);
    },
    partitions: () => session?.assignment.all().map(({ topic, partition, condition }) => ({ topic, partition, condition })) ?? [],
    lag,
    async stop() {
      stopping.abort();
      await loops;
      noteLag(stopping, undefined);
    },
  };
}
