import { type FieldCrypto, keySet } from '@bankcrm/access';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import type { Call } from '@bankcrm/service';
import { describe, expect, it } from 'vitest';
import { actOn } from './acts.ts';

const { C1, C2_IDENTIFYING, C2_FINANCIAL } = DataClass;
const fields = { seal: (value: string) => Buffer.from(value).reverse() } as unknown as FieldCrypto;
const deps = { fields, auditKeys: keySet({ 1: Buffer.alloc(32, 7) }) };
const customerId = '0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40';

const callOf = (method: string, ...permissions: string[]) =>
  ({
    caller: { kind: 'staff', staffId: 's1', permissions: new Set(permissions) },
    operation: `bankcrm.customer.v1.Customers/${method}`,
    policy: { highPrivilege: false },
    traceId: '',
    callerAddress: '',
    peerAddress: '',
  }) as unknown as Call;
const recorded = (call: Call, facts?: Parameters<typeof actOn>[4]) =>
  Buffer.from(actOn(customerId, call, deps, new Date(0), facts).payload);

const changes = [
  { field: 'occupation', oldValue: '', newValue: '退休教师' },
  { field: 'mobile', oldValue: '13800138000', newValue: '13577778888' },
  { field: 'email', oldValue: '', newValue: 'wei@example.com' },
  { field: 'home_address', oldValue: '', newValue: '平江路九十九号' },
];

describe('the entry of an act on a customer', () => {
  it('names every changed field with its class, and what of C2 the reply shows', () => {
    const entry = Entry.decode(recorded(callOf('SupplementCustomer', 'customer.financials.get'), { changes }));
    expect(entry.fields).toEqual([
      { name: 'occupation', dataClass: C1 },
      { name: 'mobile', dataClass: C2_IDENTIFYING },
      { name: 'email', dataClass: C2_IDENTIFYING },
      { name: 'home_address', dataClass: C2_IDENTIFYING },
      { name: 'individual.annual_income', dataClass: C2_FINANCIAL },
      { name: 'organisation.registered_capital', dataClass: C2_FINANCIAL },
    ]);
  });

  it('names the changed fields alone to who may not see financial data, and what the act says instead of all that', () => {
    const call = callOf('SupplementCustomer');
    expect(Entry.decode(recorded(call, { changes: changes.slice(0, 1) })).fields).toEqual([
      { name: 'occupation', dataClass: C1 },
    ]);
    const shown = [{ name: 'contacts.mobile', dataClass: C2_IDENTIFYING }];
    expect(Entry.decode(recorded(callOf('RevealFields'), { changes, fields: shown })).fields).toEqual(shown);
  });

  it('holds no value', () => {
    const payload = recorded(callOf('SupplementCustomer'), { changes });
    for (const { oldValue, newValue } of changes)
      for (const value of [oldValue, newValue].filter((text) => text !== '')) expect(payload.includes(value)).toBe(false);
  });
});
