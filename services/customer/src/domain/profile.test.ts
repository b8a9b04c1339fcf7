import { describe, expect, it } from 'vitest';
import { completenessOf, holdingsWithin } from './profile.ts';

describe('the holdings of a profile', () => {
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => index);

  it.each([
    ['as many as there are', 1_999, 100, 1_999],
    ['2,000 at most', 2_001, 100, 2_000],
    ['as many as 500 KiB hold', 1_500, 512, 1_000],
  ])('are %s', (_, count, bytes, expected) => {
    expect(holdingsWithin(numbered(count), () => bytes)).toEqual(numbered(expected));
  });
});

describe('completeness', () => {
  const nothing = { fullName: '', shortName: '', birthDate: null, income: false, contact: false, identifier: false, fields: {} };
  const said = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'x']));
  const individual = said(
    'gender',
    'nationality_code',
    'region_code',
    'occupation',
    'education',
    'marital_state',
    'employer',
    'risk_preference',
  );
  const organisation = said(
    'industry_code',
    'economic_nature',
    'credit_grade',
    'qualification_grade',
    'parent_group',
    'establish_date',
    'region_code',
  );
  const rest = { fullName: 'x', income: true, contact: true };

  it('counts twelve fields of an individual, and no more', () => {
    expect(completenessOf({ ...nothing, kind: 'INDIVIDUAL' })).toBe(0);
    expect(completenessOf({ ...nothing, ...rest, kind: 'INDIVIDUAL', birthDate: '1980-01-01', fields: individual })).toBe(12);
    const more = { shortName: 'x', identifier: true, fields: { ...individual, ...organisation, family: 'x' } };
    expect(completenessOf({ ...nothing, ...rest, ...more, kind: 'INDIVIDUAL', birthDate: '1980-01-01' })).toBe(12);
    expect(completenessOf({ ...nothing, ...rest, kind: 'INDIVIDUAL', birthDate: null, fields: individual })).toBe(11);
  });

  it('and twelve of an organisation', () => {
    expect(completenessOf({ ...nothing, kind: 'ORGANISATION' })).toBe(0);
    expect(
      completenessOf({
        ...nothing,
        ...rest,
        kind: 'ORGANISATION',
        shortName: 'x',
        identifier: true,
        fields: organisation,
      }),
    ).toBe(12);
  });
});
