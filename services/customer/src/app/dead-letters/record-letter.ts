import type { Tx } from '@bankcrm/database';
import type { AuditFacts, Call } from '@bankcrm/service';
import { actOn, audit, recordAct } from '../acts.ts';
import type { DeadLetterDeps } from './deps.ts';

type LetterFacts = Pick<AuditFacts, 'time' | 'resource' | 'reason' | 'oldValueHash' | 'newValueHash' | 'fields'>;

/** Writes down what was done with a letter: in the history of each customer that it concerns, or as an act on the letter where it concerns none. */
export async function recordLetter(
  tx: Tx,
  call: Call,
  deps: Pick<DeadLetterDeps, 'fields' | 'auditKeys'>,
  customerIds: readonly string[],
  facts: LetterFacts,
): Promise<void> {
  if (customerIds.length === 0) return audit(tx, call, facts);
  await recordAct(tx, ...customerIds.map((customerId) => actOn(customerId, call, deps, facts.time, facts)));
}
