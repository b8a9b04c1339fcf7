import { actorName } from '@bankcrm/access';
import type { Tx } from '@bankcrm/database';
import { replayDeadLetters, type Selection } from '@bankcrm/events';
import type { ReplayDeadLettersRequest, ReplayDeadLettersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { Call } from '@bankcrm/service';
import { audit } from '../acts.ts';
import { asOperator } from '../operators/operate.ts';
import type { DeadLetterDeps } from './deps.ts';
import { timeLeftMs } from './time-left.ts';
import { selectionOf, selectionResource } from './wire.ts';

/**
 * Applies letters again, one or all of a reason, in bounded transactions until all were tried or the call's deadline is near; then the answer says how
 * many still wait, and its page token goes on behind those that were tried. Each transaction records whose doing it was and how many it applied.
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
    const { workers, sealer, clock, decode, apply } = deps;
    const { replayed, continueAfter } = await replayDeadLetters(
      {
        workers,
        sealer,
        clock,
        decode,
        apply,
        record: (tx, { replayed: count, now }) => audit(tx, call, { time: now, resource, reason, count: BigInt(count) }),
      },
      {
        selection,
        timeLimitMs: timeLeftMs(call),
        ...(after ? { after } : {}),
      },
    );
    const applied = BigInt(replayed);
    return {
      applied,
      stillWaiting: waiting > applied ? waiting - applied : 0n,
      nextPageToken: continueAfter === undefined ? '' : deps.pages.issue(query, [continueAfter]),
    };
  };

async function countWaiting(tx: Tx, selection: Selection): Promise<bigint> {
  const { rows } = await tx.query<{ count: bigint }>(
    `SELECT count(*) AS count FROM events.dead_letter
     WHERE state = 'WAITING' AND ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR reason = $2)`,
    'id' in selection ? [selection.id, null] : [null, selection.reason],
  );
  return rows[0]!.count;
}
