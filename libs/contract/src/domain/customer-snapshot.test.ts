import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { expect, it } from 'vitest';
import { encodable, tidyCustomer } from './customer-snapshot.ts';

it('a snapshot in order stays as it is', () => {
  const snapshot = CustomerSnapshot.fromPartial({
    sourceSystem: 'core',
    sourceId: ' C1',
    version: 1n,
    state: 1,
    profile: { $case: 'organisation', value: { fullName: '星河 科技', creditGrade: 'AA+', establishDate: '2001-02-03' } },
    identifiers: [{ kind: 5, value: '91110105MA01ABCD2E' }],
    contacts: [{ kind: 2, value: '010-6000 0001 转 801', preferred: true }],
    addresses: [{ purpose: 'registered', regionCode: '110105', line: '建国路 88 号' }],
    kyc: { state: 4, riskRating: 'high', screeningHits: [{ list: 'pep', hitTime: new Date('2026-01-01T00:00:00Z') }] },
    homeBranchCode: 'BJ-CY',
    segment: 'private-banking',
  });
  expect(tidyCustomer(snapshot)).toEqual({ snapshot, oddities: [] });
});

const rated = (creditScore: number) =>
  CustomerSnapshot.fromPartial({ profile: { $case: 'individual', value: { creditGrade: ' aa+', creditScore } } });

it.each([1, 1_000, 0])('the credit score %i stays, with the grade in capitals', (score) => {
  expect(tidyCustomer(rated(score))).toMatchObject({
    snapshot: { profile: { value: { creditGrade: 'AA+', creditScore: score } } },
    oddities: [],
  });
});

it.each([-1, 1_001])('the credit score %i is left out', (score) => {
  expect(tidyCustomer(rated(score))).toMatchObject({
    snapshot: { profile: { value: { creditScore: 0 } } },
    oddities: ['CREDIT_SCORE_INVALID'],
  });
});

it('a time that no Date holds can be encoded again, and is as wrong as before', () => {
  const snapshot = CustomerSnapshot.fromPartial({ kyc: { screeningHits: [{ hitTime: new Date(Number.NaN) }] } });
  expect(() => CustomerSnapshot.encode(snapshot).finish()).toThrow();
  const again = CustomerSnapshot.decode(CustomerSnapshot.encode(encodable(snapshot)).finish());
  expect(tidyCustomer(again)).toMatchObject({
    snapshot: { kyc: { screeningHits: [{ hitTime: undefined }] } },
    oddities: ['DATE_INVALID'],
  });
});
