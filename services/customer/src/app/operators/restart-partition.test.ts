import { systemClock } from '@bankcrm/kernel';
import type { AuditedCall } from '@bankcrm/service';
import { describe, expect, it } from 'vitest';
import { type RestartPartitionDeps, restartPartition } from './restart-partition.ts';

const topic = 'corebanking.rates.v1';

describe('a partition that an operator restarts while Kafka cannot be reached', () => {
  const restart = (lag: RestartPartitionDeps['lag']) =>
    restartPartition({ topics: [topic], clock: systemClock, lag } as unknown as RestartPartitionDeps)(
      { name: `syncStates/core.${topic}`, partition: 0, nextOffset: undefined, reason: 'made anew' },
      {} as AuditedCall,
    );
  const refusal = { kind: 'UNAVAILABLE', reason: 'KAFKA_UNREACHABLE' };

  it('is refused as an outage that keeps its cause', async () => {
    const cause = new Error('connect ECONNREFUSED');
    await expect(restart(() => Promise.reject(cause))).rejects.toMatchObject({ ...refusal, cause });
  });

  it('is refused as an outage before Kafka was reached for the first time', async () => {
    await expect(restart(async () => [])).rejects.toMatchObject(refusal);
  });

  it('is refused after two seconds without an answer', async () => {
    await expect(restart(() => new Promise(() => {}))).rejects.toMatchObject(refusal);
  });
});
