import { systemClock } from '@bankcrm/kernel';
import { CustomerScope, StaffState } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { describe, expect, it } from 'vitest';
import type { PostHolder, StaffCaller } from './caller.ts';
import { permissionTable, rolesOfPeople } from './permission-table.ts';
import { callerThrough } from './posts.ts';
import { StaffDirectory } from './staff-directory.ts';

const none = { bank: false, orgUnitIds: [], portfolio: false, served: false };

/** Somebody with these roles of the reviewed table, each in a unit named after it, as the directory's stream tells. */
function holding(...roles: string[]): PostHolder {
  const directory = new StaffDirectory(systemClock);
  for (const [id, { scope, permissions }] of Object.entries(permissionTable.roles)) {
    const role = { id, displayNameZh: '', displayNameEn: '', customerScope: CustomerScope[scope], permissions, builtIn: true };
    directory.apply({ kind: { $case: 'role', value: role } });
  }
  const posts = roles.map((role) => ({ role, orgUnitId: `unit of ${role}` }));
  const rest = { staffId: 's1', staffNumber: '100001', state: StaffState.ACTIVE, notBefore: undefined, revision: 1n };
  directory.apply({ kind: { $case: 'staff', value: { ...rest, posts } } });
  directory.apply({ kind: { $case: 'heartbeat', value: { revision: 1n, sendTime: new Date() } } });
  return directory.holderOf('100001', new Date());
}

const scopeOf = (holder: PostHolder, permission: string) => callerThrough(holder, permission)?.scope;

describe('two posts', () => {
  it.each([
    ['rm', 'admin'],
    ['admin', 'rm'],
  ])('of %s and %s show the whole bank without amounts, and act in the own portfolio alone', (...roles) => {
    const holder = holding(...roles);
    for (const permission of ['get', 'list', 'search'].map((verb) => `customer.customers.${verb}`)) {
      const caller = callerThrough(holder, permission);
      expect(caller?.scope).toEqual({ ...none, bank: true, portfolio: true });
      expect(caller?.permissions).toContain('customer.customers.get');
      for (const own of ['customer.financials.get', 'customer.interactions.list', 'customer.customers.reveal'])
        expect(caller?.permissions).not.toContain(own);
    }
    for (const permission of [
      'customer.customers.reveal',
      'customer.customers.supplement',
      'customer.transactions.list',
      'customer.interactions.list',
      'customer.interactions.create',
    ]) {
      expect([permission, scopeOf(holder, permission)]).toEqual([permission, { ...none, portfolio: true }]);
      expect(callerThrough(holder, permission)?.permissions).toContain('customer.financials.get');
    }
    expect(scopeOf(holder, 'directory.staff.set-posts')).toEqual({ ...none, bank: true });
  });

  it('of rm and hq-manager show amounts bank-wide, and reveal and supplement in the own portfolio alone', () => {
    const holder = holding('rm', 'hq-manager');
    expect(scopeOf(holder, 'customer.customers.get')).toEqual({ ...none, bank: true, portfolio: true });
    expect(callerThrough(holder, 'customer.customers.get')?.permissions).toContain('customer.financials.get');
    for (const verb of ['reveal', 'supplement'])
      expect(scopeOf(holder, `customer.customers.${verb}`)).toEqual({ ...none, portfolio: true });
  });

  it('of senior-rm and branch-manager work in the portfolio and the unit alike', () => {
    const holder = holding('senior-rm', 'branch-manager');
    const both = { ...none, portfolio: true, orgUnitIds: ['unit of branch-manager'] };
    for (const verb of ['get', 'list', 'search', 'reveal', 'supplement']) {
      const caller = callerThrough(holder, `customer.customers.${verb}`);
      expect(caller?.scope).toEqual(both);
      expect(caller?.permissions).toContain('customer.financials.get');
    }
    expect(scopeOf(holder, 'customer.private-banking.hold')).toEqual({ ...none, portfolio: true });
  });

  it('never allow together, on any customers, what neither allows on them alone', () => {
    const roles = Object.keys(permissionTable.roles);
    const pairs = roles.flatMap((one) => roles.filter((other) => other > one).map((other) => [one, other] as const));
    const permissions = [...new Set(Object.values(permissionTable.roles).flatMap((role) => role.permissions))];
    const grants = (caller: StaffCaller | undefined): string[] => {
      if (caller === undefined) return [];
      const { bank, portfolio, served, orgUnitIds } = caller.scope;
      const customers = [
        ...(bank ? ['bank'] : []),
        ...(portfolio ? ['portfolio'] : []),
        ...(served ? ['served'] : []),
        ...orgUnitIds,
      ];
      return customers.flatMap((which) => [...caller.permissions].map((permission) => `${permission} on ${which}`));
    };
    const beyond: string[] = [];
    for (const pair of pairs) {
      const holder = holding(...pair);
      const singles = pair.map((role) => holding(role));
      for (const permission of permissions) {
        const alone = new Set(singles.flatMap((single) => grants(callerThrough(single, permission))));
        const together = grants(callerThrough(holder, permission));
        beyond.push(...together.filter((grant) => !alone.has(grant)).map((grant) => `${pair} in ${permission}: ${grant}`));
      }
    }
    expect(pairs).toHaveLength((roles.length * (roles.length - 1)) / 2);
    expect(beyond).toEqual([]);
  });
});

describe('what everybody may do', () => {
  it('needs no post that says so, and counts beside every permission', () => {
    for (const holder of [holding(), holding('withdrawn'), holding('marketer'), holding('rm', 'admin')])
      expect(callerThrough(holder, 'directory.me.get')?.permissions).toContain('directory.roles.list');
    expect(callerThrough(holding('rm'), 'customer.customers.reveal')?.permissions).toContain('directory.me.get');
    for (const holder of [holding(), holding('withdrawn'), holding('marketer')])
      expect(callerThrough(holder, 'customer.customers.get')).toBeUndefined();
    expect(scopeOf(holding('withdrawn'), 'directory.me.get')).toEqual(none);
  });
});

it('a person holds no role of an outside system, whichever the table names', () => {
  const roles = rolesOfPeople(permissionTable);
  expect(roles).toContain('admin');
  expect(roles).not.toContain('core-banking');
  const { rm } = permissionTable.roles;
  const table = {
    ...permissionTable,
    roles: { rm: rm!, scoring: rm! },
    systems: { scoring: { name: '', description: '', permissions: [] } },
  };
  expect([...rolesOfPeople(table)]).toEqual(['rm']);
});
