import { describe, expect, it } from 'vitest';
import { checkTable } from './check-table.ts';
import { chooseRow } from './choose-row.ts';
import { defaultTables } from './defaults.ts';
import type { Condition, DecisionTable, Input, Path } from './table.ts';
import { tryCases } from './try-cases.ts';

const path: Path = { steps: [{ mode: 'ANY', approvers: [{ role: 'compliance', at: 'bank' }] }], deadlineWorkingDays: 3 };
const percent: Input = { name: 'percent', type: 'number', min: 0 };
const table = (inputs: Input[], ...rows: Record<string, Condition>[]): DecisionTable => ({
  kind: 'quota.test',
  inputs,
  rows: rows.map((when) => ({ when, path })),
});
const found = (checked: DecisionTable) => checkTable(checked).map(({ description: _, ...mistake }) => mistake);
const gap = (example: object) => ({ reason: 'GAP', field: 'rows', example });

describe('a table that is checked', () => {
  it('shows the bound where only the bound is taken by no row, or by two', () => {
    expect(found(table([percent], { percent: { toExclusive: 10 } }, { percent: { fromExclusive: 10 } }))).toEqual([
      gap({ percent: 10 }),
    ]);
    expect(found(table([percent], { percent: { to: 10 } }, { percent: { from: 10 } }))).toEqual([
      { reason: 'OVERLAP', field: 'rows[1]', rows: [0, 1], example: { percent: 10 } },
    ]);
    expect(found(table([percent], { percent: { to: 10 } }, { percent: { fromExclusive: 10 } }))).toEqual([]);
  });

  it('shows a plain case of a gap once, with all inputs', () => {
    const direction: Input = { name: 'direction', type: 'text', values: ['raise', 'lower'] };
    const rows = [{ percent: { to: 10 } }, { percent: { from: 30 } }, { percent: { from: 10 }, direction: ['lower'] }];
    expect(found(table([percent, direction], ...rows))).toMatchObject([
      { reason: 'OVERLAP', rows: [0, 2], example: { percent: 10, direction: 'lower' } },
      { reason: 'OVERLAP', rows: [1, 2], example: { percent: 31, direction: 'lower' } },
      gap({ percent: 11, direction: 'raise' }),
    ]);
    expect(checkTable(table([percent, direction], ...rows)).at(-1)!.description).toBe(
      'must take every case; none takes {"percent":11,"direction":"raise"}',
    );
  });

  it('shows a gap once however the rows beside it are cut', () => {
    const below: Condition = { toExclusive: 1 };
    const above: Condition = { from: 1 };
    const inputs = ['cut', 'first', 'second'].map((name): Input => ({ name, type: 'number' }));
    const rows = [below, above].flatMap((cut) => [
      { cut, first: below },
      { cut, first: above, second: below },
    ]);
    expect(found(table(inputs, ...rows))).toEqual([gap({ cut: 0, first: 2, second: 2 })]);
  });

  it('has no case between neighbouring whole numbers where an input is whole, nor between neighbouring numbers at all', () => {
    const rows = (to: number, from: number) => [{ percent: { to } }, { percent: { from } }];
    const whole = { ...percent, whole: true };
    expect(found(table([whole], ...rows(10, 11)))).toEqual([]);
    expect(found(table([percent], ...rows(10, 11)))).toEqual([gap({ percent: 10.5 })]);
    expect(found(table([whole], ...rows(10.5, 12.5)))).toMatchObject([gap({ percent: expect.toSatisfy(Number.isInteger) })]);
    expect(found(table([percent], ...rows(1, 1 + Number.EPSILON)))).toEqual([]);
    expect(found(table([percent], ...rows(1e308, 1.7e308)))).toEqual([gap({ percent: 1.35e308 })]);
    expect(found(table([{ name: 'percent', type: 'number' }], ...rows(-Number.MAX_VALUE, Number.MAX_VALUE)))).toEqual([
      gap({ percent: 0 }),
    ]);
  });

  it('without inputs has one row', () => {
    expect(found(table([], {}))).toEqual([]);
    expect(found(table([]))).toEqual([gap({})]);
    expect(found(table([], {}, {}))).toMatchObject([{ reason: 'OVERLAP', rows: [0, 1], example: {} }]);
  });

  it('shows 20 gaps and no more, each another case', () => {
    const points = Array.from({ length: 30 }, (_, at) => ({ percent: { fromExclusive: at, toExclusive: at + 1 } }));
    const examples = checkTable(table([percent], ...points)).map((mistake) => 'example' in mistake && mistake.example.percent);
    expect(examples).toEqual(Array.from({ length: 20 }, (_, at) => at));
  });

  it('names every mistake of its form with its place', () => {
    const wrong: DecisionTable = {
      kind: 'quota.test',
      inputs: [
        percent,
        { name: 'percent', type: 'boolean' },
        { name: 'share', type: 'number', min: 2, max: 1 },
        { name: 'count', type: 'number', min: 0.2, max: 0.8, whole: true },
        { name: 'size', type: 'number', min: Number.NaN },
        { name: 'none', type: 'text', values: [] },
        { name: 'act', type: 'text', values: ['lift', 'lift'] },
        { name: 'load', type: 'number', min: 0, max: 9, whole: true },
      ],
      rows: [
        { when: { toString: true, act: ['drop'], load: { fromExclusive: 1, toExclusive: 2 } }, path: { ...path, steps: [] } },
        { when: { act: [], load: { from: 10 } }, path: { ...path, steps: [{ mode: 'ALL', approvers: [] }] } },
        { when: { act: true, load: { from: 1, fromExclusive: 2 } }, path: { ...path, deadlineWorkingDays: 61 } },
        { when: { load: { form: 1 } as Condition }, path: { ...path, deadlineWorkingDays: 1.5 } },
        { when: { load: { to: Number.NaN } }, path },
        { when: { load: null as unknown as Condition }, path },
        { when: { load: 1 as unknown as Condition }, path },
      ],
    };
    expect(checkTable(wrong).map(({ reason, field }) => `${reason} ${field}`)).toEqual([
      'DUPLICATE_INPUT inputs[1].name',
      'EMPTY_RANGE inputs[2]',
      'EMPTY_RANGE inputs[3]',
      'EMPTY_RANGE inputs[4]',
      'NO_VALUES inputs[5].values',
      'DUPLICATE_VALUE inputs[6].values[1]',
      'UNKNOWN_INPUT rows[0].when.toString',
      'UNKNOWN_VALUE rows[0].when.act[0]',
      'EMPTY_RANGE rows[0].when.load',
      'NO_STEPS rows[0].path.steps',
      'NO_VALUES rows[1].when.act',
      'EMPTY_RANGE rows[1].when.load',
      'NO_APPROVERS rows[1].path.steps[0].approvers',
      'WRONG_CONDITION rows[2].when.act',
      'WRONG_CONDITION rows[2].when.load',
      'WRONG_DEADLINE rows[2].path.deadlineWorkingDays',
      'WRONG_CONDITION rows[3].when.load',
      'WRONG_DEADLINE rows[3].path.deadlineWorkingDays',
      'WRONG_CONDITION rows[4].when.load',
      'WRONG_CONDITION rows[5].when.load',
      'WRONG_CONDITION rows[6].when.load',
    ]);
  });

  it('holds at most so much', () => {
    const times = <T>(count: number, make: (at: number) => T) => Array.from({ length: count }, (_, at) => make(at));
    const step = { mode: 'ANY' as const, approvers: times(21, () => ({ superior: 'maker' as const })) };
    const inputs = times(13, (at): Input => ({ name: `i${at}`, type: 'text', values: times(at === 0 ? 201 : 1, String) }));
    const rows = times(501, () => ({ when: {}, path: { ...path, steps: times(11, () => step) } }));
    const mistakes = checkTable({ kind: 'quota.test', inputs, rows });
    expect(mistakes.slice(0, 5).map(({ reason, field }) => `${reason} ${field}`)).toEqual([
      'TOO_MANY inputs',
      'TOO_MANY rows',
      'TOO_MANY inputs[0].values',
      'TOO_MANY rows[0].path.steps',
      'TOO_MANY rows[0].path.steps[0].approvers',
    ]);
  });
});

describe('the row that is chosen', () => {
  // Every object has a constructor.
  const act: Input = { name: 'constructor', type: 'text', values: ['lift'] };
  const known = table([{ ...percent, max: 100, whole: true }, act, { name: 'own', type: 'boolean' }], {});

  it('needs every fact as its input says', () => {
    const refusals = (facts: object) => {
      const choice = chooseRow(known, { ...facts });
      return choice.state === 'REFUSED' ? choice.refusals.map(({ input, reason }) => `${input} ${reason}`) : choice.state;
    };
    expect(refusals({ percent: 100, constructor: 'lift', own: false, other: 1 })).toBe('CHOSEN');
    expect(refusals({ own: null })).toEqual(['percent MISSING', 'constructor MISSING', 'own MISSING']);
    expect(refusals({ percent: '1', constructor: 1, own: 'true' })).toEqual([
      'percent WRONG_TYPE',
      'constructor WRONG_TYPE',
      'own WRONG_TYPE',
    ]);
    for (const percent of [-1, 101, 0.5, Infinity])
      expect(refusals({ percent, constructor: 'drop', own: true })).toEqual(['percent OUT_OF_RANGE', 'constructor OUT_OF_RANGE']);
    expect(refusals({ percent: Number.NaN, constructor: 'lift', own: true })).toEqual(['percent WRONG_TYPE']);
  });

  it('is compared with what sample cases expect, by row or by path', () => {
    const other = { ...path, deadlineWorkingDays: 5 };
    const tried = tryCases(table([percent], { percent: { to: 10 } }, { percent: { from: 10, to: 20 } }), [
      { facts: { percent: 1 }, expected: 0 },
      { facts: { percent: 20 }, expected: structuredClone(path) },
      { facts: { percent: 20 }, expected: other },
      { facts: { percent: 20 }, expected: 0 },
      { facts: { percent: 10 }, expected: 0 },
      { facts: { percent: 21 }, expected: path },
      { facts: {}, expected: 0 },
    ]);
    expect(tried.map(({ choice, isAsExpected }) => [choice.state, isAsExpected])).toEqual([
      ['CHOSEN', true],
      ['CHOSEN', true],
      ['CHOSEN', false],
      ['CHOSEN', false],
      ['SEVERAL_ROWS', false],
      ['NO_ROW', false],
      ['REFUSED', false],
    ]);
  });
});

describe('the default tables', () => {
  it.each(defaultTables.map((each) => [each.kind, each] as const))('of %s take every case once and survive JSON', (_, each) => {
    expect(checkTable(each)).toEqual([]);
    expect(JSON.parse(JSON.stringify(each))).toEqual(each);
  });

  it.each([
    [
      'quota.quota-change',
      { changePercent: 1, direction: 'raise', aboveGradeCeiling: true },
      'ALL hq-manager@bank compliance@bank',
    ],
    ['quota.quota-change', { changePercent: 10, direction: 'raise', aboveGradeCeiling: false }, 'ANY branch-manager@subject'],
    ['quota.quota-change', { changePercent: 10.01, direction: 'lower', aboveGradeCeiling: true }, 'ANY hq-manager@bank'],
    ['quota.quota-change', { changePercent: 30, direction: 'raise', aboveGradeCeiling: false }, 'ANY hq-manager@bank'],
    [
      'quota.quota-change',
      { changePercent: 31, direction: 'lower', aboveGradeCeiling: true },
      'ALL hq-manager@bank compliance@bank',
    ],
    ['quota.access', { restricted: false }, 'ANY superior@maker'],
    ['quota.access', { restricted: true }, 'ANY compliance@bank'],
    ['customer.restriction', { act: 'name-participant' }, 'ANY compliance@bank'],
    ['directory.posts', {}, 'ALL compliance@bank admin@bank'],
    ['quota.restricted-handover', {}, 'ANY compliance@bank'],
  ])('send %s %j to %s', (kind, facts, expected) => {
    const choice = chooseRow(defaultTables.find((each) => each.kind === kind)!, facts);
    const steps = choice.state === 'CHOSEN' ? choice.path.steps : [];
    const said = steps.map(({ mode, approvers }) =>
      [
        mode,
        ...approvers.map((by) => ('role' in by ? `${by.role}@${by.at}` : `superior@${'superior' in by && by.superior}`)),
      ].join(' '),
    );
    expect(said).toEqual([expected]);
  });
});
