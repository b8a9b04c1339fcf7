import { type Choice, chooseRow } from './choose-row.ts';
import type { DecisionTable, Path } from './table.ts';

/** A case and what it is to give: the row by its place, from 0, or the path. */
export interface SampleCase {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly expected: number | Path;
}

export interface TriedCase {
  choice: Choice;
  isAsExpected: boolean;
}

/** What each sample case gives, in order. */
export const tryCases = (table: DecisionTable, cases: readonly SampleCase[]): TriedCase[] =>
  cases.map(({ facts, expected }) => {
    const choice = chooseRow(table, facts);
    const given = choice.state === 'CHOSEN' ? choice[typeof expected === 'number' ? 'row' : 'path'] : undefined;
    return { choice, isAsExpected: isSame(given, expected) };
  });

/** Whether two values are the same JSON. */
function isSame(some: unknown, other: unknown): boolean {
  if (some === other) return true;
  if (typeof some !== 'object' || typeof other !== 'object' || some === null || other === null) return false;
  const keys = Object.keys(some);
  return (
    Array.isArray(some) === Array.isArray(other) &&
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(some[key as never], other[key as never]))
  );
}
