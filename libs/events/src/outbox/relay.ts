import type { Sealer } from '@bankcrm/database';
import { type KafkaConnection, openKafka } from '../kafka.ts';
import { type Leader, type Leading, startLeader, stopTimeoutMs } from '../leader/leader.ts';
import { openPublisher, type Publisher } from '../leader/publisher.ts';
import type { Log } from '../log.ts';
import { outboxPlace } from '../sealer.ts';
import { meters } from '../telemetry.ts';
import { pauseMs, within } from '../wait.ts';
import { type OutboxRow, topicMessages } from './rows.ts';
import { deleteSent, measureOutbox, readUnsent } from './sweep.ts';

export interface RelayOptions {
  kafka: KafkaConnection;
  /** Name of the service: its lock, its transactional id, its `ce_source`. */
  service: string;
  /** A direct connection as the worker role. */
  databaseUrl: string;
  log: Log;
  /** Opens the payloads that were sealed until they are sent; needed by a service that publishes a topic with C2. */
  sealer?: Sealer | undefined;
  /** Put before topics and the transactional id. Default: none. */
  topicPrefix?: string;
  /** Between two tries to become the leader. */
  standbyMs?: number;
}

/** When it stops it sends what is committed by then. */
export type Relay = Leader;

/**
 * Between two looks at an outbox that was just emptied. Polling, because NOTIFY takes one lock of the whole cluster at each commit that notifies, and
 * every view of a customer commits an audit entry; a look at an empty outbox is one index probe.
 */
const pollMs = 50;
/** And between two when nothing has come for a while: ten services at rest would otherwise keep a processor awake. */
const longestPollMs = 250;
/** The wait grows by a tenth at each empty look: from the shortest to the longest within about two seconds. */
const pollGrowth = 1.1;
const measureEveryMs = 5_000;

/** Publishes the outbox for as long as this process leads; otherwise stands by. Returns at once. */
export function startRelay(options: RelayOptions): Relay {
  const { service, log, topicPrefix = '', standbyMs = 500 } = options;
  const kafka = openKafka(options.kafka, log);

  const opened = (rows: readonly OutboxRow[]): OutboxRow[] =>
    rows.map((row) => {
      if (!row.is_sealed) return row;
      if (options.sealer === undefined) throw new Error(`an event of ${row.topic} is sealed, and the relay was given no sealer`);
      return { ...row, payload: options.sealer.open(row.payload, outboxPlace(row.id)) };
    });

  /** One batch: read, send, delete. True when there was one, so that there may be more. */
  async function sweep({ client, lost }: Leading, publisher: Publisher): Promise<boolean> {
    const rows = await readUnsent(client);
    if (rows.length === 0) return false;
    // Between this line and Kafka's answer the lock may still be lost. Whoever gets it opens a producer of the same id before reading a
    // row, and Kafka refuses our commit; if ours came first, the rows are sent twice under the same ids.
    lost.throwIfAborted();
    await publisher.publish(topicMessages(opened(rows), service, topicPrefix));
    await deleteSent(client, rows);
    meters.outboxSent.add(rows.length);
    return true;
  }

  /** Opens a producer and sweeps until something breaks or we stop. */
  async function lead(leader: Leading): Promise<void> {
    const publisher = await openPublisher(kafka, `${topicPrefix}${service}-outbox`);
    let measured = Number.NEGATIVE_INFINITY;
    let waitMs = pollMs;
    try {
      for (;;) {
        const sent = await sweep(leader, publisher);
        waitMs = sent ? pollMs : Math.min(waitMs * pollGrowth, longestPollMs);
        leader.worked();
        if (performance.now() - measured > measureEveryMs) {
          const { depth, ageSeconds } = await measureOutbox(leader.client);
          meters.outboxDepth.record(depth, { service });
          meters.outboxAge.record(ageSeconds, { service });
          measured = performance.now();
        }
        if (sent) continue;
        if (leader.stopping.aborted) return;
        await pauseMs(waitMs, leader.wake);
      }
    } finally {
      await within(stopTimeoutMs, publisher.close());
    }
  }

  return startLeader({
    service,
    name: 'outbox relay',
    lock: `bankcrm/outbox/${service}`,
    databaseUrl: options.databaseUrl,
    log,
    standbyMs,
    lead,
  });
}
