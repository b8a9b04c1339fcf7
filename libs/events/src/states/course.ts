import type { Tx } from '@bankcrm/database';
import { AppError, newId } from '@bankcrm/kernel';
import type { Message } from 'kafkajs';
import type { Leading } from '../leader/leader.ts';
import type { Log } from '../log.ts';
import { maxPayloadBytes } from '../outbox/append.ts';
import { messageOfEvent } from '../outbox/rows.ts';
import { meters } from '../telemetry.ts';
import type { StateFeed, StateMessage } from './feed.ts';
import {
  beginMarking,
  completeMarking,
  deleteMarks,
  type Marking,
  markAfter,
  raiseTurn,
  readMarks,
  readStanding,
  type Standing,
} from './marks.ts';

/** What one turn looks at. Changes of one key among them are sent once. */
const maxMarks = 20_000;
/** After this a turn ends with the batch in hand, so that no feed keeps the others waiting. */
const maxTurnMs = 500;
/** Keys that one republishing turn marks; only when nothing else waits, so that changes do not queue behind them. */
const maxMarkedKeys = 10_000;
/** Keys that are read and sent together. */
const batchKeys = 500;
/** kafkajs makes one record batch of all messages for a partition, and the broker refuses one over 2 MiB. */
const maxBatchBytes = 1_572_864;
/** For a message's headers and key. */
const overheadBytes = 1_024;

/** The feed itself cannot go on: no reason to stop the others. */
export class FeedFailed extends Error {}

/** What is done with the messages of a batch, all or none. */
export type Send = (topic: string, messages: Message[]) => Promise<void>;

/** The way of one feed under one leader. */
export interface Course {
  feed: StateFeed;
  /** Sends what is marked, in batches. True when more waits. Throws {@link FeedFailed} when the feed fails. */
  turn(): Promise<boolean>;
  /** Everything committed before it has been sent; undefined until that is known. */
  asOf(): Date | undefined;
  /** The database's time at the last look. */
  lookTime(): Date | undefined;
}

export interface CourseOptions {
  service: string;
  log: Log;
  /** Whether Kafka has the feed's topic. */
  hasTopic(): boolean;
  send: Send;
  /** Called while a turn goes on. */
  betweenBatches(): Promise<void>;
}

export function courseOf(
  feed: StateFeed,
  { client, lost }: Pick<Leading, 'client' | 'lost'>,
  { service, log, hasTopic, send, betweenBatches }: CourseOptions,
): Course {
  const { name, topic } = feed;
  let asOf: Date | undefined;
  let last: Standing | undefined;
  /** The moment that becomes `asOf` once no mark of before it is left. */
  let cut: Standing | undefined;
  /** Marks of earlier transactions are all sent: what is left of them in the index until it is vacuumed is not looked at again. */
  let from = 0n;

  async function turn(): Promise<boolean> {
    last = await readStanding(client, name);
    // What was published in an earlier epoch may be of a future that a restore has undone: nothing is promised until all is sent again. A person who asks
    // for that finds it sent already.
    if (last.isComplete) cut ??= last;
    else asOf = cut = undefined;
    if (!hasTopic()) throw new FeedFailed('the topic of a feed is missing');
    const { byKey, before } = await readMarks(client, name, { from, limit: maxMarks });
    const left = byKey.size === 0 ? undefined : await sendBatches([...byKey]);
    const sentBefore = left ?? before;
    if (sentBefore === 'all') from = last.xmin;
    // A transaction of before the cut that was not yet visible at it had not committed then.
    if (cut !== undefined && (sentBefore === 'all' || sentBefore >= cut.xmax)) {
      asOf = cut.time;
      cut = undefined;
    }
    if (sentBefore !== 'all') return true;
    if (last.marking.state === 'NOT_WANTED') return false;
    await markMore(last.marking);
    return true;
  }

  /** Gives the transaction of the oldest mark left, when time is up. */
  async function sendBatches(marks: [string, bigint[]][]): Promise<bigint | undefined> {
    const sequence = await raiseTurn(client, name);
    const end = performance.now() + maxTurnMs;
    for (let at = 0; at < marks.length; at += batchKeys) {
      if (at > 0) {
        if (performance.now() > end) return marks[at]![1][0];
        await betweenBatches();
      }
      const batch = marks.slice(at, at + batchKeys);
      const messages = await read(
        batch.map(([key]) => key),
        sequence,
      );
      for (const part of partsOf(messages)) {
        // The connection that holds the lock may have been lost since. Whoever has the lock then opened a producer of our id before it read a state,
        // and Kafka takes nothing of ours from that moment: an older state never lands behind a newer one, and compaction keeps the last.
        lost.throwIfAborted();
        await send(topic, part);
        meters.statesSent.add(part.length, { feed: name });
      }
      // Only now: who is killed before leaves the marks to a successor, who sends what then stands behind them.
      await deleteMarks(client, name, batch);
    }
    return undefined;
  }

  async function read(keys: readonly string[], sequence: bigint): Promise<Message[]> {
    const time = new Date();
    return ofFeed('the states of a feed cannot be read', async (tx) => {
      const states = await feed.read(tx, keys, sequence);
      return states.map((state) => messageOfState(state, time, service));
    });
  }

  async function markMore(marking: Marking): Promise<void> {
    const after = marking.state === 'RUNNING' ? marking.lastKey : '';
    if (marking.state === 'TO_BEGIN') {
      await beginMarking(client, name);
      log.info({ feed: name }, 'all states are published again');
    }
    const keys = await ofFeed('the keys of a feed cannot be read', async (tx) => {
      const { rows } = await tx.query<{ key: string }>(feed.keysAfter, [after, maxMarkedKeys]);
      return rows.map(({ key }) => key);
    });
    if (keys.length > 0) await markAfter(client, name, keys);
    if (keys.length === maxMarkedKeys) return;
    await completeMarking(client, name);
    log.info({ feed: name }, 'all states are marked to be published');
  }

  /** Reads what the feed says how to read. Only what goes wrong there is the feed's own misfortune. */
  async function ofFeed<T>(misfortune: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await inOneView(client, work);
    } catch (cause) {
      lost.throwIfAborted();
      throw new FeedFailed(misfortune, { cause });
    }
  }

  return { feed, turn, asOf: () => asOf, lookTime: () => last?.time };
}

/** One moment for all that a feed reads for its batch. */
async function inOneView<T>(client: Leading['client'], work: (tx: Tx) => Promise<T>): Promise<T> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
  }
}

function messageOfState({ payload, ...state }: StateMessage, time: Date, service: string): Message {
  if (payload.byteLength > maxPayloadBytes) throw new AppError('INTERNAL', 'EVENT_TOO_LARGE', { metadata: { type: state.type } });
  return messageOfEvent({ id: newId(), payload, time, ...state }, service);
}

/** The same messages in parts that a broker takes, whatever partition they go to. */
export function partsOf(messages: readonly Message[]): Message[][] {
  const parts: Message[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const size = overheadBytes + (message.value?.length ?? 0);
    if (bytes + size > maxBatchBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(message);
    bytes += size;
  }
  return parts;
}
