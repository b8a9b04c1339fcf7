import { actorName, auditHash } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import { type AppliedLetter, packContent, readDeadLetter, replayDeadLetters, type Selection } from '@bankcrm/events';
import type { ReplayDeadLettersRequest, ReplayDeadLettersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { Call } from '@bankcrm/service';
import { customersConcerned } from '../../store/letter-customers.ts';
import { actOn, audit, recordAct } from '../acts.ts';
import { asOperator } from '../operators/operate.ts';
import type { Incoming } from '../sync/incoming.ts';
import type { DeadLetterDeps } from './deps.ts';
import { publishApplied } from './publish-applied.ts';
import { timeLeftMs } from './time-left.ts';
import { letterName, selectionOf, selectionResource } from './wire.ts';

/**
 * Applies letters again, one or all of a reason, in bounded transactions until all were tried or the call's deadline is near; then the answer says how
 * many still wait, and its page token goes on behind those that were tried. Each transaction records whose doing it was, how many it applied, and the
 * customers that a person's corrections concerned; and says to other readers of core banking what was applied.
 */
export const replayLetters =
  (deps: DeadLetterDeps) =>
  async (request: ReplayDeadLettersRequest, call: Call): Promise<ReplayDeadLettersResponse> => {
    const selection = selectionOf(request);
    const { reason } = request;
    const resource = selectionResource(selection);
    const query = [call.operation, actorName(call.caller), request.name, reason];
    const after = deps.pages.read(query, request.pageToken)?.[0];
    const waiting = await asOperator(deps, call, (tx) => countWaiting(tx, selection));
    const { workers, sealer, clock, decode, apply, refuseCorrection } = deps;
    const { replayed, continueAfter } = await replayDeadLetters(
      {
        workers,
        sealer,
        clock,
        decode,
        apply,
        refuseCorrection,
        async record(tx, { applied, now }) {
          await audit(tx, call, { time: now, resource, reason, count: BigInt(applied.length) });
          await recordCorrected(tx, deps, call, applied, now);
          await publishApplied(tx, deps, applied, now);
        },
      },
      {
        selection,
        timeLimitMs: timeLeftMs(call),
        ...(after ? { after } : {}),
      },
    );
    const count = BigInt(replayed);
    return {
      applied: count,
      stillWaiting: waiting > count ? waiting - count : 0n,
      nextPageToken: continueAfter === undefined ? '' : deps.pages.issue(query, [continueAfter]),
    };
  };

/** What a person put in the place of a message has its effect now: in the history of each customer that it concerns. */
async function recordCorrected(
  tx: Tx,
  deps: DeadLetterDeps,
  call: Call,
  applied: readonly AppliedLetter<Incoming>[],
  now: Date,
): Promise<void> {
  for (const { letter, item } of applied) {
    if (!letter.isCorrected) continue;
    const customerIds = await customersConcerned(tx, deps.subjectOf(item.raw));
    if (customerIds.length === 0) continue;
    const { received } = await readDeadLetter(tx, deps.sealer, letter.id);
    const facts = {
      resource: letterName(letter.id),
      newValueHash: auditHash(deps.auditKeys, packContent(item.raw)),
      fields: deps.correctedFields(received, item.raw),
    };
    await recordAct(tx, ...customerIds.map((customerId) => actOn(customerId, call, deps, now, facts)));
  }
}

async function countWaiting(tx: Tx, selection: Selection): Promise<bigint> {
  const { rows } = await tx.query<{ count: bigint }>(
    `SELECT count(*) AS count FROM events.dead_letter
     WHERE state = 'WAITING' AND ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR reason = $2)`,
    'id' in selection ? [selection.id, null] : [null, selection.reason],
  );
  return rows[0]!.count;
}
