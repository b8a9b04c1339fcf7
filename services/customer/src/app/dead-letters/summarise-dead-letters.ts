import { summariseDeadLetters } from '@bankcrm/events';
import type { SummariseDeadLettersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { AuditedCall } from '@bankcrm/service';
import { asCaller, type OperateDeps } from '../sync/operate.ts';

/** Waiting letters counted by reason and topic, most first. */
export const summariseLetters =
  (deps: OperateDeps) =>
  async (call: AuditedCall): Promise<SummariseDeadLettersResponse> => ({
    counts: await asCaller(deps, call, (tx) => summariseDeadLetters(tx)),
  });
