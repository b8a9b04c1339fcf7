import { summariseDeadLetters } from '@bankcrm/events';
import type { SummariseDeadLettersRequest, SummariseDeadLettersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { AuditedCall } from '@bankcrm/service';
import { asOperator, type OperateDeps } from '../operators/operate.ts';

/** Waiting letters counted by reason and topic, most first. */
export const summariseLetters =
  (deps: OperateDeps) =>
  async (_request: SummariseDeadLettersRequest, call: AuditedCall): Promise<SummariseDeadLettersResponse> => ({
    counts: await asOperator(deps, call, (tx) => summariseDeadLetters(tx)),
  });
