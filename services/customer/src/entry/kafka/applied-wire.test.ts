import { coreDecoder, correctedMessagesTopic } from '@bankcrm/contract';
import { type Decoded, isRejected } from '@bankcrm/events';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { expect, it } from 'vitest';
import type { Incoming } from '../../app/sync/incoming.ts';
import { wireOf } from './applied-wire.ts';
import { decode } from './decode.ts';

it('tells of a snapshot whose screening hit has a time beyond all dates', () => {
  // kyc (15) { screening_hits (5) { hit_time (4) { seconds (1) = 10^16 } } }
  const seconds = [0x08, 0x80, 0x80, 0x84, 0xfe, 0xa6, 0xde, 0xe1, 0x11];
  const nested = (field: number, bytes: readonly number[]) => [(field << 3) | 2, bytes.length, ...bytes];
  const kyc = nested(15, nested(5, nested(4, seconds)));
  const plain = CustomerSnapshot.encode(
    CustomerSnapshot.fromPartial({ sourceSystem: 'core', sourceId: 'C1', version: 1n, state: 1 }),
  );
  const raw = {
    topic: 'corebanking.customers.v1',
    partition: 0,
    offset: 0n,
    time: new Date(),
    key: Buffer.from('C1'),
    value: Buffer.concat([plain.finish(), Buffer.from(kyc)]),
    headers: {
      ce_id: Buffer.from('1'),
      ce_source: Buffer.from('/corebanking/core'),
      ce_type: Buffer.from('corebanking.customer-snapshot.v1'),
      'content-type': Buffer.from('application/protobuf'),
    },
  };
  const decoded = decode(raw);
  expect(isRejected(decoded)).toBe(false);
  expect(wireOf(decoded as Decoded<Incoming>)).toMatchObject({ type: 'corebanking.customer-snapshot.v1', key: 'C1' });
});

it('publishes what another reader reads as the message was, in protobuf whatever it came in', () => {
  const posted = {
    sourceSystem: 'core',
    transactionId: 'T1',
    accountSourceId: 'A1',
    customerSourceId: 'C1',
    postTime: '2026-11-01T08:00:00Z',
    bookingDate: '2026-11-01',
    direction: 'DIRECTION_CREDIT',
    amount: { currencyCode: 'CNY', minorUnits: '100' },
    remark: '工资 \u0000',
  };
  const raw = (topic: string, value: Uint8Array, type: string, contentType: string) => ({
    topic,
    partition: 0,
    offset: 0n,
    time: new Date(),
    key: Buffer.from('C1'),
    value: Buffer.from(value),
    headers: {
      ce_id: Buffer.from('1'),
      ce_source: Buffer.from('/bankcrm/customer'),
      ce_type: Buffer.from(type),
      'content-type': Buffer.from(contentType),
    },
  });
  const type = 'corebanking.transaction-posted.v1';
  const applied = decode(raw('corebanking.transactions.v1', Buffer.from(JSON.stringify(posted)), type, 'application/json'));
  if (!applied.ok) expect.fail(`${applied.reason} ${applied.field}`);
  const wire = wireOf(applied)!;
  // As the outbox sends it.
  const published = raw(correctedMessagesTopic, wire.payload, wire.type, 'application/protobuf');
  expect(coreDecoder(['transaction'])(published)).toMatchObject({ ok: true, value: applied.value });
  expect(coreDecoder(['account'])(published)).toMatchObject({ ok: true, value: { kind: 'skipped' } });
});
