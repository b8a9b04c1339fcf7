import { systemClock } from '@bankcrm/kernel';
import { CustomerScope, StaffState } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { describe, expect, it } from 'vitest';
import { noCustomers, type PostHolder, type StaffCaller } from './caller.ts';
import { permissionTable, rolesOfPeople } from './permission-table.ts';
import { callerThrough } from './posts.ts';
import { StaffDirectory } from './staff-directory.ts';

const none = noCustomers;
/** In calls that an access grant opens. */
const withGrants = { ...none, grants: true };

/** Somebody with these roles of the reviewed table, each in a unit named after it, as the directory's stream tells. */
function holding(...roles: string[]): PostHolder {
  const directory = new StaffDirectory(systemClock);
  for (const [id, { scopes, permissions }] of Object.entries(permissionTable.roles)) {
    const customerScopes = scopes.map((scope) => CustomerScope[scope]);
    const names = { displayNameZh: '', displayNameEn: '' };
    const role = { id, ...names, customerScope: CustomerScope.NONE, customerScopes, permissions, builtIn: true };
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
      expect(caller?.scope).toEqual({ ...withGrants, bank: true, portfolio: true });
      expect(caller?.permissions).toContain('customer.customers.get');
      for (const own of ['customer.financials.get', 'customer.interactions.list', 'customer.customers.reveal'])
        expect(caller?.permissions).not.toContain(own);
    }
    for (const [permission, grants] of [
      ['customer.customers.reveal', false],
      ['customer.customers.supplement', false],
      ['customer.transactions.list', true],
      ['customer.interactions.list', true],
      ['customer.interactions.create', true],
    ] as const) {
      expect([permission, scopeOf(holder, permission)]).toEqual([permission, { ...none, portfolio: true, grants }]);
      expect(callerThrough(holder, permission)?.permissions).toContain('customer.financials.get');
    }
    expect(scopeOf(holder, 'directory.staff.set-posts')).toEqual({ ...none, bank: true });
  });

  it('of rm and hq-manager show amounts bank-wide, and reveal and supplement in the own portfolio alone', () => {
    const holder = holding('rm', 'hq-manager');
    expect(scopeOf(holder, 'customer.customers.get')).toEqual({ ...withGrants, bank: true, portfolio: true });
    expect(callerThrough(holder, 'customer.customers.get')?.permissions).toContain('customer.financials.get');
    for (const verb of ['reveal', 'supplement'])
      expect(scopeOf(holder, `customer.customers.${verb}`)).toEqual({ ...none, portfolio: true });
  });

  it('of senior-rm and branch-manager work in the portfolio and the unit alike', () => {
    const holder = holding('senior-rm', 'branch-manager');
    const both = { ...none, portfolio: true, orgUnitIds: ['unit of branch-manager'] };
    for (const verb of ['get', 'list', 'search', 'reveal', 'supplement']) {
      const caller = callerThrough(holder, `customer.customers.${verb}`);
      expect(caller?.scope).toEqual({ ...both, grants: ['get', 'list', 'search'].includes(verb) });
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
      const { orgUnitIds, ...kinds } = caller.scope;
      const customers = [...Object.entries(kinds).flatMap(([kind, shown]) => (shown ? [kind] : [])), ...orgUnitIds];
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

describe('an access grant', () => {
  it('counts in calls to view and to note, of posts that may get customers, and in no other', () => {
    const permissions = [
      ...new Set(Object.values(permissionTable.roles).flatMap((role) => role.permissions)),
      'directory.me.get',
    ];
    const opened = (...roles: string[]) =>
      permissions.filter((permission) => scopeOf(holding(...roles), permission)?.grants).sort();
    const all = [
      'customer.customers.get',
      'customer.customers.list',
      'customer.customers.search',
      'customer.interactions.create',
      'customer.interactions.list',
      'customer.transactions.list',
    ];
    for (const role of ['teller', 'rm', 'senior-rm', 'service-agent', 'branch-manager'])
      expect([role, opened(role)]).toEqual([role, all]);
    for (const role of ['marketer', 'operator']) expect([role, opened(role)]).toEqual([role, []]);
    expect(opened('compliance')).not.toContain('customer.customers.reveal');
  });

  it('does not count through a post that may note but not view', () => {
    const holder = holding('rm');
    const post = { ...holder.posts[0]!, permissions: new Set(['customer.interactions.create']) };
    expect(scopeOf({ ...holder, posts: [post] }, 'customer.interactions.create')?.grants).toBe(false);
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
