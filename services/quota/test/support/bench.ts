import { callerThrough, fieldCrypto, permissionTable, StaffDirectory } from '@bankcrm/access';
import { openParts, sqlDatabase } from '@bankcrm/backend';
import { columns } from '@bankcrm/database';
import { newId, systemClock } from '@bankcrm/kernel';
import { serviceEnv } from '@bankcrm/local';
import {
  CustomerScope,
  StaffRecord,
  StaffState,
  type WatchStaffResponse,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { AssignmentsService, PortfoliosService } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments_service.ts';
import { type Call, type Log, methodOf, parseEnv, policyOf } from '@bankcrm/service';
import { suiteDatabase, testStack } from '@bankcrm/testing';
import type { QuotaDeps } from '../../src/app/deps.ts';
import { Config } from '../../src/config.ts';
import { quota } from '../../src/service.ts';

export const staffNumbers = {
  rm: '100001',
  otherRm: '100002',
  elsewhereRm: '100003',
  suspendedRm: '100004',
  teller: '100005',
  manager: '100006',
  hq: '100007',
} as const;
export type StaffName = keyof typeof staffNumbers;

const methods = { ...AssignmentsService, ...PortfoliosService };
type Method = keyof typeof methods;

const quiet = { info() {}, warn() {}, error() {}, debug() {} } as unknown as Log;
const staffIds = new Map(Object.keys(staffNumbers).map((name) => [name as StaffName, newId<string>()]));
export const staffIdOf = (name: StaffName): string => staffIds.get(name)!;
/** A branch with a sub-branch, and another branch. */
export const units = { branch: newId(), sub: newId(), other: newId() };

const posts: Record<StaffName, [role: string, unit: string]> = {
  rm: ['rm', units.sub],
  otherRm: ['senior-rm', units.branch],
  elsewhereRm: ['rm', units.other],
  suspendedRm: ['rm', units.sub],
  teller: ['teller', units.sub],
  manager: ['branch-manager', units.branch],
  hq: ['hq-manager', units.other],
};

/** The staff as the directory tells them. */
function staffDirectory(): StaffDirectory {
  const staff = new StaffDirectory(systemClock);
  const tell = (kind: WatchStaffResponse['kind']) => staff.apply({ kind });
  for (const [id, parentId] of [
    [units.branch, ''],
    [units.sub, units.branch],
    [units.other, ''],
  ] as const)
    tell({ $case: 'orgUnit', value: { orgUnitId: id, parentId, code: id, revision: 1n } as never });
  for (const [id, { permissions, scopes }] of Object.entries(permissionTable.roles))
    tell({
      $case: 'role',
      value: { id, permissions: [...permissions], customerScopes: scopes.map((scope) => CustomerScope[scope]) } as never,
    });
  for (const [name, number] of Object.entries(staffNumbers) as [StaffName, string][]) {
    const [role, orgUnitId] = posts[name];
    const state = name === 'suspendedRm' ? StaffState.SUSPENDED : StaffState.ACTIVE;
    tell({
      $case: 'staff',
      value: StaffRecord.fromPartial({ staffId: staffIdOf(name), staffNumber: number, state, posts: [{ role, orgUnitId }] }),
    });
  }
  tell({ $case: 'heartbeat', value: { revision: 1n, sendTime: new Date() } });
  return staff;
}

/** The service's database and what its operations need; customers are put into the projection as placements would. */
export async function openQuota() {
  const urls = await suiteDatabase('quota');
  const env = {
    ...serviceEnv('quota', testStack()),
    DATABASE_URL_OWNER: urls.owner,
    DATABASE_URL_REQUEST: urls.request,
    DATABASE_URL_WORKER: urls.worker,
  };
  const config = parseEnv(Config, env);
  const { manifest, requests, workers, keys, pages } = await openParts(quota, { config, clock: systemClock, log: quiet });
  const staff = staffDirectory();
  const deps: QuotaDeps = {
    service: manifest.name,
    database: sqlDatabase(requests),
    sealer: fieldCrypto(keys.reply),
    pages,
    staff,
    clock: systemClock,
    quota: config.DEFAULT_QUOTA,
  };

  return {
    deps,
    requests,
    workers,
    /** A call that the server has let in. Throws for somebody without the permission. */
    callBy(name: StaffName, method: Method): Call {
      const { path } = methods[method] as { path: string };
      const policy = policyOf(methodOf(path)!);
      const caller = callerThrough(staff.holderOf(staffNumbers[name], new Date()), policy.permission);
      if (!caller) throw new Error(`${name} has no ${policy.permission}`);
      return {
        caller,
        operation: path.slice(1),
        policy,
        traceId: 'f'.repeat(32),
        callerAddress: '203.0.113.7',
        peerAddress: '10.0.0.9',
        deadline: new Date(Date.now() + 60_000),
        signal: new AbortController().signal,
        asksFor: () => {},
        nameFile: () => {},
      };
    },
    /** Customers of a unit whom core banking gave to somebody, or to nobody; their ids. */
    async placeCustomers(count: number, { unit = units.sub, rm, state = 'ACTIVE', restricted = false }: Placed = {}) {
      const ids = Array.from({ length: count }, () => newId<string>()).sort();
      await workers.query(
        `INSERT INTO scope.customer (customer_id, sequence, kind, state, org_unit_id, rm_staff_id, restricted)
         SELECT id, 1, 'INDIVIDUAL', $2, $3, $4, $5 FROM unnest($1::uuid[]) AS id`,
        [columns.uuids(ids), state, unit, rm === undefined ? null : staffIdOf(rm), restricted],
      );
      return ids;
    },
    /** The org tree in the projection. */
    placeUnits: () =>
      workers.query('INSERT INTO scope.org_unit_closure VALUES ($1, $1), ($2, $2), ($3, $3), ($1, $2)', [
        units.branch,
        units.sub,
        units.other,
      ]),
    close: () => Promise.all([requests.end(), workers.end()]),
  };
}

interface Placed {
  unit?: string;
  rm?: StaffName;
  state?: string;
  restricted?: boolean;
}

export type QuotaBench = Awaited<ReturnType<typeof openQuota>>;
