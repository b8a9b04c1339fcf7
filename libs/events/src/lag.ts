import type { Tx } from '@bankcrm/database';
import type { Watermarks } from './consumer/watermarks.ts';

/** How far one partition is behind. */
export interface PartitionLag {
  group: string;
  topic: string;
  partition: number;
  nextOffset: bigint;
  lowWatermark: bigint;
  highWatermark: bigint;
  /** Offsets not yet applied; transaction markers among them count too, until they are passed. */
  messages: bigint;
  /**
   * Age of the oldest message not applied; 0 when none waits. Exact while a pause holds a message back. Otherwise an upper bound: the message came
   * after the newest one applied and after the last check that found nothing waiting, so it is off by at most one check interval.
   */
  seconds: number;
  /** Messages applied since the start of time. */
  appliedMessages: bigint;
  stopped: { reason: string; detail: string; time: Date } | null;
}

interface Row {
  topic: string;
  partition: number;
  next_offset: bigint;
  applied_messages: bigint;
  last_message_time: Date | null;
  caught_up_time: Date | null;
  waiting_message_time: Date | null;
  stopped_reason: string | null;
  stopped_detail: string | null;
  stop_time: Date | null;
  update_time: Date;
}

/** Holds what Kafka has against what PostgreSQL says was applied. A partition without a position yet waits from its beginning. */
export async function lagOf(tx: Tx, group: string, watermarks: readonly Watermarks[], now: Date): Promise<PartitionLag[]> {
  const { rows } = await tx.query<Row>(
    `SELECT topic, partition, next_offset, applied_messages, last_message_time, caught_up_time, waiting_message_time,
       stopped_reason, stopped_detail, stop_time, update_time
     FROM events.kafka_offset WHERE consumer_group = $1 AND topic = ANY ($2)`,
    [group, [...new Set(watermarks.map(({ topic }) => topic))]],
  );
  const byPlace = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, row]));
  return watermarks.map(({ topic, partition, low, high }) => {
    const row = byPlace.get(`${topic}/${partition}`);
    const nextOffset = row?.next_offset ?? low;
    const messages = high > nextOffset ? high - nextOffset : 0n;
    return {
      group,
      topic,
      partition,
      nextOffset,
      lowWatermark: low,
      highWatermark: high,
      messages,
      seconds: messages === 0n || row === undefined ? 0 : ageSeconds(row, now),
      appliedMessages: row?.applied_messages ?? 0n,
      stopped:
        row?.stopped_reason == null
          ? null
          : { reason: row.stopped_reason, detail: row.stopped_detail ?? '', time: row.stop_time ?? row.update_time },
    };
  });
}

/** See {@link PartitionLag.seconds}. A partition never applied and never seen empty has waited since its position was made. */
export function ageSeconds(
  row: Pick<Row, 'last_message_time' | 'caught_up_time' | 'waiting_message_time' | 'update_time'>,
  now: Date,
): number {
  const since =
    row.waiting_message_time?.getTime() ??
    (row.last_message_time === null && row.caught_up_time === null
      ? row.update_time.getTime()
      : Math.max(row.last_message_time?.getTime() ?? 0, row.caught_up_time?.getTime() ?? 0));
  return Math.max(0, (now.getTime() - since) / 1000);
}
