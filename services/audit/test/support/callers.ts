import {
  callerThrough,
  everyonesPermissions,
  type HeldPost,
  noCustomers,
  permissionTable,
  type StaffCaller,
} from '@bankcrm/access';
import { newId, type StaffId } from '@bankcrm/kernel';
import { AuditEntriesService, AuditPacksService } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { type Call, methodOf, policyOf } from '@bankcrm/service';

/** Somebody who calls the service. */
export interface Person {
  staffId: StaffId;
  name: string;
  posts: readonly HeldPost[];
}

/** A person whose one post has these permissions and sees the whole bank, or nothing of it. */
export function personWith(permissions: readonly string[], bank = true): Person {
  const staffId = newId<'staff'>();
  const scope = { ...noCustomers, bank };
  return {
    staffId,
    name: `staff/${staffId}`,
    posts: [{ role: 'of-test', permissions: new Set([...permissions, ...everyonesPermissions]), scope }],
  };
}

/** A person who holds a built-in role for the whole bank. */
export const personAs = (role: 'compliance' | 'admin'): Person => personWith(permissionTable.roles[role]!.permissions);

const { exportAuditEntries, listAuditEntries } = AuditEntriesService;
const { createAuditPack, getAuditPack, listAuditPacks, signOffAuditPack } = AuditPacksService;
const methods = { exportAuditEntries, listAuditEntries, createAuditPack, getAuditPack, listAuditPacks, signOffAuditPack };

/** A call that the server has let in. */
export function callOf(person: Person, method: keyof typeof methods, signal = new AbortController().signal): Call {
  const { path } = methods[method];
  const policy = policyOf(methodOf(path));
  const holder = { kind: 'staff', staffId: person.staffId, staffNumber: '100001', posts: person.posts } as const;
  const caller: StaffCaller | undefined = callerThrough(holder, policy.permission);
  if (!caller?.permissions.has(policy.permission)) throw new Error(`${policy.permission} is missing`);
  return {
    caller,
    operation: path.slice(1),
    policy,
    traceId: '0af7651916cd43dd8448eb211c80319c',
    callerAddress: '203.0.113.9',
    peerAddress: '10.0.0.4',
    deadline: new Date(Date.now() + 60_000),
    signal,
    asksFor: () => {},
    nameFile: () => {},
  };
}
