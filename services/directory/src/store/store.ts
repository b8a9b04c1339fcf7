import type { Tx } from '@bankcrm/database';
import { denied, notFound, type OrgUnitId, type StaffId } from '@bankcrm/kernel';
import type { Account, OrgUnit as OrgUnitRow, Post as PostRow, Staff as StaffRow } from '../../prisma/generated/client.ts';
import type { OrgUnit, OrgUnitKind, ParentOf } from '../domain/org-unit.ts';
import { Reason } from '../domain/reasons.ts';
import type { StaffMember, StaffState } from '../domain/staff.ts';
import type { DirectoryTx } from './database.ts';

/** A person with how far the identity provider's account has come. */
export interface StoredStaff {
  member: StaffMember;
  reconciled: boolean;
  reconcileError: string;
}

export const withPosts = { posts: { orderBy: { ordinal: 'asc' } }, account: true } as const;

/**
 * Lets one change of the directory through at a time, until its transaction ends. Changes are rare; in exchange the tree has
 * no cycle, an administrator is always left, and revisions become visible in their order, on which the feed rests.
 * Returns the revision of the change.
 */
export async function lockDirectory(tx: DirectoryTx): Promise<bigint> {
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('bankcrm/directory/changes', 0))`;
  return nextRevision(tx);
}

/** One more, for a transaction that holds the lock and changes several things. */
export async function nextRevision(tx: Tx): Promise<bigint> {
  const { rows } = await tx.query<{ revision: bigint }>(`SELECT nextval('directory.revision') AS revision`);
  return rows[0]!.revision;
}

export function orgUnitOf(row: OrgUnitRow): OrgUnit {
  return {
    ...row,
    orgUnitId: row.orgUnitId as OrgUnitId,
    kind: row.kind as OrgUnitKind,
    parentId: row.parentId as OrgUnitId | null,
  };
}

export function staffOf({ posts, account, ...row }: StaffRow & { posts: PostRow[]; account: Account | null }): StoredStaff {
  return {
    member: {
      ...row,
      staffId: row.staffId as StaffId,
      state: row.state as StaffState,
      posts: posts.map(({ orgUnitId, role }) => ({ orgUnitId: orgUnitId as OrgUnitId, role })),
    },
    reconciled: account !== null && account.storedVersion >= account.wantedVersion,
    reconcileError: account?.error ?? '',
  };
}

export async function loadOrgUnit({ db }: DirectoryTx, orgUnitId: OrgUnitId): Promise<OrgUnit> {
  const row = await db.orgUnit.findUnique({ where: { orgUnitId } });
  if (!row) throw notFound();
  return orgUnitOf(row);
}

export async function loadTree({ db }: DirectoryTx): Promise<ParentOf> {
  const rows = await db.orgUnit.findMany({ select: { orgUnitId: true, parentId: true } });
  return new Map(rows.map((row) => [row.orgUnitId as OrgUnitId, row.parentId as OrgUnitId | null]));
}

export async function loadStaff({ db }: DirectoryTx, staffId: StaffId): Promise<StoredStaff> {
  const row = await db.staff.findUnique({ where: { staffId }, include: withPosts });
  if (!row) throw notFound();
  return staffOf(row);
}

/**
 * Throws DENIED `STAFF_SUSPENDED` when the caller, let in a moment ago, has been suspended before their turn came under the lock:
 * of two who suspend one another only the first succeeds.
 */
export async function requireActive({ db }: DirectoryTx, staffId: StaffId): Promise<void> {
  const caller = await db.staff.findUnique({ where: { staffId }, select: { state: true } });
  if (caller?.state !== 'ACTIVE') throw denied(Reason.staffSuspended);
}

/** Administrators at work besides the one given. */
export const countOtherActiveAdmins = ({ db }: DirectoryTx, staffId: StaffId): Promise<number> =>
  db.staff.count({ where: { staffId: { not: staffId }, state: 'ACTIVE', posts: { some: { role: 'admin' } } } });
