import { describe, expect, it } from 'vitest';
import { checkTable } from './check-table.ts';
import type { Condition, DecisionTable, Input, NumberCondition, Path } from './table.ts';

const path: Path = { steps: [{ mode: 'ANY', approvers: [{ superior: 'maker' }] }], deadlineWorkingDays: 1 };
const tableOf = (inputs: readonly Input[], rows: readonly Record<string, Condition>[]): DecisionTable => ({
  kind: 'quota.test',
  inputs,
  rows: rows.map((when) => ({ when, path })),
});

/** Numbers from 0 up to 1, the same in every run (a linear congruential generator, Numerical Recipes). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const six: readonly Input[] = [
  ...['a', 'b', 'c', 'd'].map((name): Input => ({ name, type: 'number', min: 0, max: 1 })),
  { name: 'e', type: 'text', values: ['p', 'q', 'r', 's', 't', 'u'] },
  { name: 'f', type: 'boolean' },
];

/** 500 rows that take every case once: a random row is cut at a random place of a random input until there are as many. */
function cutRows(next: () => number): Record<string, Condition>[] {
  const rows: Record<string, Condition>[] = [{}];
  while (rows.length < 500) {
    const row = Math.floor(next() * rows.length);
    const when = rows[row]!;
    const { name, type, ...rest } = six[Math.floor(next() * six.length)]!;
    let parts: Condition[] = [];
    if (type === 'number') {
      const { from = 0, toExclusive = 1, ...last } = (when[name] ?? { to: 1 }) as NumberCondition;
      const at = from + (toExclusive - from) * next();
      parts = [
        { from, toExclusive: at },
        { from: at, ...(last.to === undefined ? { toExclusive } : last) },
      ];
    } else if (type === 'text') {
      const values = (when[name] as string[] | undefined) ?? (rest as { values: string[] }).values;
      if (values.length > 1) parts = [values.filter((_, at) => at % 2 === 0), values.filter((_, at) => at % 2 === 1)];
    } else if (when[name] === undefined) parts = [true, false];
    if (parts.length > 0) rows.splice(row, 1, ...parts.map((part) => ({ ...when, [name]: part })));
  }
  return rows;
}

const reasonsOf = (table: DecisionTable) => checkTable(table).map(({ reason }) => reason);

function timed(table: DecisionTable) {
  const start = performance.now();
  const reasons = reasonsOf(table);
  const ms = performance.now() - start;
  console.log(`${table.rows.length} rows, ${table.inputs.length} inputs, ${reasons.length} mistakes: ${ms.toFixed(0)} ms`);
  // The aim is 1,000 on a machine that does nothing else.
  expect(ms).toBeLessThan(5_000);
  return reasons;
}

describe('a table of 500 rows is checked in time', () => {
  it.each([1, 2, 3])('when it takes every case once, and when one row is missing or widened (%i)', (seed) => {
    const rows = cutRows(numbers(seed));
    expect(timed(tableOf(six, rows))).toEqual([]);
    expect(timed(tableOf(six, rows.toSpliced(250, 1)))).toContain('GAP');
    expect(timed(tableOf(six, rows.with(250, { ...rows[250], a: {} })))).toContain('OVERLAP');
  });

  it('when it is a grid', () => {
    const from = (count: number, at: number): Condition => ({
      from: at / count,
      ...(at + 1 < count && { toExclusive: (at + 1) / count }),
    });
    const rows = Array.from({ length: 500 }, (_, row) => ({
      a: from(5, row % 5),
      b: from(5, Math.floor(row / 5) % 5),
      c: from(5, Math.floor(row / 25) % 5),
      d: from(2, Math.floor(row / 125) % 2),
      f: row >= 250,
    }));
    expect(timed(tableOf(six, rows))).toEqual([]);
  });

  it('when all its rows overlap', () => {
    const next = numbers(4);
    const rows = Array.from({ length: 500 }, () =>
      Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { from: next() * 0.5, to: 0.5 + next() * 0.5 }])),
    );
    const reasons = reasonsOf(tableOf(six, rows));
    expect(reasons.filter((reason) => reason === 'OVERLAP')).toHaveLength((500 * 499) / 2);
    expect(reasons).toContain('GAP');
  });

  it('when the search for its gaps has no end: it is TOO_COMPLEX', () => {
    const next = numbers(5);
    const values = ['p', 'q', 'r', 's', 't', 'u'];
    const inputs = Array.from({ length: 12 }, (_, at): Input => ({ name: `i${at}`, type: 'text', values }));
    const rows = Array.from({ length: 500 }, () =>
      Object.fromEntries([0, 1].map(() => [`i${Math.floor(next() * 12)}`, [values[Math.floor(next() * 6)]!]])),
    );
    expect(reasonsOf(tableOf(inputs, rows))).toContain('TOO_COMPLEX');
  });
});
