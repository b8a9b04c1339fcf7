import { noCustomers } from '@bankcrm/access';
import type { StaffId } from '@bankcrm/kernel';
import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { describe, expect, it } from 'vitest';
import { type AuditedCall, auditEntry, auditEvent, refusalEntry } from './entry.ts';

const call: AuditedCall = {
  caller: {
    kind: 'staff',
    staffId: 's1' as StaffId,
    staffNumber: '100001',
    posts: [],
    permissions: new Set(),
    scope: noCustomers,
  },
  operation: 'bankcrm.customer.v1.Customers/RevealCustomer',
  policy: { permission: 'customer.customers.reveal', audit: true, highPrivilege: true, serviceOnly: false, linkToken: false },
  traceId: 'trace',
  callerAddress: '10.0.0.1',
  peerAddress: '10.0.0.9',
};
const time = new Date('2026-03-01T08:00:00Z');

describe('an audit entry', () => {
  it('says who did what, when, from where, on whose customer, and why', () => {
    const entry = auditEntry(call, { service: 'customer', time, customer: 'customers/1', reason: 'CALL_BACK' });
    expect(entry).toMatchObject({
      service: 'customer',
      number: 0n,
      eventTime: time,
      actor: 'staff/s1',
      operation: call.operation,
      customer: 'customers/1',
      resource: '',
      decision: Decision.ALLOWED,
      reason: 'CALL_BACK',
      callerAddress: '10.0.0.1',
      peerAddress: '10.0.0.9',
      traceId: 'trace',
      highPrivilege: true,
      count: 1n,
    });
    expect(entry.entryId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('says which fields were shown or changed, on whose behalf, by which approval and in which run', () => {
    const fields = [{ name: 'holdings.balance', dataClass: DataClass.C2_FINANCIAL }];
    const behind = { onBehalfOf: 'staff/s2', approval: 'approvals/1', jobRun: 'jobRuns/1' };
    const { payload } = auditEvent(auditEntry(call, { service: 'customer', time, fields, ...behind }));
    expect(Entry.decode(payload)).toMatchObject({ fields, ...behind });
    const nothing = { fields: [], onBehalfOf: '', approval: '', jobRun: '' };
    expect(auditEntry(call, { service: 'customer', time })).toMatchObject(nothing);
    const refusal = { ...call, actor: 'staff/s1', resource: '', reason: 'NOT_FOUND', highPrivilege: false };
    expect(refusalEntry(refusal, { service: 'customer', time, count: 1n })).toMatchObject(nothing);
  });

  it('travels under its own id, in order with those about the same customer', () => {
    const entry = auditEntry(call, { service: 'customer', time, customer: 'customers/1', resource: 'interactions/2' });
    const event = auditEvent(entry);
    expect(event).toMatchObject({
      id: entry.entryId,
      key: 'customers/1',
      subject: 'customers/1',
      topic: 'bankcrm.audit.v1.entries',
      time,
    });
    expect(Entry.decode(event.payload)).toEqual(entry);
    expect(auditEvent(auditEntry(call, { service: 'directory', time, resource: 'staff/2' })).key).toBe('staff/2');
    expect(auditEvent(auditEntry(call, { service: 'directory', time })).key).toBe('staff/s1');
  });
});
