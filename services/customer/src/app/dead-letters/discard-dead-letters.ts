import { actorName } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import { discardBatch, discardDeadLetters, readDeadLetter } from '@bankcrm/events';
import type { DiscardDeadLettersRequest, DiscardDeadLettersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { Call } from '@bankcrm/service';
import { requireNote } from '../../domain/free-text.ts';
import { customersInSight } from '../../store/letter-customers.ts';
import { audit } from '../acts.ts';
import { asOperator } from '../operators/operate.ts';
import type { DeadLetterDeps } from './deps.ts';
import { recordLetter } from './record-letter.ts';
import { timeLeftMs } from './time-left.ts';
import { selectionOf, selectionResource } from './wire.ts';

/**
 * Gives letters up, one or all of a reason, in bounded transactions until none waits or the call's deadline is near; then the answer has a token to go on
 * with. Each transaction records whose doing it was, why, and how many it gave up; a single letter stands in the history of
 * the customers that it concerns. They stay readable.
 */
export const discardLetters =
  (deps: DeadLetterDeps) =>
  async (request: DiscardDeadLettersRequest, call: Call): Promise<DiscardDeadLettersResponse> => {
    const selection = selectionOf(request);
    const note = requireNote('note', request.note);
    // What was given up waits no longer: to go on is to begin again.
    const query = [call.operation, actorName(call.caller), request.name, request.reason];
    deps.pages.read(query, request.pageToken);
    const resource = selectionResource(selection);
    for (let discarded = 0; ; ) {
      const count = await asOperator(deps, call, async (tx) => {
        const now = deps.clock.now();
        const given = await discardDeadLetters(tx, selection, now);
        const customerIds = given > 0 && 'id' in selection ? await customersOf(tx, deps, selection.id) : [];
        if (customerIds.length > 0) await recordLetter(tx, call, deps, customerIds, { time: now, resource, reason: note });
        else await audit(tx, call, { time: now, resource, reason: note, count: BigInt(given) });
        return given;
      });
      discarded += count;
      const isAll = count < discardBatch;
      if (isAll || timeLeftMs(call) === 0)
        return { discarded: BigInt(discarded), nextPageToken: isAll ? '' : deps.pages.issue(query, []) };
    }
  };

/** The customers that a letter concerns, where the caller sees all of them. */
async function customersOf(tx: Tx, { sealer, subjectOf }: DeadLetterDeps, id: string): Promise<string[]> {
  const { received } = await readDeadLetter(tx, sealer, id);
  return (await customersInSight(tx, subjectOf(received))) ?? [];
}
