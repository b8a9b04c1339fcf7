import type { RawMessage } from '@bankcrm/events';
import { registry } from '@bankcrm/proto/descriptors';
import { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { TimelineEntry } from '@bankcrm/proto/gen/bankcrm/timeline/v1/timeline.ts';
import { describe, expect, it } from 'vitest';
import { contractOf, decode, sourceOf } from './decode.ts';

const panels = 'bankcrm.tickets.v1.customer-panels';
const timeline = 'bankcrm.tickets.v1.timeline-entries';
const orgUnits = 'bankcrm.directory.v1.org-units';

const message = (topic: string, type: string, value: Uint8Array): RawMessage => ({
  topic,
  partition: 0,
  offset: 0n,
  time: new Date(0),
  key: Buffer.from('k'),
  value: Buffer.from(value),
  headers: Object.fromEntries(
    Object.entries({ ce_id: '1', ce_source: '/bankcrm/directory', ce_type: type, 'content-type': 'application/protobuf' }).map(
      ([name, text]) => [name, Buffer.from(text)],
    ),
  ),
});

it('gives each topic the contract of its own messages', () => {
  for (const topic of ['corebanking.customers.v1', 'corebanking.control.v1', orgUnits, panels, timeline])
    expect(registry.getMessage(contractOf(topic)!.messageName)).toBeDefined();
  expect(contractOf(panels)?.kind).toBe('panel');
  expect(contractOf(timeline)?.kind).toBe('timeline-entry');
  expect(contractOf('bankcrm.Tickets.v1.customer-panels')).toBeUndefined();
});

it('names the header’s source for a message whose value names none', () => {
  const value = OrgUnitChanged.encode(OrgUnitChanged.fromPartial({ orgUnitId: 'wealth' })).finish();
  expect(sourceOf(message(orgUnits, 'bankcrm.directory.v1.OrgUnitChanged', value))).toBe('directory');
});

it('refuses a panel whose time is out of reach, and takes the first and the last', () => {
  const outcome = (updateTime: Date) => {
    const panel = CustomerPanel.fromPartial({
      customer: 'customers/0190a3f0-0000-7000-8000-000000000001',
      panel: 'tickets',
      sequence: 1n,
      updateTime,
    });
    const result = decode(message(panels, 'bankcrm.panel.v1.CustomerPanel', CustomerPanel.encode(panel).finish()));
    return result.ok ? 'accepted' : `${result.reason} ${result.field}`;
  };
  // Milliseconds for seconds; the moment before the first.
  for (const time of [new Date(1_700_000_000_000 * 1000), new Date('1899-12-31T23:59:59.999Z')])
    expect(outcome(time)).toBe('INVALID_FIELD update_time');
  for (const time of ['1900-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z']) expect(outcome(new Date(time))).toBe('accepted');
});

const someone = '0190a3f0-0000-7000-8000-000000000001';
const people = (count: number) => Array.from({ length: count }, () => `staff/${someone}`);

describe('an entry of the timeline', () => {
  const outcome = (changes: Partial<TimelineEntry>) => {
    const entry = TimelineEntry.fromPartial({
      customer: `customers/${someone}`,
      entryId: someone,
      sequence: 1n,
      eventTime: new Date(0),
      labelZh: '工单已受理',
      labelEn: 'Ticket opened',
      resource: `tickets/${someone}`,
      ...changes,
    } as TimelineEntry);
    const result = decode(message(timeline, 'bankcrm.timeline.v1.TimelineEntry', TimelineEntry.encode(entry).finish()));
    return result.ok ? 'accepted' : `${result.reason} ${result.field}`;
  };

  it.each<[string, Partial<TimelineEntry>]>([
    ['with what it must have', {}],
    [
      'with all that it may have',
      { subject: `campaigns/${someone}/sends/${someone}`, permission: 'ticketing.tickets.get', class: DataClass.C2_FINANCIAL },
    ],
    ['hidden from twenty people', { hiddenFrom: people(20) }],
    ['removed, without labels', { removed: true, labelZh: '', labelEn: '' }],
    ['with the longest label', { labelZh: '字'.repeat(200) }],
    ['with what nobody sees in its label', { labelEn: 'Ticket\u0000 opened' }],
  ])('is taken %s', (_, changes) => {
    expect(outcome(changes)).toBe('accepted');
  });

  it.each<[string, Partial<TimelineEntry>]>([
    ['customer', { customer: someone }],
    ['customer', { customer: 'customers/1' }],
    ['entry_id', { entryId: 'T-1' }],
    ['sequence', { sequence: 0n }],
    ['event_time', { eventTime: undefined }],
    ['event_time', { eventTime: new Date(1_700_000_000_000 * 1000) }],
    ['label_zh', { labelZh: ' ' }],
    ['label_en', { labelEn: 'x'.repeat(201) }],
    ['label_zh', { labelZh: '回电 138 0013 8000' }],
    ['label_en', { labelEn: 'Mail to zhang.wei@example.com' }],
    ['resource', { resource: '' }],
    ['resource', { resource: 'tickets/1' }],
    ['subject', { subject: 'sends' }],
    ['class', { class: DataClass.C2_IDENTIFYING }],
    ['class', { class: DataClass.C3 }],
    ['permission', { permission: 'everybody' }],
    ['hidden_from', { hiddenFrom: [someone] }],
    ['hidden_from', { hiddenFrom: people(21) }],
  ])('is refused for its %s: %o', (field, changes) => {
    expect(outcome(changes)).toBe(`INVALID_FIELD ${field}`);
  });
});

it.each([20, 21])('hides a panel from 20 people at most: %i', (count) => {
  const panel = CustomerPanel.fromPartial({
    customer: `customers/${someone}`,
    panel: 'tickets',
    sequence: 1n,
    hiddenFrom: people(count),
  });
  const result = decode(message(panels, 'bankcrm.panel.v1.CustomerPanel', CustomerPanel.encode(panel).finish()));
  expect(result.ok ? 'accepted' : `${result.reason} ${result.field}`).toBe(
    count === 20 ? 'accepted' : 'INVALID_FIELD hidden_from',
  );
});
