import { AccountSnapshot, type TransactionLimit } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { expect, it } from 'vitest';
import { tidyAccount } from './account-snapshot.ts';

const account = (over: Partial<AccountSnapshot>) =>
  tidyAccount({ ...AccountSnapshot.fromPartial({ currencyCode: 'CNY' }), ...over });
const limit = (kind: string, channel: string, minorUnits = 100n, currencyCode = 'CNY'): TransactionLimit => ({
  kind,
  channel,
  limit: { currencyCode, minorUnits },
});

it('keeps one transaction limit of a kind and channel, in the letters of their lists', () => {
  const { snapshot, oddities } = account({
    limits: [limit('transaction-single', ''), limit('TRANSACTION-SINGLE ', 'Mobile', 50n, 'cny'), limit('transaction-daily', '')],
  });
  expect(snapshot.limits).toEqual([
    limit('transaction-single', ''),
    limit('transaction-single', 'mobile', 50n),
    limit('transaction-daily', ''),
  ]);
  expect(oddities).toEqual([]);
});

it.each([
  ['said twice', [limit('a', ''), limit('a', '', 7n)], [limit('a', '')], ['VALUE_LEFT_OUT']],
  ['of no kind', [limit('', 'atm')], [], ['VALUE_LEFT_OUT']],
  ['without an amount', [{ kind: 'a', channel: '', limit: undefined }], [], ['VALUE_LEFT_OUT']],
  ['below nothing', [limit('a', '', -1n)], [], ['VALUE_LEFT_OUT']],
  ['in no currency', [limit('a', '', 1n, 'RMB')], [], ['AMOUNT_INVALID', 'VALUE_LEFT_OUT']],
] as const)('leaves out a limit %s', (_, limits, kept, flags) => {
  const { snapshot, oddities } = account({ limits: [...limits] });
  expect(snapshot.limits).toEqual(kept);
  expect(oddities).toEqual(flags);
});

it('takes twenty limits of more', () => {
  const { snapshot, oddities } = account({ limits: Array.from({ length: 21 }, (_, index) => limit('a', `c${index}`)) });
  expect(snapshot.limits).toHaveLength(20);
  expect(oddities).toEqual(['VALUE_LEFT_OUT']);
});

it.each([
  [-1, 0],
  [2_147_483_647, 36_525],
])('takes %i days past due for %i, and says so', (days, taken) => {
  expect(account({ daysPastDue: days })).toMatchObject({ snapshot: { daysPastDue: taken }, oddities: ['DAYS_PAST_DUE_INVALID'] });
});

it.each([0, 90, 36_525])('leaves %i days past due as they are', (days) => {
  expect(account({ daysPastDue: days })).toMatchObject({ snapshot: { daysPastDue: days }, oddities: [] });
});
