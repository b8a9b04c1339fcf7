import { AccountState } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { describe, expect, it } from 'vitest';
import { addMonths, loanStateOf } from './loan.ts';
import { inventPerson } from './person.ts';
import { birthOf, hellers, isoDate } from './values.ts';

describe('the set’s own notations', () => {
  it('reads dates of the 1900s', () => {
    expect(isoDate('930705')).toBe('1993-07-05');
    expect(isoDate('931107 00:00:00')).toBe('1993-11-07');
    expect(() => isoDate('931307')).toThrow(/"931307" is not a date/);
  });

  it('reads birth numbers: 50 is added to a woman’s month', () => {
    expect(birthOf('706213')).toEqual({ birthDate: '1970-12-13', female: true });
    expect(birthOf('450204')).toEqual({ birthDate: '1945-02-04', female: false });
  });

  it('reads amounts without rounding', () => {
    expect([hellers('700.00'), hellers('96396'), hellers('-0.05'), hellers('19.9')]).toEqual([70_000n, 9_639_600n, -5n, 1_990n]);
    expect(() => hellers('1e3')).toThrow(/not an amount/);
  });
});

describe('a loan at the end of 1998', () => {
  const loan = {
    loan_id: '1',
    account_id: '1',
    date: '980115',
    amount: '12000',
    duration: '24',
    payments: '500.00',
    status: 'C',
  };

  it('that runs well has paid every instalment due', () => {
    // Due 15 February … 15 December 1998: eleven of 500.
    expect(loanStateOf(loan)).toMatchObject({
      state: AccountState.ACTIVE,
      principal: 1_200_000n,
      balance: 650_000n,
      maturityDate: '2000-01-15',
      daysPastDue: 0,
    });
  });

  it('that runs in debt lacks at least the newest instalment', () => {
    expect(loanStateOf({ ...loan, status: 'D' })).toMatchObject({
      state: AccountState.ACTIVE,
      balance: 700_000n,
      daysPastDue: 16,
    });
  });

  it('that finished well is closed at its maturity with nothing owed', () => {
    const finished = { ...loan, date: '960115', status: 'A' };
    expect(loanStateOf(finished)).toMatchObject({ state: AccountState.CLOSED, balance: 0n, closeDate: '1998-01-15' });
  });

  it('that finished unpaid is written off with at least the last instalment owed', () => {
    const unpaid = { ...loan, date: '960115', status: 'B' };
    expect(loanStateOf(unpaid)).toMatchObject({ state: AccountState.WRITTEN_OFF, balance: 50_000n, daysPastDue: 350 });
  });

  it('falls due on the last day of months that lack its day', () => {
    expect([addMonths('1998-01-31', 1), addMonths('1996-01-31', 1), addMonths('1997-12-31', 12)]).toEqual([
      '1998-02-28',
      '1996-02-29',
      '1998-12-31',
    ]);
  });
});

describe('invented people', () => {
  it('are the same each time and share no phone or passport', () => {
    const people = Array.from({ length: 13_998 }, (_, id) => inventPerson(id, id % 2 === 0));
    expect(inventPerson(77, true)).toEqual(inventPerson(77, true));
    expect(new Set(people.map((p) => p.passport)).size).toBe(people.length);
    expect(new Set(people.map((p) => p.mobile)).size).toBe(people.length);
  });
});
