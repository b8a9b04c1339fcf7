import type { RawMessage } from '@bankcrm/events';
import { registry } from '@bankcrm/proto/descriptors';
import { CustomerPanel } from '@bankcrm/proto/gen/bankcrm/panel/v1/panel.ts';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type BankMessage, type BrokenKind, breakMessage, brokenKinds, simulate } from '@bankcrm/simulator';
import type { DescMessage } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { contractOf, decode } from './decode.ts';

const rawOf = ({ topic, key, value, headers }: BankMessage): RawMessage => ({
  topic,
  partition: 0,
  offset: 0n,
  time: new Date(0),
  key: key === null ? null : Buffer.from(key),
  value,
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});
const outcome = (message: BankMessage) => {
  const result = decode(rawOf(message));
  return result.ok ? 'accepted' : `${result.reason} ${result.field}`.trim();
};

const all = [...simulate({ customers: 20, seed: 5, months: 1 })];
const asJson = [...simulate({ customers: 20, seed: 5, months: 1, format: 'json' })];
const firstOf = (topic: string, messages = all) => messages.find((message) => message.topic === topic)!;
const customers = 'corebanking.customers.v1';
const accounts = 'corebanking.accounts.v1';
const transactions = 'corebanking.transactions.v1';
const control = 'corebanking.control.v1';

/** What the contract says of each way to break a message. */
const reasons: Record<Exclude<BrokenKind, 'huge-payload'>, RegExp> = {
  'bad-protobuf': /^BAD_PROTOBUF$/,
  'bad-json': /^BAD_JSON$/,
  'unknown-enum': /^UNKNOWN_ENUM (state|kind|direction)$/,
  'currency-not-iso': /^WRONG_CURRENCY /,
  'currency-mismatch': /^WRONG_CURRENCY /,
  'amount-out-of-range': /^AMOUNT_OUT_OF_RANGE (balance|amount)\.minor_units$/,
  'time-out-of-range': /^INVALID_FIELD (update_time|post_time)$/,
  'unknown-type': /^UNKNOWN_TYPE ce_type$/,
  'missing-key': /^MISSING_KEY$/,
  'missing-headers': /^MISSING_HEADER ce_id$/,
};

describe('a message of the contract', () => {
  it('is read alike from protobuf and from JSON', () => {
    for (const [index, message] of all.entries()) {
      const [fromProtobuf, fromJson] = [decode(rawOf(message)), decode(rawOf(asJson[index]!))];
      if (!fromProtobuf.ok || !fromJson.ok) expect.fail('must be accepted');
      expect(fromJson.value).toEqual(fromProtobuf.value);
    }
  });

  it('in protobuf whose text is no UTF-8, or ends in the middle, is rejected', () => {
    const message = firstOf(customers);
    const at = message.value.indexOf(message.key!);
    const name = Buffer.from(message.value);
    name[at] = 0xff;
    expect(outcome({ ...message, value: name })).toBe('BAD_PROTOBUF');
    expect(outcome({ ...message, value: message.value.subarray(0, at + 2) })).toBe('BAD_PROTOBUF');
  });

  // One too large is refused by the consumer before it decodes.
  it.each(brokenKinds.filter((kind) => kind !== 'huge-payload'))(
    'broken as %s is rejected with the reason and the field',
    (kind) => {
      for (const messages of [all, asJson]) {
        for (const topic of [customers, accounts, transactions]) {
          const broken = breakMessage(kind, firstOf(topic, messages));
          if (broken !== undefined) expect(outcome(broken)).toMatch(reasons[kind]);
        }
      }
    },
  );
});

describe('proto3 JSON', () => {
  const json = firstOf(customers, asJson);
  const changed = (change: (value: Record<string, unknown>) => void): BankMessage => {
    const value = JSON.parse(json.value.toString()) as Record<string, unknown>;
    change(value);
    return { ...json, value: Buffer.from(JSON.stringify(value)) };
  };

  it.each([
    ['an unknown field', changed((value) => Object.assign(value, { nickname: 'x' })), 'BAD_JSON'],
    ['a wrong type', changed((value) => Object.assign(value, { sourceId: 7 })), 'BAD_JSON source_id'],
    ['a number beyond int64', changed((value) => Object.assign(value, { version: '9223372036854775808' })), 'BAD_JSON version'],
    ['an enum by an unknown name', changed((value) => Object.assign(value, { state: 'ASLEEP' })), 'UNKNOWN_ENUM CustomerState'],
    ['both cases of a oneof', changed((value) => Object.assign(value, { individual: {}, organisation: {} })), 'BAD_JSON profile'],
    ['bytes that are no UTF-8', { ...json, value: Buffer.from([0x7b, 0xff, 0x7d]) }, 'BAD_JSON'],
    ['an array', { ...json, value: Buffer.from('[]') }, 'BAD_JSON'],
  ])('with %s is rejected', (_, message, expected) => {
    expect(outcome(message)).toBe(expected);
  });

  it('says nothing of the value at fault', () => {
    const canary = '13800138000';
    const result = decode(rawOf(changed((value) => Object.assign(value, { version: canary.repeat(3), [canary]: canary }))));
    const { raw: _, ...said } = result as { raw: unknown };
    expect(JSON.stringify(said)).not.toContain(canary);
  });
});

describe('a field', () => {
  const json = firstOf(customers, asJson);
  const withValues = (topic: string, change: object): BankMessage => {
    const message = firstOf(topic, asJson);
    return { ...message, value: Buffer.from(JSON.stringify({ ...JSON.parse(message.value.toString()), ...change })) };
  };

  const range = (change: object) => ({ topic: accounts, count: '1', checksum: Buffer.alloc(32).toString('base64'), ...change });

  it.each([
    [customers, { sourceSystem: '' }, 'INVALID_FIELD source_system'],
    [customers, { sourceSystem: 'Core!' }, 'INVALID_FIELD source_system'],
    [customers, { sourceId: 'x'.repeat(65) }, 'INVALID_FIELD source_id'],
    [customers, { version: '0' }, 'INVALID_FIELD version'],
    [transactions, { bookingDate: '2026-02-30' }, 'INVALID_FIELD booking_date'],
    [
      accounts,
      { holders: Array.from({ length: 201 }, (_, at) => ({ customerSourceId: `C${at}`, role: 1 })) },
      'INVALID_FIELD holders',
    ],
    [customers, { sourceId: 'a\u0000b' }, 'INVALID_FIELD source_id'],
    [transactions, { reversesTransactionId: 'a\u000eb' }, 'INVALID_FIELD reverses_transaction_id'],
    [customers, { state: 'CUSTOMER_STATE_UNSPECIFIED' }, 'INVALID_FIELD state'],
    [accounts, { holders: [] }, 'INVALID_FIELD holders'],
    [accounts, { currencyCode: 'ZZZ' }, 'WRONG_CURRENCY currency_code'],
    [
      transactions,
      { amount: { currencyCode: 'CNY', minorUnits: '-1' }, balanceAfter: null },
      'AMOUNT_OUT_OF_RANGE amount.minor_units',
    ],
    [transactions, { postTime: null }, 'INVALID_FIELD post_time'],
    ['corebanking.rates.v1', { rate: '-1' }, 'INVALID_FIELD rate'],
    ['corebanking.rates.v1', { rate: '0' }, 'INVALID_FIELD rate'],
    [control, { cutTime: null }, 'INVALID_FIELD cut_time'],
    [control, { ranges: [] }, 'INVALID_FIELD ranges'],
    [control, { ranges: [range({ topic: 'corebanking.rates.v1' })] }, 'INVALID_FIELD ranges[0].topic'],
    [control, { ranges: [range({}), range({ fromSourceId: '2', toSourceId: '2' })] }, 'INVALID_FIELD ranges[1].to_source_id'],
    // By bytes U+FF21 comes before what UTF-16 writes in two halves.
    [control, { ranges: [range({ fromSourceId: '\u{20000}', toSourceId: 'Ａ' })] }, 'INVALID_FIELD ranges[0].to_source_id'],
    [control, { ranges: [range({ count: '-1' })] }, 'INVALID_FIELD ranges[0].count'],
    [control, { ranges: [range({ count: '1000001' })] }, 'INVALID_FIELD ranges[0].count'],
    [control, { ranges: [range({ checksum: 'AAAA' })] }, 'INVALID_FIELD ranges[0].checksum'],
    [control, { ranges: [range({ fromPostTime: '2026-10-01T00:00:00Z' })] }, 'INVALID_FIELD ranges[0].from_post_time'],
  ])('of %s with %j is rejected', (topic, change, expected) => {
    expect(outcome(withValues(topic, change))).toBe(expected);
  });

  it('that is odd but honest is accepted: a day in no calendar, the end of all time, no name, an unknown currency of an income, a long text', () => {
    const odd = {
      birthDate: '1999-02-29',
      annualIncome: { currencyCode: 'RMB', minorUnits: '1' },
      employer: 'x'.repeat(2_000),
      fullName: '',
      occupation: '\u000e教师\u000f\u0000',
    };
    const change = {
      individual: odd,
      closeDate: '9999-12-31',
      identifiers: [{ kind: 'IDENTIFIER_KIND_RESIDENT_ID', value: '1' }],
    };
    const { organisation: _, ...value } = JSON.parse(json.value.toString());
    expect(outcome({ ...json, value: Buffer.from(JSON.stringify({ ...value, ...change })) })).toBe('accepted');
  });
});

describe('a time', () => {
  const panels = 'bankcrm.tickets.v1.customer-panels';
  const panel: BankMessage = {
    topic: panels,
    key: 'x',
    value: Buffer.alloc(0),
    headers: { ...firstOf(accounts).headers, ce_type: 'bankcrm.panel.v1.CustomerPanel' },
  };
  const valid = {
    customer: CustomerSnapshot.decode(firstOf(customers).value),
    account: AccountSnapshot.decode(firstOf(accounts).value),
    transaction: TransactionPosted.decode(firstOf(transactions).value),
    panel: CustomerPanel.fromPartial({
      customer: 'customers/0190a3f0-0000-7000-8000-000000000001',
      panel: 'tickets',
      sequence: 1n,
    }),
  };
  /** Nothing depends on it: one out of reach is left empty and flagged. */
  const hitTime = 'corebanking.v1.CustomerSnapshot kyc.screening_hits.hit_time';
  /** A message with a time in the place, by the message's name and the place's path. */
  const withTime: Record<string, (time: Date) => BankMessage> = {
    'corebanking.v1.CustomerSnapshot update_time': (updateTime) => ({
      ...firstOf(customers),
      value: Buffer.from(CustomerSnapshot.encode({ ...valid.customer, updateTime }).finish()),
    }),
    'corebanking.v1.AccountSnapshot update_time': (updateTime) => ({
      ...firstOf(accounts),
      value: Buffer.from(AccountSnapshot.encode({ ...valid.account, updateTime }).finish()),
    }),
    'corebanking.v1.TransactionPosted post_time': (postTime) => ({
      ...firstOf(transactions),
      value: Buffer.from(TransactionPosted.encode({ ...valid.transaction, postTime }).finish()),
    }),
    'bankcrm.panel.v1.CustomerPanel update_time': (updateTime) => ({
      ...panel,
      value: Buffer.from(CustomerPanel.encode({ ...valid.panel, updateTime }).finish()),
    }),
  };

  const timesOf = (message: DescMessage, path: readonly string[] = []): string[] =>
    message.fields.flatMap((field) =>
      field.message?.typeName === 'google.protobuf.Timestamp'
        ? [[...path, field.name].join('.')]
        : field.message === undefined
          ? []
          : timesOf(field.message, [...path, field.name]),
    );

  it('is tried in every place that a message of the contract has for one', () => {
    const consumed = [customers, accounts, transactions, 'corebanking.rates.v1', 'bankcrm.directory.v1.org-units', panels];
    const places = consumed.flatMap((topic) => {
      const { messageName } = contractOf(topic)!;
      return timesOf(registry.getMessage(messageName)!).map((path) => `${messageName} ${path}`);
    });
    expect([...Object.keys(withTime), hitTime].sort()).toEqual(places.sort());
  });

  it.each(Object.keys(withTime))('out of reach is rejected in %s, and the first and the last are taken', (place) => {
    const field = place.split(' ')[1]!;
    // Milliseconds for seconds; the moment before the first; before Christ.
    for (const time of [
      new Date(1_700_000_000_000 * 1000),
      new Date('1899-12-31T23:59:59.999Z'),
      new Date('-000043-03-15T11:00:00Z'),
    ])
      expect(outcome(withTime[place]!(time))).toBe(`INVALID_FIELD ${field}`);
    for (const time of ['1900-01-01T00:00:00Z', '1969-12-31T23:59:58.500Z', '9999-12-31T23:59:59.999Z'])
      expect(outcome(withTime[place]!(new Date(time)))).toBe('accepted');
  });
});
