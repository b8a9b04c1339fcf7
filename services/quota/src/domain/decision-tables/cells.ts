import type { Condition, Fact, Input, NumberInput } from './table.ts';

/** Facts of one input that no condition tells apart, by one of them. */
export interface Cell {
  fact: Fact;
  /** A bound: nothing but this one number. */
  isBound: boolean;
}

/**
 * Cuts an input into the facts that these conditions on it tell apart. Numbers fall into the bounds and what lies between two bounds, in order;
 * where no number lies between them, or no whole one where numbers are whole, there is no cell.
 */
export function cellsOf(input: Input, conditions: readonly Condition[]): Cell[] {
  switch (input.type) {
    case 'text':
      return input.values.map((fact) => ({ fact, isBound: false }));
    case 'boolean':
      return [false, true].map((fact) => ({ fact, isBound: false }));
    case 'number':
      return numberCells(input, conditions);
  }
}

function numberCells(
  { min = -Number.MAX_VALUE, max = Number.MAX_VALUE, whole = false }: NumberInput,
  conditions: readonly Condition[],
) {
  const isNumber = (number: number) => !whole || Number.isInteger(number);
  const inside = conditions.flatMap((condition) => Object.values(condition)).filter((bound) => bound >= min && bound <= max);
  const bounds = [...new Set<number>([min, max, ...inside])].sort((a, b) => a - b);
  const cells: Cell[] = [];
  for (const [index, bound] of bounds.entries()) {
    if (isNumber(bound)) cells.push({ fact: bound, isBound: true });
    const next = bounds[index + 1];
    const between = next === undefined ? undefined : plainNumbers(bound, next).find(isNumber);
    if (between !== undefined) cells.push({ fact: between, isBound: false });
  }
  return cells;
}

/** Numbers between two others, a whole one first if there is one. Halves are added because the sum may overflow. */
const plainNumbers = (low: number, high: number): number[] =>
  [Math.floor(low) + 1, Math.ceil(high) - 1, low / 2 + high / 2].filter((number) => number > low && number < high);
