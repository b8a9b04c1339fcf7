import { describe, expect, it } from 'vitest';
import { type CriteriaTerm, customerCriteria } from './customer-criteria.ts';
import { transactionCriteria } from './transaction-criteria.ts';

const names = { me: 'me', staffIdOf: () => undefined };
const maturity = (...terms: [CriteriaTerm['operator'], string][]) =>
  customerCriteria(
    terms.map(([operator, value]) => ({ field: 'next_maturity_date', operator, value })),
    names,
  ).nextMaturity;
const posted = (operator: CriteriaTerm['operator'], value: string) =>
  transactionCriteria([{ field: 'post_time', operator, value }], 'c1').postTime;

it('a code means the same however somebody types it', () => {
  const staffIdOf = (number: string) => (number === '100001' ? 'one' : undefined);
  const terms = [
    { field: 'home_org_unit_code', operator: '=', value: 'bj-cy ' },
    { field: 'segment', operator: '=', value: 'Mass' },
    { field: 'segment', operator: '=', value: 'mass ' },
    { field: 'rm', operator: '=', value: '１００００１' },
  ] as const;
  expect(customerCriteria(terms, { me: 'me', staffIdOf })).toEqual({
    homeOrgUnitCode: 'BJ-CY',
    segments: new Set(['mass']),
    rmStaffId: 'one',
    impossible: false,
  });
  const segments = (...values: string[]) =>
    customerCriteria(
      values.map((value) => ({ field: 'segment', operator: '=', value })),
      names,
    );
  expect(segments(' MASS ')).toEqual({ segments: new Set(['MASS', 'mass']), impossible: false });
  expect(segments('MASS', 'wealth')).toMatchObject({ impossible: true });
  const posting = [
    { field: 'kind', operator: '=', value: 'Salary ' },
    { field: 'channel', operator: '=', value: 'ＡＴＭ' },
    { field: 'currency_code', operator: '=', value: 'cny' },
  ] as const;
  expect(transactionCriteria(posting, 'c1')).toEqual({ kind: 'salary', channel: 'atm', currencyCode: 'CNY', impossible: false });
});

describe('the range that terms leave', () => {
  it('has inclusive ends', () => {
    expect(maturity(['>', '2026-02-28'], ['<', '2026-12-31'])).toEqual({ least: '2026-03-01', most: '2026-12-30' });
    expect(maturity(['>=', '2026-02-28'], ['<=', '2026-12-31'])).toEqual({ least: '2026-02-28', most: '2026-12-31' });
    expect(maturity(['=', '2026-02-28'], ['>', '2026-01-01'])).toEqual({ least: '2026-02-28', most: '2026-02-28' });
    expect(posted('>', '2026-01-31T08:00:00+08:00')).toEqual({ least: '2026-01-31T00:00:00.001Z' });
  });

  it('is empty, with ends that exist, beyond the first and the last value', () => {
    expect(maturity(['>', '9999-12-31'])).toEqual({ least: '9999-12-31', most: '9999-12-30' });
    expect(maturity(['<', '0001-01-01'])).toEqual({ least: '0001-01-02', most: '0001-01-01' });
    expect(maturity(['>', '9999-12-31'], ['>=', '2026-01-01'])).toEqual({ least: '9999-12-31', most: '9999-12-30' });
    expect(posted('>', '9999-12-31T23:59:59.999Z')).toEqual({
      least: '9999-12-31T23:59:59.999Z',
      most: '9999-12-31T23:59:59.998Z',
    });
    expect(posted('<', '0001-01-01T00:00:00Z')).toEqual({ least: '0001-01-01T00:00:00.001Z', most: '0001-01-01T00:00:00.000Z' });
  });
});
