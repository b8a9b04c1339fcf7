import type { OrgUnitId, StaffId } from '@bankcrm/kernel';
import { describe, expect, it } from 'vitest';
import { actorName, type Caller, callerSettings, noCustomers, type StaffCaller } from './caller.ts';

const staff: StaffCaller = {
  kind: 'staff',
  staffId: 's1' as StaffId,
  staffNumber: '100001',
  posts: [],
  permissions: new Set(),
  scope: { ...noCustomers, orgUnitIds: ['u1', 'u2'] as OrgUnitId[], portfolio: true, tickets: true },
};
const system: Caller = { kind: 'service', clientId: 'customer', permissions: new Set() };

describe('the settings of a transaction', () => {
  it('say who is asking and what they see', () => {
    expect(callerSettings(staff)).toEqual({
      'bankcrm.staff_id': 's1',
      'bankcrm.bank': '',
      'bankcrm.org_units': '{u1,u2}',
      'bankcrm.portfolio': 'on',
      'bankcrm.served': '',
      'bankcrm.tickets': 'on',
      'bankcrm.grants': '',
    });
  });

  it('are the same ones for every caller, so that none is left over from another, and a system sees nothing', () => {
    expect(Object.keys(callerSettings(system)).sort()).toEqual(Object.keys(callerSettings(staff)).sort());
    expect(new Set(Object.values(callerSettings(system)))).toEqual(new Set(['']));
  });

  it('name whoever acted for the audit log', () => {
    expect([actorName(staff), actorName(system)]).toEqual(['staff/s1', 'services/customer']);
  });
});
