import { summariseDeadLetters } from '@bankcrm/events';
import type { SummariseDeadLettersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { AuditedCall } from '@bankcrm/service';
import { asCaller, type OperateDeps } from '../sync/operate.ts';

/** Waiting letters counted by reason and topic, most first. */
export const summariseLetters =
  (deps: OperateDeps) =>
  async (call: AuditedCall): Promise<SummariseDeadLettersResponse> => {
    const counts = await asCaller(deps, call, (tx) => summariseDeadLetters(tx));
    const byPlace = Map.groupBy(counts, ({ reason, topic }) => JSON.stringify([reason, topic]));
    return {
      counts: [...byPlace.values()].map((sources) => ({
        reason: sources[0]!.reason,
        topic: sources[0]!.topic,
        count: sources.reduce((sum, { count }) => sum + count, 0n),
        firstReceiveTime: new Date(Math.min(...sources.map(({ firstReceiveTime }) => firstReceiveTime.getTime()))),
        lastReceiveTime: new Date(Math.max(...sources.map(({ lastReceiveTime }) => lastReceiveTime.getTime()))),
      })),
    };
  };
