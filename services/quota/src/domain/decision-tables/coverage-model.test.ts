import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkTable } from './check-table.ts';
import { chooseRow } from './choose-row.ts';
import type { Condition, DecisionTable, Fact, Facts, Input, NumberCondition, Path } from './table.ts';

const path: Path = { steps: [{ mode: 'ANY', approvers: [{ superior: 'maker' }] }], deadlineWorkingDays: 1 };
type When = Record<string, Condition>;
const tableOf = (inputs: readonly Input[], rows: readonly When[]): DecisionTable => ({
  kind: 'quota.test',
  inputs,
  rows: rows.map((when) => ({ when, path })),
});

/** The model: whether a condition takes a fact, written for each bound by itself. */
function modelTakes(condition: Condition | undefined, fact: Fact): boolean {
  if (condition === undefined || condition === fact) return true;
  if (Array.isArray(condition)) return condition.some((value) => value === fact);
  if (typeof condition === 'boolean' || typeof fact !== 'number') return false;
  return Object.entries(condition as NumberCondition).every(([bound, at]) => {
    if (fact === at) return bound === 'from' || bound === 'to';
    return bound.startsWith('from') === fact > at;
  });
}

const modelRows = ({ rows }: DecisionTable, facts: Facts): number[] =>
  rows.flatMap(({ when }, row) => (Object.keys(facts).every((name) => modelTakes(when[name], facts[name]!)) ? [row] : []));

/** Bounds of the tables below are halves from 0 to 4: every quarter from -1 to 5 holds all bounds, midpoints and outer points. */
const quarters = Array.from({ length: 25 }, (_, at) => at / 4 - 1);

function modelFacts(input: Input): Fact[] {
  if (input.type === 'text') return [...input.values];
  if (input.type === 'boolean') return [true, false];
  const { min = -1, max = 5, whole } = input;
  return quarters.filter((number) => number >= min && number <= max && (!whole || number % 1 === 0));
}

const modelCases = (inputs: readonly Input[]): Facts[] =>
  inputs.reduce<Facts[]>(
    (cases, input) => cases.flatMap((facts) => modelFacts(input).map((fact) => ({ ...facts, [input.name]: fact }))),
    [{}],
  );

const half = fc.integer({ min: 0, max: 8 }).map((number) => number / 2);
const input = (name: string): fc.Arbitrary<Input> =>
  fc.oneof(
    fc
      .record({ min: fc.constantFrom(0, 0.5), max: fc.constantFrom(3.5, 4), whole: fc.boolean() }, { requiredKeys: [] })
      .map((range): Input => ({ name, type: 'number', ...range })),
    fc.subarray(['x', 'y', 'z'], { minLength: 1 }).map((values): Input => ({ name, type: 'text', values })),
    fc.constant<Input>({ name, type: 'boolean' }),
  );
const inputs = fc.integer({ min: 0, max: 3 }).chain((count) => fc.tuple(...['a', 'b', 'c'].slice(0, count).map(input)));

function conditionOn(input: Input): fc.Arbitrary<Condition> {
  if (input.type === 'text') return fc.subarray([...input.values], { minLength: 1 });
  if (input.type === 'boolean') return fc.boolean();
  const side = (open: string, closed: string) =>
    fc.option(fc.tuple(fc.constantFrom(open, closed), half), { nil: undefined }).map((bound) => (bound ? [bound] : []));
  return fc
    .tuple(side('from', 'fromExclusive'), side('to', 'toExclusive'))
    .map(([from, to]): Condition => Object.fromEntries([...from, ...to]));
}

const rowOn = (of: readonly Input[]): fc.Arbitrary<When> =>
  fc
    .tuple(...of.map((each) => fc.option(conditionOn(each), { nil: undefined, freq: 2 })))
    .map((conditions) =>
      Object.fromEntries(of.flatMap(({ name }, at) => (conditions[at] === undefined ? [] : [[name, conditions[at]] as const]))),
    );

/** Cuts one row of a table in two that together take what it took. */
function split(
  rows: readonly When[],
  of: readonly Input[],
  [row, at, number, lower]: readonly [number, number, number, boolean],
): When[] {
  const when = rows[row % rows.length]!;
  const { name, ...input } = of[at % of.length]!;
  const was = when[name];
  const parts = (): [Condition, Condition] | undefined => {
    if (input.type === 'boolean') return was === undefined ? [true, false] : undefined;
    if (input.type === 'text') {
      const values = (was as string[] | undefined) ?? input.values;
      return values.length > 1 ? [values.slice(0, 1), values.slice(1)] : undefined;
    }
    const { from = -1, fromExclusive = -1, to = 5, toExclusive = 5, ...none } = (was ?? {}) as NumberCondition;
    if (number <= Math.max(from, fromExclusive) || number >= Math.min(to, toExclusive)) return undefined;
    const low = was && Object.fromEntries(Object.entries(was).filter(([bound]) => bound.startsWith('from')));
    const high = was && Object.fromEntries(Object.entries(was).filter(([bound]) => bound.startsWith('to')));
    return [
      { ...none, ...low, ...(lower ? { to: number } : { toExclusive: number }) },
      { ...none, ...high, ...(lower ? { fromExclusive: number } : { from: number }) },
    ];
  };
  const made = parts();
  return made ? [...rows.filter((each) => each !== when), ...made.map((part) => ({ ...when, [name]: part }))] : [...rows];
}

/** Half of the tables come of cuts, so they take every case once; some of these lose a row or have one more. */
const tables = inputs.chain((of) => {
  const free = fc.array(rowOn(of), { maxLength: 5 });
  const cuts = fc.array(fc.tuple(fc.nat(20), fc.nat(20), half, fc.boolean()), { maxLength: of.length === 0 ? 0 : 6 });
  const whole = cuts.map((all) => all.reduce<When[]>((rows, cut) => split(rows, of, cut), [{}]));
  const dented = fc.tuple(whole, fc.nat(20)).map(([rows, row]) => rows.toSpliced(row % rows.length, 1));
  const doubled = fc.tuple(whole, rowOn(of)).map(([rows, row]) => [...rows, row]);
  return fc.oneof(free, whole, dented, doubled).map((rows) => tableOf(of, rows));
});
/** Rows that take nothing are a mistake of form, and then nothing else is said. */
const isOfForm = (table: DecisionTable) => checkTable(table).every(({ reason }) => reason === 'GAP' || reason === 'OVERLAP');
const runs = { numRuns: 3_000 };

it('a table is found to have a gap, and two rows an overlap, exactly if a case shows it', () => {
  const seen = { whole: 0, gaps: 0, overlaps: 0 };
  fc.assert(
    fc.property(tables.filter(isOfForm), (table) => {
      const mistakes = checkTable(table);
      const taken = modelCases(table.inputs).map((facts) => modelRows(table, facts));
      const pairs = taken.flatMap((rows) => rows.flatMap((a) => rows.filter((b) => a < b).map((b) => `${a} ${b}`)));
      const overlaps = mistakes.flatMap((mistake) => (mistake.reason === 'OVERLAP' ? [mistake.rows.join(' ')] : []));
      const gaps = mistakes.filter(({ reason }) => reason === 'GAP').length;
      expect(gaps > 0).toBe(taken.some((rows) => rows.length === 0));
      expect(overlaps.toSorted()).toEqual([...new Set(pairs)].sort());
      seen.whole += mistakes.length === 0 && table.rows.length > 2 ? 1 : 0;
      seen.gaps += gaps > 0 ? 1 : 0;
      seen.overlaps += overlaps.length > 0 ? 1 : 0;
    }),
    runs,
  );
  // Tables of each sort have come.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(100);
});

it('an example has a fact for each input, and is taken by no row or by both', () => {
  fc.assert(
    fc.property(tables.filter(isOfForm), (table) => {
      const examples = checkTable(table).flatMap((mistake) => ('example' in mistake ? [mistake] : []));
      for (const { example, ...mistake } of examples) {
        expect(Object.keys(example)).toEqual(table.inputs.map(({ name }) => name));
        for (const input of table.inputs) {
          const fact = example[input.name]!;
          if (input.type !== 'number') expect(modelFacts(input)).toContain(fact);
          else
            expect(fact).toSatisfy(
              (n: number) => n >= (input.min ?? n) && n <= (input.max ?? n) && (!input.whole || n % 1 === 0),
            );
        }
        const rows = modelRows(table, example);
        if (mistake.reason === 'OVERLAP') expect(rows).toEqual(expect.arrayContaining([...mistake.rows]));
        else expect(rows).toEqual([]);
      }
      const gaps = examples.filter(({ reason }) => reason === 'GAP').map(({ example }) => JSON.stringify(example));
      expect(new Set(gaps).size).toBe(gaps.length);
    }),
    runs,
  );
});

it('the row that is chosen for a case is the one that takes it', () => {
  fc.assert(
    fc.property(tables, (table) => {
      for (const facts of modelCases(table.inputs)) {
        const choice = chooseRow(table, facts);
        const rows = modelRows(table, facts);
        if (rows.length === 1) expect(choice).toEqual({ state: 'CHOSEN', row: rows[0], path });
        else expect(choice).toEqual(rows.length === 0 ? { state: 'NO_ROW' } : { state: 'SEVERAL_ROWS', rows });
      }
    }),
    { numRuns: 300 },
  );
});
