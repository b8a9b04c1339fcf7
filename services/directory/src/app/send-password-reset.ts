import { refused } from '@bankcrm/kernel';
import type { SendPasswordResetRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parseStaffName } from '../domain/input.ts';
import { Reason } from '../domain/reasons.ts';
import type { IdentityProvider } from '../store/identity-provider.ts';
import { loadStaff } from '../store/store.ts';
import { staffToWire } from '../store/wire.ts';
import { asCaller, type ChangeDeps } from './deps.ts';

/** Mails the link. As with unlocking, the audit entry is committed first. */
export const sendPasswordReset =
  (deps: ChangeDeps & { identityProvider: Pick<IdentityProvider, 'sendPasswordReset'> }) =>
  async (request: SendPasswordResetRequest, call: Call) => {
    const id = parseStaffName(request.name);
    const stored = await asCaller(deps, call, async (tx) => {
      const found = await loadStaff(tx, id);
      if (found.member.state !== 'ACTIVE') throw refused(Reason.notActive, { state: found.member.state });
      await deps.records.act(tx, found.member, { call, now: deps.clock.now() });
      return found;
    });
    await deps.identityProvider.sendPasswordReset(stored.member.staffNumber);
    return staffToWire(stored);
  };
