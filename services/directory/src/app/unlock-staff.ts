import type { UnlockStaffRequest } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parseStaffName } from '../domain/input.ts';
import type { IdentityProvider } from '../store/identity-provider.ts';
import { loadStaff } from '../store/store.ts';
import { staffToWire } from '../store/wire.ts';
import { asCaller, type ChangeDeps } from './deps.ts';

/**
 * Lifts the lock at once. The audit entry is committed before the identity provider is asked: there may be an entry for an
 * unlocking that failed, never an unlocking without its entry.
 */
export const unlockStaff =
  (deps: ChangeDeps & { identityProvider: Pick<IdentityProvider, 'unlock'> }) =>
  async (request: UnlockStaffRequest, call: Call) => {
    const id = parseStaffName(request.name);
    const stored = await asCaller(deps, call, async (tx) => {
      const found = await loadStaff(tx, id);
      await deps.records.act(tx, found.member, { call, now: deps.clock.now() });
      return found;
    });
    await deps.identityProvider.unlock(stored.member.staffNumber);
    return staffToWire(stored);
  };
