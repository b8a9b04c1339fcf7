import { randomUUID } from 'node:crypto';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import type { OutboxEvent } from '../../src/index.ts';
import { auditTopic } from '../../src/outbox/sweep.ts';

export const event = (overrides: Partial<OutboxEvent> = {}): OutboxEvent => ({
  id: randomUUID(),
  aggregateType: 'customer',
  aggregateId: 'c1',
  type: 'bankcrm.customer.v1.CustomerChanged',
  topic: 'bookings',
  key: 'c1',
  payload: Buffer.from('payload'),
  subject: 'customers/c1',
  sequence: 3n,
  time: new Date('2026-03-01T08:00:00.123Z'),
  ...overrides,
});

export const auditEntry = (service = 'customer'): OutboxEvent => {
  const id = randomUUID();
  const payload = Entry.encode(Entry.fromPartial({ entryId: id, service, operation: 'test', customer: 'customers/c1' })).finish();
  return event({ id, topic: auditTopic, payload, type: 'bankcrm.audit.v1.Entry' });
};
