import { describeError } from '@bankcrm/kernel';
import { type KafkaConnection, openKafka } from '../kafka.ts';
import { type Leader, type Leading, startLeader, stopTimeoutMs } from '../leader/leader.ts';
import { openPublisher } from '../leader/publisher.ts';
import type { Log } from '../log.ts';
import { meters } from '../telemetry.ts';
import { backoffMs, pauseMs, within } from '../wait.ts';
import { type Course, courseOf, FeedFailed } from './course.ts';
import type { StateFeed } from './feed.ts';
import { heartbeatsOf } from './heartbeat.ts';
import { countMarks, insertFeed } from './marks.ts';
import { countPartitions } from './partitions.ts';

export interface StatesOptions {
  kafka: KafkaConnection;
  /** Name of the service: its lock, its transactional id, its `ce_source`. */
  service: string;
  /** A direct connection as the worker role. */
  databaseUrl: string;
  log: Log;
  feeds: readonly StateFeed[];
  /** Put before topics and the transactional id. Default: none. */
  topicPrefix?: string;
  /** Between two looks at the marks of a feed; 200 by default. */
  everyMs?: number;
  /** Between two heartbeats; 2,000 by default. */
  heartbeatEveryMs?: number;
  /** Between two tries to become the leader. */
  standbyMs?: number;
  /** True while something has the right of way, such as a first load: then turns take a twentieth of the time. */
  yieldTo?: (() => boolean) | undefined;
}

/** When it stops it ends the turn in hand; what is marked waits for the next leader. */
export type States = Leader;

/** Pause for each unit of work while it yields: nineteen twentieths of the time. */
const yieldFactor = 19;
const measureEveryMs = 5_000;
/** How soon a topic that was given more partitions is noticed. */
const partitionsEveryMs = 10_000;
const maxBackoffMs = 5_000;

/**
 * Publishes the newest state of what was marked ({@link markStates}), and heartbeats, for as long as this process leads; otherwise stands by. Returns at
 * once. Of many changes of a key the last is sent; a change may be sent twice, with a higher sequence, never an older one behind a newer.
 */
export function startStates(options: StatesOptions): States {
  const { service, log, feeds, topicPrefix = '', everyMs = 200, heartbeatEveryMs = 2_000, standbyMs = 500, yieldTo } = options;
  const kafka = openKafka(options.kafka, log);
  const topics = feeds.map(({ topic }) => topicPrefix + topic);
  /** By feed, how often in a row it failed under this leader, and until when it is left alone. */
  const failing = new Map<StateFeed, { failures: number; until: number }>();

  async function lead(leader: Leading): Promise<void> {
    const { client, stopping, wake } = leader;
    const open = () => openPublisher(kafka, `${topicPrefix}${service}-states`);
    let publisher = await open();
    try {
      for (const { name } of feeds) await insertFeed(client, name);
      let partitions = await countPartitions(kafka, topics);
      const send = (topic: string, messages: Parameters<typeof publisher.publish>[0][number]['messages']) =>
        publisher.publish([{ topic: topicPrefix + topic, messages }]);
      const courses = feeds.map((feed) => {
        const hasTopic = () => partitions.has(topicPrefix + feed.topic);
        return courseOf(feed, leader, { service, log, hasTopic, send, betweenBatches: () => beat() });
      });

      const beat = every(heartbeatEveryMs, async () => {
        const topicMessages = courses.flatMap(({ feed, asOf }) => {
          const topic = topicPrefix + feed.topic;
          const [time, count] = [asOf(), partitions.get(topic)];
          return time === undefined || count === undefined ? [] : [{ topic, messages: heartbeatsOf(count, time, service) }];
        });
        leader.lost.throwIfAborted();
        if (topicMessages.length > 0) await publisher.publish(topicMessages);
      });
      const lookAtPartitions = every(partitionsEveryMs, async () => {
        const found = await countPartitions(kafka, topics);
        if (topics.every((topic) => found.get(topic) === partitions.get(topic))) return;
        // The producer knows the partitions of when it first sent something, and silently drops what is for another.
        await within(stopTimeoutMs, publisher.close());
        publisher = await open();
        partitions = found;
      });
      const measure = every(measureEveryMs, async () => {
        for (const course of courses) await measureCourse(course);
      });
      const began = new Date();
      const measureCourse = async ({ feed: { name }, asOf, lookTime }: Course): Promise<void> => {
        const now = lookTime() ?? began;
        const behindMs = Math.max(0, now.getTime() - (asOf() ?? began).getTime());
        record(name, { waiting: await countMarks(client, name), behindMs });
      };

      for (;;) {
        const start = performance.now();
        let more = false;
        for (const course of courses) more = (await turn(course, leader)) || more;
        await beat();
        await lookAtPartitions();
        await measure();
        leader.worked();
        if (stopping.aborted) return;
        const end = performance.now();
        const pause = () => (yieldTo?.() ? Math.max(everyMs, (end - start) * yieldFactor) : more ? 0 : everyMs);
        // Asked again and again: what has the right of way may be over.
        for (let leftMs = pause(); leftMs > 0 && !wake.aborted; leftMs = end + pause() - performance.now()) {
          await pauseMs(Math.min(leftMs, everyMs), wake);
          await beat();
        }
      }
    } finally {
      // The next leader tells how the feeds are. Our last values would stand for ever.
      failing.clear();
      for (const { name } of feeds) record(name, { waiting: 0, behindMs: 0 });
      await within(stopTimeoutMs, publisher.close());
    }
  }

  function record(feed: string, { waiting, behindMs }: { waiting: number; behindMs: number }): void {
    meters.statesWaiting.record(waiting, { service, feed });
    meters.statesBehind.record(behindMs / 1_000, { service, feed });
  }

  /** A turn of a feed, unless it failed a moment ago. True when more waits. */
  async function turn(course: Course, { lost }: Leading): Promise<boolean> {
    const { feed } = course;
    const { failures, until } = failing.get(feed) ?? { failures: 0, until: 0 };
    if (performance.now() < until) return false;
    try {
      const more = await course.turn();
      failing.delete(feed);
      return more;
    } catch (error) {
      if (!(error instanceof FeedFailed) || lost.aborted) throw error;
      failing.set(feed, { failures: failures + 1, until: performance.now() + backoffMs(failures + 1, maxBackoffMs) });
      log.error({ feed: feed.name, failures: failures + 1, ...describeError(error.cause ?? error) }, error.message);
      return false;
    }
  }

  const leader = startLeader({
    service,
    name: 'states publisher',
    lock: `bankcrm/states/${service}`,
    databaseUrl: options.databaseUrl,
    log,
    standbyMs,
    lead,
  });
  return { ...leader, isHealthy: () => leader.isHealthy() && failing.size === 0 };
}

/** Work that is done when it is called and so long has passed since it was last begun. */
function every(ms: number, work: () => Promise<void>): () => Promise<void> {
  let next = Number.NEGATIVE_INFINITY;
  return async () => {
    if (performance.now() < next) return;
    next = performance.now() + ms;
    await work();
  };
}
