import type { RawMessage } from '@bankcrm/events';
import { registry } from '@bankcrm/proto/descriptors';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { ControlTotals } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import type { RateQuoted } from '@bankcrm/proto/gen/corebanking/v1/rates.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { type BankMessage, type BrokenKind, breakMessage, brokenKinds, simulate } from '@bankcrm/simulator';
import type { DescMessage } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Received } from '../src/contract.ts';
import { type CoreMessage, coreContracts, coreKindByTopic } from '../src/core-contracts.ts';
import { decodeCore as decode } from '../src/corrected-messages.ts';

type Incoming = Received<CoreMessage>;

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
    expect(outcome({ ...message, value: name })).toBe('BAD_PROTOBUF source_id');
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
    ['a wrong type', changed((value) => Object.assign(value, { sourceId: 7 })), 'BAD_JSON source_id'],
    ['a number beyond int64', changed((value) => Object.assign(value, { version: '9223372036854775808' })), 'BAD_JSON version'],
    ['an enum by an unknown name', changed((value) => Object.assign(value, { state: 'ASLEEP' })), 'UNKNOWN_ENUM state'],
    ['an enum by an unknown number', changed((value) => Object.assign(value, { state: 77 })), 'UNKNOWN_ENUM state'],
    ['both cases of a oneof', changed((value) => Object.assign(value, { individual: {}, organisation: {} })), 'BAD_JSON profile'],
    ['bytes that are no UTF-8', { ...json, value: Buffer.from([0x7b, 0xff, 0x7d]) }, 'BAD_JSON'],
    [
      'a time that its offset moves past the year 9999',
      changed((value) => Object.assign(value, { updateTime: '9999-12-31T23:59:59.999999999-23:59' })),
      'BAD_JSON update_time',
    ],
    [
      'a time that its offset moves before the year 1',
      changed((value) => Object.assign(value, { updateTime: '0001-01-01T00:00:00+00:01' })),
      'BAD_JSON update_time',
    ],
    ['an array', { ...json, value: Buffer.from('[]') }, 'BAD_JSON'],
  ])('with %s is rejected', (_, message, expected) => {
    expect(outcome(message)).toBe(expected);
  });

  it('is read behind a byte order mark, which RFC 8259 lets a reader ignore', () => {
    expect(outcome({ ...json, value: Buffer.concat([Buffer.from('\ufeff'), json.value]) })).toBe('accepted');
  });

  it.each(['FAX', 99])('with the unknown enum %s where nothing depends on it is taken, as protobuf is', (kind) => {
    expect(outcome(changed((value) => Object.assign(value, { contacts: [{ kind, value: '010-60000001' }] })))).toBe('accepted');
  });

  it('says nothing of the value at fault', () => {
    const canary = '13800138000';
    const result = decode(rawOf(changed((value) => Object.assign(value, { version: canary.repeat(3), [canary]: canary }))));
    const { raw: _, ...said } = result as { raw: unknown };
    expect(JSON.stringify(said)).not.toContain(canary);
  });
});

describe('a number of JSON', () => {
  const jsonOf = (topic: string) => firstOf(topic, asJson);
  /** The topic's first message with text in the place of a value that JSON.stringify cannot write. */
  const written = (topic: string, change: object, text: string): BankMessage => {
    const message = jsonOf(topic);
    const value = JSON.stringify({ ...(JSON.parse(message.value.toString()) as object), ...change }).replaceAll(
      '"@"',
      () => text,
    );
    return { ...message, value: Buffer.from(value) };
  };
  const read = (message: BankMessage): Incoming => {
    const result = decode(rawOf(message));
    if (!result.ok) expect.fail(`${result.reason} ${result.field}`);
    return result.value;
  };
  const range = (change: object) => ({ topic: accounts, count: '1', checksum: Buffer.alloc(32).toString('base64'), ...change });
  const cny = { currencyCode: 'CNY', minorUnits: '@' };
  const places: [string, string, object, (message: never) => unknown][] = [
    ['version', customers, { version: '@' }, (m: CustomerSnapshot) => m.version],
    ['version', accounts, { version: '@' }, (m: AccountSnapshot) => m.version],
    ['balance.minor_units', accounts, { currencyCode: 'CNY', balance: cny }, (m: AccountSnapshot) => m.balance!.minorUnits],
    ['annual_rate_micros', accounts, { annualRateMicros: '@' }, (m: AccountSnapshot) => m.annualRateMicros],
    ['sequence', transactions, { sequence: '@' }, (m: TransactionPosted) => m.sequence],
    ['version', 'corebanking.rates.v1', { version: '@' }, (m: RateQuoted) => m.version],
    ['ranges[1].count', control, { ranges: [range({}), range({ count: '@' })] }, (m: ControlTotals) => m.ranges[1]!.count],
  ] as never;

  it.each(places)('in %s of %s is the number that was written, in quotes or not', (_, topic, change, numberIn) => {
    // What a range may count, and what an amount may be.
    const most = topic === control ? 1_000_000n : 100_000_000_000_000_000n;
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: most }), (number) => {
        expect(numberIn(read(written(topic, change, String(number))).message as never)).toBe(number);
        expect(numberIn(read(written(topic, change, `"${number}"`)).message as never)).toBe(number);
      }),
      { numRuns: 30 },
    );
  });

  it.each(['1800000000000000001', '1800000000000000100', '9223372036854775807', '9007199254740993'])(
    '%s stays apart from its neighbours',
    (text) => {
      const { message } = read(written(customers, { version: '@' }, text)) as { message: CustomerSnapshot };
      expect(message.version).toBe(BigInt(text));
    },
  );

  it.each([
    ['1e3', 1_000n],
    ['"1e3"', 1_000n],
    ['1.0', 1n],
    ['"1.0"', 1n],
    ['1.800000000000000001e18', 1_800_000_000_000_000_001n],
    ['1800000000000000001.000', 1_800_000_000_000_000_001n],
    ['120E-1', 12n],
  ])('written as %s is taken where ProtoJSON takes it', (text, expected) => {
    expect((read(written(customers, { version: '@' }, text)) as { message: CustomerSnapshot }).message.version).toBe(expected);
  });

  it.each(places)('in %s of %s that is none, or none that fits, is refused with the field', (field, topic, change) => {
    const none = [
      '"0x10"',
      '" 77"',
      '"77 "',
      '"+77"',
      '"007"',
      '"77.5"',
      '1.5',
      '""',
      '"1_000"',
      '"７７"',
      '1e400',
      '1e-400',
      '9223372036854775808',
      '-9223372036854775809',
      '"9223372036854775808"',
      'true',
      '[1]',
      '{}',
      '"NaN"',
      '"Infinity"',
      '4503599627370497.5',
      '1.8000000000000000001e18',
      '0.1e1000000000',
      `1${'0'.repeat(5_000)}`,
    ];
    for (const text of none) expect([text, outcome(written(topic, change, text))]).toEqual([text, `BAD_JSON ${field}`]);
  });

  it('of 32 bits is refused beyond them, and as a fraction', () => {
    for (const text of ['2147483648', '-2147483649', '1.5', '1e400', '"NaN"', 'NaN', '"0x1F"', 'false'])
      expect([text, outcome(written(accounts, { daysPastDue: '@' }, text))]).toEqual([
        text,
        text === 'NaN' ? 'BAD_JSON' : 'BAD_JSON days_past_due',
      ]);
    const { message } = read(written(accounts, { daysPastDue: '@' }, '"2147483647"')) as { message: AccountSnapshot };
    expect(message.daysPastDue).toBe(2_147_483_647);
  });
});

describe('a value of JSON that would have to be bent', () => {
  const json = (topic: string, change: object, raw = (text: string) => text): BankMessage => {
    const message = firstOf(topic, asJson);
    return {
      ...message,
      value: Buffer.from(raw(JSON.stringify({ ...(JSON.parse(message.value.toString()) as object), ...change }))),
    };
  };
  const range = (checksum: string) => ({ ranges: [{ topic: accounts, count: '1', checksum }] });
  const sum = Buffer.alloc(32, 0xfb).toString('base64');

  it.each([
    ['a key given twice', json(customers, {}, (text) => text.replace(/^\{/, '{"sourceId":"1",')), 'BAD_JSON source_id'],
    [
      'a key given twice further in',
      json(customers, { kyc: { screeningHits: [{ list: 'pep' }] } }, (text) =>
        text.replace('"list":"pep"', '"list":"pep","list":"pep"'),
      ),
      'BAD_JSON kyc.screening_hits[0].list',
    ],
    ['a field given by both of its names', json(customers, { source_id: '1' }), 'BAD_JSON source_id'],
    ['a boolean as a text', json(accounts, { frozen: 'true' }), 'BAD_JSON frozen'],
    ['a boolean as a number', json(customers, { restricted: 1 }), 'BAD_JSON restricted'],
    ['a text as a number', json(customers, { sourceId: 7 }), 'BAD_JSON source_id'],
    ['half a surrogate pair', json(customers, { segment: '\ud83d' }), 'BAD_JSON segment'],
    ['a day that no calendar has', json(customers, { updateTime: '2026-02-30T00:00:00Z' }), 'BAD_JSON update_time'],
    ['hour 24', json(customers, { updateTime: '2026-02-28T24:00:00Z' }), 'BAD_JSON update_time'],
    ['a time without a zone', json(customers, { updateTime: '2026-02-28T00:00:00' }), 'BAD_JSON update_time'],
    ['a time with a blank', json(customers, { updateTime: ' 2026-02-28T00:00:00Z' }), 'BAD_JSON update_time'],
    ['a time as a number', json(customers, { updateTime: 1_700_000_000 }), 'BAD_JSON update_time'],
    ['base64 with a line break', json(control, range(`${sum.slice(0, 20)}\n${sum.slice(20)}`)), 'BAD_JSON ranges[0].checksum'],
    ['base64 with padding inside', json(control, range(`AA==${sum}`)), 'BAD_JSON ranges[0].checksum'],
    ['an object for a list', json(accounts, { holders: {} }), 'BAD_JSON holders'],
    ['null in a list', json(accounts, { holders: [null] }), 'BAD_JSON holders[0]'],
    ['a list for an object', json(accounts, { balance: [] }), 'BAD_JSON balance'],
    [
      'more levels than anybody needs',
      json(customers, { more: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) }),
      'BAD_JSON more',
    ],
  ])('is refused: %s', (_, message, expected) => {
    expect(outcome(message).slice(0, expected.length)).toBe(expected);
  });

  it.each([
    ['null for what is absent', json(customers, { segment: null, kyc: null, contacts: null })],
    ['null beside the other kind of a customer', json(customers, { individual: null, organisation: { fullName: '星河' } })],
    ['base64 for URLs, without padding', json(control, range(sum.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')))],
    ['a time with an offset and nanoseconds', json(customers, { updateTime: '2026-02-28T08:00:00.123456789+08:00' })],
    ['an enum by its number', json(customers, { state: 1 })],
    ['the names of the proto file', json(accounts, { days_past_due: 3 }, (text) => text.replace(/"daysPastDue":\d+,?/, ''))],
  ])('is another matter than %s, which ProtoJSON takes', (_, message) => {
    expect(outcome(message)).toBe('accepted');
  });
});

describe('a field that the contract does not have', () => {
  const unknownIn = (message: BankMessage) => {
    const result = decode(rawOf(message));
    if (!result.ok) expect.fail(`${result.reason} ${result.field}`);
    return result.value.unknownFields;
  };
  const json = (change: object): BankMessage => {
    const message = firstOf(customers, asJson);
    return { ...message, value: Buffer.from(JSON.stringify({ ...(JSON.parse(message.value.toString()) as object), ...change })) };
  };
  const known = firstOf(customers);
  const tail = (write: (writer: BinaryWriter) => BinaryWriter): BankMessage => ({
    ...known,
    value: Buffer.concat([known.value, write(new BinaryWriter()).finish()]),
  });

  it('is ignored and told of, in both encodings alike', () => {
    const message = (value: BankMessage) => (decode(rawOf(value)) as { value: Incoming }).value.message;
    const asText = json({
      vipLevel: '3',
      kyc: { state: 'KYC_STATE_DUE', vipRating: { a: [1] } },
      contacts: [
        { kind: 'CONTACT_KIND_MOBILE', value: '1', vip: 1 },
        { kind: 'CONTACT_KIND_MOBILE', value: '2', vip: 1 },
      ],
    });
    expect(unknownIn(asText)).toEqual(expect.arrayContaining(['vipLevel', 'kyc.vipRating', 'contacts.vip']));
    const { kyc, contacts } = message(asText) as CustomerSnapshot;
    expect([kyc?.state, contacts.length]).toEqual([2, 2]);

    const kycWithMore = new BinaryWriter()
      .uint32((1 << 3) | 0)
      .int32(2)
      .uint32((17 << 3) | 2)
      .string('x')
      .finish();
    const asBytes = tail((writer) =>
      writer
        .uint32((99 << 3) | 2)
        .string('3')
        .uint32((15 << 3) | 2)
        .bytes(kycWithMore),
    );
    expect(unknownIn(asBytes)).toEqual(['99', 'kyc.17']);
    expect((message(asBytes) as CustomerSnapshot).kyc?.state).toBe(2);
  });

  it('is none where all fields are known', () => {
    for (const message of [...all, ...asJson]) expect(unknownIn(message)).toBeUndefined();
  });

  it('is a known one that comes as another type in protobuf', () => {
    expect(unknownIn(tail((writer) => writer.uint32((13 << 3) | 0).int32(5)))).toEqual(['segment']);
  });

  it('may be a group, which no message of proto3 has', () => {
    expect(
      unknownIn(
        tail((writer) =>
          writer
            .uint32((77 << 3) | 3)
            .uint32((1 << 3) | 0)
            .int32(5)
            .uint32((77 << 3) | 4),
        ),
      ),
    ).toEqual(['77']);
  });

  it('is told of by a name that is no data, and twenty times at most', () => {
    expect(unknownIn(json({ '13800138000': 'x' }))).toEqual(['?']);
    expect(unknownIn(json({ 张伟: 'x', 'a b': 1 }))).toEqual(['?']);
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`f${index}`, 1]));
    expect(unknownIn(json(many))).toHaveLength(20);
  });

  it('does not hide the end of a message: what no message may hold is refused', () => {
    for (const bytes of [
      [0, 0x28, 1],
      [0x0c, 0x28, 1],
      [0x04, 0x28, 1],
    ])
      expect(outcome({ ...known, value: Buffer.concat([known.value, Buffer.from(bytes)]) })).toBe('BAD_PROTOBUF');
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
  const valid = {
    customer: CustomerSnapshot.decode(firstOf(customers).value),
    account: AccountSnapshot.decode(firstOf(accounts).value),
    transaction: TransactionPosted.decode(firstOf(transactions).value),
  };
  const product = ProductSnapshot.fromPartial({ sourceSystem: 'core', productCode: 'D01', version: 1n, displayNameZh: '活期' });
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
    'corebanking.v1.ProductSnapshot update_time': (updateTime) => ({
      topic: 'corebanking.products.v1',
      key: 'D01',
      value: Buffer.from(ProductSnapshot.encode({ ...product, updateTime }).finish()),
      headers: { ...firstOf(accounts).headers, ce_type: 'corebanking.product-snapshot.v1' },
    }),
    'corebanking.v1.TransactionPosted post_time': (postTime) => ({
      ...firstOf(transactions),
      value: Buffer.from(TransactionPosted.encode({ ...valid.transaction, postTime }).finish()),
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
    const consumed = [customers, accounts, transactions, 'corebanking.rates.v1', 'corebanking.products.v1'];
    const places = consumed.flatMap((topic) => {
      const { messageName } = coreContracts[coreKindByTopic.get(topic)!];
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
