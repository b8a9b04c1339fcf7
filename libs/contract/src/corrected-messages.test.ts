import { decoded, type RawMessage, rejected } from '@bankcrm/events';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { expect, it } from 'vitest';
import { coreDecoder, coreSourceOf, messagesOf } from './corrected-messages.ts';

const posting = TransactionPosted.fromPartial({
  sourceSystem: 'card',
  transactionId: 'T1',
  accountSourceId: 'A1',
  customerSourceId: 'C1',
  postTime: new Date('2026-11-01T08:00:00Z'),
  bookingDate: '2026-11-01',
  direction: 1,
  amount: { currencyCode: 'CNY', minorUnits: 100n },
});

const raw = (topic: string, type: string, value: Uint8Array, more: Record<string, string | undefined> = {}): RawMessage => ({
  topic,
  partition: 0,
  offset: 0n,
  time: new Date(0),
  key: Buffer.from('C1'),
  value: Buffer.from(value),
  headers: Object.fromEntries(
    Object.entries({ ce_id: '1', ce_source: '/bankcrm/customer', ce_type: type, 'content-type': 'application/protobuf', ...more })
      .filter(([, text]) => text !== undefined)
      .map(([name, text]) => [name, Buffer.from(text!)]),
  ),
});
const corrected = 'bankcrm.customer.v1.corrected-messages';
const transactions = 'corebanking.transactions.v1';
const posted = 'corebanking.transaction-posted.v1';
const bytes = TransactionPosted.encode(posting).finish();
const decode = coreDecoder(['transaction']);

it('reads a corrected posting as one of the contract’s topic, under its own place and source', () => {
  const message = raw(corrected, posted, bytes);
  expect(decode(message)).toEqual(decoded(message, { kind: 'transaction', message: posting }));
  expect(decode(raw(transactions, posted, bytes))).toMatchObject({ value: { kind: 'transaction', message: posting } });
  expect(coreSourceOf(message)).toBe('card');
});

it('skips a corrected message of another kind, and of one that only a newer contract has, unread', () => {
  const other = CustomerSnapshot.encode(CustomerSnapshot.fromPartial({ sourceSystem: 'core' })).finish();
  const items = [
    raw(corrected, 'corebanking.customer-snapshot.v1', other),
    raw(corrected, 'corebanking.mortgage-snapshot.v1', Buffer.from([0xff])),
    raw(corrected, posted, bytes),
  ].map(decode);
  if (!items.every((item) => item.ok)) expect.fail('must not be refused');
  expect(messagesOf(items)).toEqual([{ kind: 'transaction', message: posting }]);
});

it('refuses a corrected posting as it would one of the contract’s topic', () => {
  const odd = TransactionPosted.encode({ ...posting, bookingDate: '2026-02-30' }).finish();
  for (const topic of [corrected, transactions]) {
    const message = raw(topic, posted, odd);
    expect(decode(message)).toEqual(rejected(message, 'INVALID_FIELD', 'booking_date'));
  }
  const nameless = raw(corrected, posted, bytes, { ce_id: undefined });
  expect(decode(nameless)).toEqual(rejected(nameless, 'MISSING_HEADER', 'ce_id'));
});

it('refuses another kind on the contract’s own topic', () => {
  const message = raw(transactions, 'corebanking.customer-snapshot.v1', bytes);
  expect(decode(message)).toEqual(rejected(message, 'UNKNOWN_TYPE', 'ce_type'));
});
