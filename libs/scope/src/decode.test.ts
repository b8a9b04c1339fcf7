import type { RawMessage } from '@bankcrm/events';
import { CustomerPlaced, QueueStaffed } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';
import { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { Heartbeat } from '@bankcrm/proto/gen/bankcrm/heartbeat/v1/heartbeat.ts';
import { describe, expect, it } from 'vitest';
import { decode } from './decode.ts';

const [placements, orgUnits] = ['bankcrm.customer.v1.placements', 'bankcrm.directory.v1.org-units'];
const a = '0190a3f0-0000-7000-8000-000000000001';
const b = '0190a3f0-0000-7000-8000-000000000002';

const raw = (
  topic: string,
  type: string,
  value: Uint8Array | null,
  contentType = 'application/protobuf',
  key = 'k',
): RawMessage => ({
  topic,
  partition: 3,
  offset: 0n,
  time: new Date(0),
  key: Buffer.from(key),
  value: value && Buffer.from(value),
  headers: Object.fromEntries(
    Object.entries({ ce_id: '1', ce_source: '/x', ce_type: type, 'content-type': contentType }).map(([name, text]) => [
      name,
      Buffer.from(text),
    ]),
  ),
});
const outcome = (message: RawMessage): unknown => {
  const result = decode(message);
  return result.ok ? result.value.kind : `${result.reason} ${result.field}`.trim();
};
const placed = (change: Parameters<typeof CustomerPlaced.fromPartial>[0], key?: string): RawMessage => {
  const whole = CustomerPlaced.fromPartial({ customerId: a, sequence: 1n, kind: 'INDIVIDUAL', state: 'ACTIVE', ...change });
  return raw(placements!, 'bankcrm.customer.v1.CustomerPlaced', CustomerPlaced.encode(whole).finish(), undefined, key);
};
const heartbeat = (topic: string, asOf: Date | undefined) =>
  raw(topic, 'bankcrm.heartbeat.v1.Heartbeat', Heartbeat.encode({ asOf }).finish());

describe('a message about who sees a customer', () => {
  it('is taken on its topic', () => {
    expect(outcome(placed({}))).toBe('customer');
    const staffed = QueueStaffed.encode({ queueId: a, sequence: 1n, staffIds: [a, b] }).finish();
    expect(outcome(raw(placements!, 'bankcrm.customer.v1.QueueStaffed', staffed))).toBe('queue');
    const unit = OrgUnitChanged.encode(OrgUnitChanged.fromPartial({ orgUnitId: a, sequence: 1n })).finish();
    expect(outcome(raw(orgUnits!, 'bankcrm.directory.v1.OrgUnitChanged', unit))).toBe('org-unit');
    for (const topic of [placements!, orgUnits!]) {
      const result = decode(heartbeat(topic, new Date(5)));
      expect(result).toMatchObject({ ok: true, value: { kind: 'heartbeat', message: { asOf: new Date(5), partition: 3 } } });
    }
  });

  it('is refused on the other topic, by another type and in another form', () => {
    const unit = OrgUnitChanged.encode(OrgUnitChanged.fromPartial({ orgUnitId: a, sequence: 1n })).finish();
    expect(outcome(raw(placements!, 'bankcrm.directory.v1.OrgUnitChanged', unit))).toBe('UNKNOWN_TYPE ce_type');
    expect(outcome(raw(placements!, 'constructor', unit))).toBe('UNKNOWN_TYPE ce_type');
    expect(outcome(raw(orgUnits!, 'bankcrm.directory.v1.OrgUnitChanged', unit, 'application/json'))).toBe(
      'INVALID_FIELD content-type',
    );
    expect(outcome(raw(orgUnits!, 'bankcrm.directory.v1.OrgUnitChanged', null))).toBe('INVALID_FIELD value');
    expect(outcome(raw(orgUnits!, 'bankcrm.directory.v1.OrgUnitChanged', Buffer.from([0xff])))).toBe('BAD_PROTOBUF');
    expect(outcome(heartbeat(placements!, undefined))).toBe('INVALID_FIELD as_of');
  });

  it.each<[string, Parameters<typeof CustomerPlaced.fromPartial>[0]]>([
    ['customer_id', { customerId: 'x' }],
    ['sequence', { sequence: 0n }],
    ['kind', { kind: '' }],
    ['state', { state: '' }],
    ['state', { state: 'ACT\0IVE' }],
    ['merged_into', { mergedInto: 'x' }],
    ['org_unit_id', { orgUnitId: 'x' }],
    ['rm_staff_id', { rmStaffId: 'x' }],
    ['dedicated_rm_staff_id', { dedicatedRmStaffId: 'x' }],
    ['collaborators[1].staff_id', { collaborators: [{ staffId: a }, { staffId: '' }] }],
    ['collaborators[1]', { collaborators: [{ staffId: a }, { staffId: a }] }],
    ['served_by[0].serve_time', { servedBy: [{ staffId: a }] }],
    ['grants[0].expire_time', { grants: [{ grantId: a, staffId: b }] }],
    ['grants[0].expire_time', { grants: [{ grantId: a, staffId: b, expireTime: new Date('0000-12-31T23:59:59.999Z') }] }],
    ['participants[0].expire_time', { participants: [{ staffId: a, expireTime: new Date('+010000-01-01T00:00:00Z') }] }],
    ['grants[0].grant_id', { grants: [{ grantId: '', staffId: b, expireTime: new Date(0) }] }],
    ['ticket_access[0].queue_id', { ticketAccess: [{ ticketId: a }] }],
    ['ticket_access[0].queue_id', { ticketAccess: [{ ticketId: a, staffId: a, queueId: b }] }],
    ['participants[0].staff_id', { participants: [{ staffId: 'x' }] }],
  ])('is refused where %s is at fault', (field, change) => {
    expect(outcome(placed(change))).toBe(`INVALID_FIELD ${field}`);
  });

  it.each<[string, RawMessage, bigint | undefined]>([
    ['a field is at fault', placed({ sequence: 7n, kind: '' }, a), 7n],
    ['the sequence is at fault', placed({ sequence: -1n }, a), undefined],
    ['it is no protobuf', raw(placements!, 'bankcrm.customer.v1.CustomerPlaced', Buffer.from([0xff]), undefined, a), undefined],
    ['its type is unknown', raw(placements!, 'bankcrm.customer.v1.CustomerMoved', Buffer.alloc(0), undefined, a), undefined],
    ['it is withdrawn', raw(placements!, 'bankcrm.customer.v1.QueueStaffed', null, undefined, a), undefined],
  ])('closes what its key names where %s', (_, message, sequence) => {
    expect(decode(message)).toMatchObject({ ok: true, value: { kind: 'closing', message: { id: a, sequence } } });
  });

  it('closes nothing on the topic of org units', () => {
    const message = raw(orgUnits!, 'bankcrm.directory.v1.OrgUnitChanged', Buffer.from([0xff]), undefined, a);
    expect(outcome(message)).toBe('BAD_PROTOBUF');
  });
});
