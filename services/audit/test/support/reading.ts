import { type HeldPost, noCustomers, permissionTable, type StaffCaller } from '@bankcrm/access';
import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import type { AuditedCall, Call } from '@bankcrm/service';
import type { ReadDeps } from '../../src/app/deps.ts';
import type { LogBench } from './log.ts';

/** A post as the directory would tell it: what the reviewed table gives the role. */
export function post(role: string, orgUnitId = 'none'): HeldPost {
  const { permissions, scopes } = permissionTable.roles[role]!;
  return {
    role,
    permissions: new Set([...permissionTable.everyone, ...permissions]),
    scope: {
      bank: scopes.includes('BANK'),
      orgUnitIds: scopes.includes('SUBTREE') ? [orgUnitId as OrgUnitId] : [],
      portfolio: scopes.includes('PORTFOLIO'),
      served: scopes.includes('SERVED'),
      tickets: scopes.includes('TICKETS'),
    },
  };
}

/** Somebody who calls as the server would say it: through all posts, for what everybody may. */
export function callerOf(staffId: string, ...posts: HeldPost[]): StaffCaller {
  return {
    kind: 'staff',
    staffId: staffId as StaffId,
    staffNumber: '100001',
    posts,
    permissions: new Set(permissionTable.everyone),
    scope: { ...noCustomers, ...posts[0]?.scope },
  };
}

const policy: AuditedCall['policy'] = {
  permission: 'audit.entries.list',
  audit: true,
  highPrivilege: false,
  serviceOnly: false,
  linkToken: false,
};

export function callBy(caller: StaffCaller, method = 'ListAuditEntries'): Call {
  return {
    caller,
    operation: `bankcrm.audit.v1.AuditEntries/${method}`,
    policy,
    traceId: 'f'.repeat(32),
    callerAddress: '203.0.113.7',
    peerAddress: '10.0.0.9',
    deadline: new Date(Date.now() + 60_000),
    signal: new AbortController().signal,
    asksFor: () => {},
    nameFile: () => {},
  };
}

/** Reads the log of a bench; `people` are those who hold a post below a unit. */
export const readDeps = (
  { requests, pages, keys, clock }: LogBench,
  people: Readonly<Record<string, readonly string[]>> = {},
): ReadDeps => ({
  requests,
  pages,
  clock,
  auditKeys: keys.audit,
  staff: { staffBelow: (units) => units.flatMap((unit) => (people[unit] ?? []) as StaffId[]) },
});
