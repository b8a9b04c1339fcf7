import { describeError } from '@bankcrm/kernel';
import type { Admin, Consumer, EachBatchPayload } from 'kafkajs';
import { openKafka } from '../kafka.ts';
import { sourceSystemOf } from '../messages.ts';
import { meters } from '../telemetry.ts';
import { backoffMs, pauseMs, within } from '../wait.ts';
import { Assignment, type Partition } from './assignment.ts';
import { beforePaused, chunksOf } from './chunks.ts';
import type { FetchedBatch } from './filtered-batches.ts';
import { type Located, locate } from './locate.ts';
import { noteWaiting, type Place } from './offset-store.ts';
import type { ConsumerLimits, ConsumerOptions } from './options.ts';
import type { FetchedRecord } from './record-decoder.ts';
import { writeChunk } from './write-chunk.ts';

/**
 * One membership in the group, from connecting until kafkajs gives up or we leave. kafkajs's idea of a position is never trusted: on
 * assignment all partitions are paused until PostgreSQL has said where they go on, and a batch that was fetched from anywhere else is dropped.
 */
export class Session<T> {
  readonly #options: ConsumerOptions<T>;
  readonly #limits: ConsumerLimits;
  readonly #prefix: string;
  readonly #consumer: Consumer;
  readonly admin: Admin;
  readonly #ended = Promise.withResolvers<void>();
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  assignment = new Assignment([]);
  /** Whether we are a member with positions. */
  joined = false;

  constructor(options: ConsumerOptions<T>, limits: ConsumerLimits) {
    this.#options = options;
    this.#limits = limits;
    this.#prefix = options.topicPrefix ?? '';
    const kafka = openKafka(options.kafka, options.log);
    this.admin = kafka.admin();
    this.#consumer = kafka.consumer({
      groupId: options.kafkaGroup ?? this.#prefix + options.group,
      allowAutoTopicCreation: false,
      sessionTimeout: limits.sessionTimeoutMs,
      heartbeatInterval: Math.floor(limits.sessionTimeoutMs / 10),
      rebalanceTimeout: limits.sessionTimeoutMs * 2,
      maxBytesPerPartition: limits.maxBytesPerPartition,
      maxBytes: limits.maxBytes,
      maxWaitTimeInMs: limits.maxWaitMs,
      // One way back after any crash: the supervisor opens a new session.
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5, restartOnFailure: async () => false },
    });
  }

  /** Joins the group; throws when the cluster or a topic cannot be reached. */
  async open(): Promise<void> {
    const { CRASH, GROUP_JOIN } = this.#consumer.events;
    this.#consumer.on(CRASH, ({ payload }) => {
      this.#options.log.error({ group: this.#options.group, ...describeError(payload.error) }, 'consumer crashed');
      this.#ended.resolve();
    });
    this.#consumer.on(GROUP_JOIN, ({ payload }) => this.#assigned(payload.memberAssignment));
    await this.admin.connect();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: this.#options.topics.map((topic) => this.#prefix + topic), fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#limits.partitionsConcurrently,
      eachBatch: (payload) => this.#track(this.#onBatch(payload)),
    });
  }

  /** Settles when the session is over for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Lets running transactions finish, tells Kafka the last positions, leaves the group. */
  async close(): Promise<void> {
    this.#stopping.abort();
    this.joined = false;
    const drained = await within(this.#limits.drainTimeoutMs, Promise.allSettled(this.#running));
    if (!drained) this.#options.log.warn({ group: this.#options.group }, 'a transaction outlasted the time to stop');
    await within(this.#limits.drainTimeoutMs, this.hint());
    await within(this.#limits.drainTimeoutMs, Promise.allSettled([this.#consumer.disconnect(), this.admin.disconnect()]));
    this.#ended.resolve();
  }

  place(partition: Pick<Partition, 'topic' | 'partition'>): Place {
    return { group: this.#options.group, topic: partition.topic, partition: partition.partition };
  }

  #track(work: Promise<void>): Promise<void> {
    this.#running.add(work);
    return work.finally(() => this.#running.delete(work));
  }

  #assigned(memberAssignment: Readonly<Record<string, readonly number[]>>): void {
    const places = Object.entries(memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic: topic.slice(this.#prefix.length), partition })),
    );
    const assignment = new Assignment(places);
    this.assignment = assignment;
    for (const partition of assignment.all()) this.#setFetching(partition, false);
    void this.#locateAll(assignment);
  }

  async #locateAll(assignment: Assignment): Promise<void> {
    for (let failures = 0; assignment === this.assignment && !this.#stopping.signal.aborted; failures += 1) {
      try {
        await this.relocate(assignment, assignment.all());
        this.joined = true;
        this.#options.log.info({ group: this.#options.group, partitions: assignment.all().length }, 'partitions assigned');
        return;
      } catch (error) {
        this.#options.log.error({ group: this.#options.group, ...describeError(error) }, 'positions cannot be read');
        await pauseMs(backoffMs(failures, this.#limits.maxBackoffMs), this.#stopping.signal);
      }
    }
  }

  /** Takes the positions of these partitions from PostgreSQL and seeks there, or stops where Kafka no longer holds what comes next. */
  async relocate(assignment: Assignment, partitions: readonly Partition[]): Promise<void> {
    const { workers, group, clock, log } = this.#options;
    const located = await locate({ pool: workers, admin: this.admin, prefix: this.#prefix, group, clock }, partitions);
    if (assignment !== this.assignment) return;
    for (const position of located) this.#take(assignment.find(position.topic, position.partition), position);
    for (const { topic, partition, stopped, isNew } of located) {
      if (stopped !== undefined && isNew) log.error({ group, topic, partition, ...stopped }, 'partition stopped');
    }
  }

  #take(partition: Partition | undefined, { next, stopped }: Located): void {
    if (partition === undefined) return;
    if (stopped !== undefined) {
      partition.condition = { kind: 'STOPPED', next, reason: stopped.reason };
      this.#setFetching(partition, false);
      return;
    }
    this.#goOnFrom(partition, next);
  }

  /** kafkajs throws here only when it has crashed or stopped already; the next session starts from PostgreSQL. */
  #setFetching({ topic, partition }: Partition, on: boolean): void {
    const places = [{ topic: this.#prefix + topic, partitions: [partition] }];
    try {
      if (on) this.#consumer.resume(places);
      else this.#consumer.pause(places);
    } catch {
      this.#ended.resolve();
    }
  }

  #goOnFrom(partition: Partition, next: bigint): void {
    partition.condition = { kind: 'RUNNING', next };
    try {
      this.#consumer.seek({ topic: this.#prefix + partition.topic, partition: partition.partition, offset: String(next) });
    } catch {
      this.#ended.resolve();
    }
    this.#setFetching(partition, true);
  }

  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const assignment = this.assignment;
    const partition = assignment.find(payload.batch.topic.slice(this.#prefix.length), payload.batch.partition);
    if (partition?.condition.kind !== 'RUNNING' || this.#stopping.signal.aborted) return;
    // Keeps the membership alive while transactions run, and tells when a rebalance has begun: then the next chunk is somebody else's.
    let isLeaving = false;
    const beat = setInterval(() => {
      payload.heartbeat().catch(() => {
        isLeaving = true;
      });
    }, this.#limits.sessionTimeoutMs / 10);
    const mayGoOn = () =>
      !isLeaving && assignment === this.assignment && !this.#stopping.signal.aborted && payload.isRunning() && !payload.isStale();
    try {
      await this.#write(assignment, partition, partition.condition.next, payload, mayGoOn);
    } catch (error) {
      this.#fail(assignment, partition, error);
    } finally {
      clearInterval(beat);
    }
    await payload.heartbeat();
  }

  async #write(
    assignment: Assignment,
    partition: Partition,
    expected: bigint,
    payload: EachBatchPayload,
    mayGoOn: () => boolean,
  ): Promise<void> {
    const { batch } = payload;
    const from = BigInt((batch as unknown as FetchedBatch).fetchedOffset);
    if (from !== expected) return this.relocate(assignment, [partition]);

    const { sourceOf = sourceSystemOf } = this.#options;
    const paused = this.#options.pausedSources?.(partition.topic);
    const all = {
      from,
      last: BigInt(batch.lastOffset()),
      messages: (batch.messages as unknown as FetchedRecord[]).map((record) => record.of(partition)),
    };
    const { fetched, held } =
      paused === undefined || paused.size === 0
        ? { fetched: all, held: undefined }
        : beforePaused(all, (raw) => paused.has(sourceOf(raw)));

    let next = expected;
    for (const chunk of held !== undefined && fetched.messages.length === 0
      ? []
      : chunksOf(fetched, this.#limits.maxBatchMessages)) {
      if (!mayGoOn()) return;
      const moved = await writeChunk(this.#options, this.place(partition), chunk);
      if (!moved) return this.relocate(assignment, [partition]);
      next = chunk.next;
      partition.failures = 0;
      partition.failingSince = undefined;
      if (partition.condition.kind === 'RUNNING') partition.condition = { kind: 'RUNNING', next };
      payload.resolveOffset(String(next - 1n));
    }
    if (held === undefined) return;
    partition.condition = { kind: 'HELD', next, sourceSystem: sourceOf(held) };
    this.#setFetching(partition, false);
    await noteWaiting(this.#options.workers, this.place(partition), next, held.time);
  }

  /** Whether the failed transaction was committed is not known (the connection may have broken on the commit's answer): PostgreSQL is asked again. */
  #fail(assignment: Assignment, partition: Partition, error: unknown): void {
    if (assignment !== this.assignment || this.#stopping.signal.aborted) return;
    const { group, log, clock } = this.#options;
    const { topic } = partition;
    log.error(
      { group, topic, partition: partition.partition, failures: partition.failures + 1, ...describeError(error) },
      'batch failed',
    );
    meters.failures.add(1, { topic });
    partition.condition = { kind: 'RETRYING' };
    partition.failingSince ??= clock.now();
    this.#setFetching(partition, false);
    void this.#retryLater(assignment, partition);
  }

  async #retryLater(assignment: Assignment, partition: Partition): Promise<void> {
    await pauseMs(backoffMs(partition.failures, this.#limits.maxBackoffMs), this.#stopping.signal);
    partition.failures += 1;
    if (assignment !== this.assignment || this.#stopping.signal.aborted) return;
    await this.relocate(assignment, [partition]).catch((error: unknown) => this.#fail(assignment, partition, error));
  }

  /** Lets partitions go on whose source is no longer paused. */
  resumeHeld(): void {
    for (const partition of this.assignment.all()) {
      const { condition, topic } = partition;
      if (condition.kind !== 'HELD' || this.#options.pausedSources?.(topic).has(condition.sourceSystem)) continue;
      this.#goOnFrom(partition, condition.next);
    }
  }

  /** Tells Kafka the positions, for lag tools and autoscalers. Nothing depends on it. */
  async hint(): Promise<void> {
    const changed = this.assignment.all().flatMap((partition) => {
      const next = 'next' in partition.condition ? partition.condition.next : undefined;
      return next === undefined || next === partition.hinted ? [] : [{ partition, next }];
    });
    if (changed.length === 0) return;
    try {
      await this.#consumer.commitOffsets(
        changed.map(({ partition, next }) => ({
          topic: this.#prefix + partition.topic,
          partition: partition.partition,
          offset: String(next),
        })),
      );
      for (const { partition, next } of changed) partition.hinted = next;
    } catch (error) {
      this.#options.log.warn({ group: this.#options.group, ...describeError(error) }, 'commit hint refused');
    }
  }
}
