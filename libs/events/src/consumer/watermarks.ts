import type { Admin } from 'kafkajs';

export interface Watermarks {
  topic: string;
  partition: number;
  /** First offset that Kafka still holds. */
  low: bigint;
  /** Offset that the next message will get. */
  high: bigint;
}

/** What Kafka holds of these topics. `prefix` is put before each name on its way to Kafka. */
export async function readWatermarks(admin: Admin, topics: readonly string[], prefix: string): Promise<Watermarks[]> {
  const perTopic = await Promise.all(
    topics.map(async (topic) => {
      const partitions = await admin.fetchTopicOffsets(prefix + topic);
      return partitions.map(({ partition, low, high }) => ({ topic, partition, low: BigInt(low), high: BigInt(high) }));
    }),
  );
  return perTopic.flat();
}

/** Why a position cannot go on, in words for an operator; undefined when it can. */
export function outOfRange(next: bigint, { low, high }: Pick<Watermarks, 'low' | 'high'>): string | undefined {
  if (next < low)
    return `Next offset ${next} is gone: Kafka holds ${low} to ${high}. Messages ${next} to ${low - 1n} were deleted unread.`;
  if (next > high)
    return `Next offset ${next} is beyond the end: Kafka holds ${low} to ${high}. The topic lost messages or was made anew.`;
  return undefined;
}
