import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { expect, it } from 'vitest';
import { tidyCustomer } from './customer-snapshot.ts';
import { flagsOf } from './flags.ts';

const flags = (snapshot: CustomerSnapshot) => flagsOf(tidyCustomer(snapshot), '2026-11-29');

const person = (birthDate: string, ...values: string[]) =>
  CustomerSnapshot.fromPartial({
    profile: { $case: 'individual', value: { fullName: '张伟', birthDate } },
    identifiers: values.map((value) => ({ kind: 1, value })),
  });

it('flags nothing about a customer in order', () => {
  expect(flags(person('1949-12-31', '11010519491231002x'))).toEqual([]);
});

it.each([
  ['ID_CHECK_DIGIT', person('1949-12-31', '110105194912310021')],
  ['ID_15_DIGITS', person('1949-12-31', '110105491231002')],
  ['ID_BIRTH_DATE_DIFFERS', person('1950-01-01', '11010519491231002X')],
  ['ID_SHAPE', person('1949-12-31', '12345')],
  ['NO_IDENTIFIER', person('1949-12-31')],
] as const)('flags %s', (flag, snapshot) => {
  expect(flags(snapshot)).toEqual([flag]);
});

it('flags control characters wherever they stand, and takes the text without them', () => {
  const clean = person('1949-12-31', '11010519491231002X');
  for (const odd of [
    person('1949-12-31', '11010519491231002X\u0000'),
    { ...clean, segment: 'mass\u0000' },
    { ...clean, contacts: [{ kind: 3 as const, value: '\u000ewei@example.com\u000f', preferred: false }] },
    { ...clean, contacts: [{ kind: 1 as const, value: '13800138000\u0000', preferred: false }] },
    { ...clean, addresses: [{ purpose: 'home', regionCode: '', line: '\u000e长安街\u000f', postalCode: '' }] },
  ])
    expect(flags(odd)).toEqual(['CONTROL_CHARACTERS']);
});

it('flags a missing name, odd phones and e-mails, and a wrong credit code', () => {
  const odd = CustomerSnapshot.fromPartial({
    profile: { $case: 'organisation', value: {} },
    identifiers: [{ kind: 5, value: '914403001922038217' }],
    contacts: [
      { kind: 1, value: '12345' },
      { kind: 3, value: 'nobody' },
    ],
  });
  expect(flags(odd)).toEqual(['CREDIT_CODE', 'EMAIL_SHAPE', 'NO_NAME', 'PHONE_SHAPE']);
});

it.each(['wei@example', 'wei@example..com', 'wei@example.com.', `${'w'.repeat(65)}@example.com`])(
  'flags the e-mail address %s',
  (value) => {
    const customer = { ...person('1949-12-31', '11010519491231002X'), contacts: [{ kind: 3 as const, value, preferred: false }] };
    expect(flags(customer)).toEqual(['EMAIL_SHAPE']);
  },
);

it('takes mobiles as people write them, and foreign ones', () => {
  const contacts = ['13800138000', '+86 138 0013 8000', '138-0013-8000', '１３８００１３８０００', '+852 5123 4567'].map(
    (value) => ({
      kind: 1 as const,
      value,
    }),
  );
  expect(flags(CustomerSnapshot.fromPartial({ ...person('1949-12-31', '11010519491231002X'), contacts }))).toEqual([]);
});

it.each(['1900-01-01', '2026-11-29'])('takes %s as a birth date', (birthDate) =>
  expect(flags(person(birthDate, '12345'))).not.toContain('BIRTH_DATE_IMPLAUSIBLE'),
);

it.each(['1899-12-31', '2026-11-30', '0001-01-01', '9999-12-31'])('flags %s as a birth date', (birthDate) =>
  expect(flags(person(birthDate, '12345'))).toContain('BIRTH_DATE_IMPLAUSIBLE'),
);

it('flags a firm of tomorrow, a relation that ended before it began or begins tomorrow, and a review that is over before the last one', () => {
  const firm = (establishDate: string) => ({
    profile: { $case: 'organisation' as const, value: { fullName: '星河', establishDate } },
  });
  const kyc = (reviewDate: string, nextReviewDate: string) => ({ kyc: { reviewDate, nextReviewDate } });
  const odd = (snapshot: Parameters<typeof CustomerSnapshot.fromPartial>[0]) =>
    flags(CustomerSnapshot.fromPartial(snapshot)).includes('DATE_IMPLAUSIBLE');
  expect([firm('2026-11-29'), firm('2026-11-30')].map(odd)).toEqual([false, true]);
  expect([{ openDate: '2026-11-29' }, { openDate: '2026-11-30' }].map(odd)).toEqual([false, true]);
  expect(
    [
      { openDate: '2020-01-01', closeDate: '9999-12-31' },
      { openDate: '2020-01-01', closeDate: '2019-12-31' },
    ].map(odd),
  ).toEqual([false, true]);
  expect([kyc('2020-01-01', ''), kyc('2020-01-01', '2020-01-01'), kyc('2020-01-01', '2019-12-31')].map(odd)).toEqual([
    false,
    false,
    true,
  ]);
});

it('takes landlines as people write them, and flags what is no phone number', () => {
  const withPhones = (kind: 1 | 2, ...values: string[]) =>
    CustomerSnapshot.fromPartial({
      ...person('1949-12-31', '11010519491231002X'),
      contacts: values.map((value) => ({ kind, value })),
    });
  const lines = [
    '(010) 6000-0001',
    '010/6000.0001',
    '010-6000 0001 转 801',
    '+86 10 6000 0001',
    '60000001',
    '+852 2900 0001',
    '400-123-4567',
  ];
  for (const value of lines) expect([value, flags(withPhones(2, value))]).toEqual([value, []]);
  for (const value of ['+852 9000 0001', '85290000001', '138.0013.8000'])
    expect([value, flags(withPhones(1, value))]).toEqual([value, []]);
  for (const value of ['12345', '000000000', '无', '13800138000/13900139000', '1380013800'])
    expect([value, flags(withPhones(2, value))]).toEqual([value, ['PHONE_SHAPE']]);
  for (const value of ['010-60000001', '1380013800'])
    expect([value, flags(withPhones(1, value))]).toEqual([value, ['PHONE_SHAPE']]);
});
