import { setTimeout as pause } from 'node:timers/promises';
import type { PartitionLag } from '@bankcrm/events';
import { AppError, unavailable } from '@bankcrm/kernel';
import { Reason } from '../../domain/reasons.ts';

const timeLimitMs = 2_000;

/** All partitions of all topics, against what Kafka holds. Throws UNAVAILABLE `KAFKA_UNREACHABLE` where it does not answer in time, or has not been asked yet. */
export async function knownLag({ lag }: { lag: () => Promise<readonly PartitionLag[]> }): Promise<readonly PartitionLag[]> {
  const answered = new AbortController();
  const late = pause(timeLimitMs, undefined, { signal: answered.signal }).then((): never => {
    throw unavailable(Reason.kafkaUnreachable);
  });
  try {
    const partitions = await Promise.race([lag(), late]);
    if (partitions.length === 0) throw unavailable(Reason.kafkaUnreachable);
    return partitions;
  } catch (error) {
    throw error instanceof AppError ? error : unavailable(Reason.kafkaUnreachable, error);
  } finally {
    answered.abort();
  }
}
