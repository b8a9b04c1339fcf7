import { discardDeadLetters } from '@bankcrm/events';
import type { DiscardDeadLettersRequest, DiscardDeadLettersResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { AuditedCall } from '@bankcrm/service';
import { requireNote } from '../../domain/free-text.ts';
import { audit } from '../acts.ts';
import { asCaller } from '../sync/operate.ts';
import type { DeadLetterDeps } from './deps.ts';
import { selectionOf, selectionResource } from './wire.ts';

/** Gives letters up, one or all of a reason, and records why. They stay readable. */
export const discardLetters =
  (deps: DeadLetterDeps) =>
  async (call: AuditedCall, request: DiscardDeadLettersRequest): Promise<DiscardDeadLettersResponse> => {
    const selection = selectionOf(request);
    const note = requireNote('note', request.note);
    const now = deps.clock.now();
    const discarded = await asCaller(deps, call, async (tx) => {
      const count = BigInt(await discardDeadLetters(tx, selection, now));
      await audit(tx, call, { time: now, resource: selectionResource(selection), reason: note, count });
      return count;
    });
    return { discarded };
  };
