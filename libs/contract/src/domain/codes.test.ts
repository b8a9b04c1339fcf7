import { expect, it } from 'vitest';
import { bankCode, capitalCode, smallCode } from './codes.ts';

it.each([
  ['BJ-CY     ', 'BJ-CY'],
  ['bj-cy', 'BJ-CY'],
  ['ＢＪ－ＣＹ\u3000', 'BJ-CY'],
  ['\u0000100001', '100001'],
  ['１００００１', '100001'],
  ['', ''],
  ['   ', ''],
])('%j is the code %j', (text, code) => expect(capitalCode(text)).toBe(code));

it.each([
  ['mass  ', 'mass'],
  ['Salary ', 'salary'],
  ['ＡＴＭ', 'atm'],
  ['工资 ', '工资'],
  ['loan-repayment', 'loan-repayment'],
])('%j is the code %j of a list in small letters', (text, code) => expect(smallCode(text)).toBe(code));

it('a grade or product stays in the case that the bank gives it', () => {
  expect(['Aa1 ', 'ＡＡ＋', 'cd01'].map(bankCode)).toEqual(['Aa1', 'AA+', 'cd01']);
});
