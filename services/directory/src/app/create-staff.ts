import { command } from '@bankcrm/backend';
import { AppError, alreadyExists, newId } from '@bankcrm/kernel';
import { CreateStaffRequest, CreateStaffResponse } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Call } from '@bankcrm/service';
import { parseEmployment, parsePosts, parseStaffFields, parseStaffName, unknownOrgUnit } from '../domain/input.ts';
import { Reason } from '../domain/reasons.ts';
import { createStaffMember } from '../domain/staff.ts';
import { isMissingReference, violatedUnique } from '../store/database.ts';
import { loadStaff, lockDirectory } from '../store/store.ts';
import { staffToWire } from '../store/wire.ts';
import { asCaller, type OnceDeps } from './deps.ts';
import type { Reconcile } from './reconcile.ts';

/** The reconciler keeps off a new account for so long, so that whoever creates it can set its first password. */
const heldMs = 20_000;

export interface CreateStaffDeps extends OnceDeps {
  /** That people may hold. */
  roleIds: ReadonlySet<string>;
  reconcile: Pick<Reconcile, 'one'>;
  /** Makes a password to be used once. */
  temporaryPassword: () => string;
}

/**
 * Commits the person, then makes the account. The temporary password is in this reply and nowhere else: a repeated request
 * gets it empty, and so does one whose account could not be made at once (the reconciler makes it later, without a password).
 */
export const createStaff = (deps: CreateStaffDeps) => async (request: CreateStaffRequest, call: Call) => {
  const fields = parseStaffFields(request);
  const employment = parseEmployment(request);
  const posts = parsePosts(request.posts, deps.roleIds);

  const { reply, repeated } = await command(deps, call, {
    request,
    requestType: CreateStaffRequest,
    replyType: CreateStaffResponse,
    async work(tx) {
      const revision = await lockDirectory(tx);
      const now = deps.clock.now();
      const { staffNumber, displayName, email } = fields;
      const member = createStaffMember(
        { staffId: newId(), staffNumber, displayName, email, posts, ...employment },
        revision,
        now,
      );
      await deps.records.insertStaff(tx, member, new Date(now.getTime() + heldMs), { call, now });
      const staffMember = staffToWire(await loadStaff(tx, member.staffId));
      return { reply: { staffMember, temporaryPassword: '' }, recorded: true };
    },
  }).catch((error: unknown) => {
    const unique = violatedUnique(error);
    if (unique !== undefined) throw alreadyExists(unique.includes('email') ? Reason.emailTaken : Reason.staffNumberTaken);
    if (isMissingReference(error)) throw unknownOrgUnit();
    throw error;
  });

  if (repeated) return reply;

  const staffId = parseStaffName(reply.staffMember!.name);
  const password = deps.temporaryPassword();
  const made = await deps.reconcile.one(staffId, password).catch((error: unknown) => {
    // The person is committed: whatever goes wrong here is the reconciler's to repair, and seen in the record.
    if (error instanceof AppError) return false;
    throw error;
  });
  const stored = await asCaller(deps, call, (tx) => loadStaff(tx, staffId));
  return { staffMember: staffToWire(stored), temporaryPassword: made ? password : '' };
};
