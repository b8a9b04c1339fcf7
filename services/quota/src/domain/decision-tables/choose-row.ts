import { conditionOf, type DecisionTable, type Fact, type Input, type Path, takes } from './table.ts';

/** Why a fact is none for its input. */
export interface FactRefusal {
  input: string;
  reason: 'MISSING' | 'WRONG_TYPE' | 'OUT_OF_RANGE';
}

/** The two last are of tables that have not passed `checkTable`. */
export type Choice =
  | { state: 'CHOSEN'; row: number; path: Path }
  | { state: 'REFUSED'; refusals: readonly FactRefusal[] }
  | { state: 'NO_ROW' }
  | { state: 'SEVERAL_ROWS'; rows: readonly number[] };

/** The row that takes a case, or every fact that is not as its input says. Facts that are no inputs change nothing. */
export function chooseRow({ inputs, rows }: DecisionTable, facts: Readonly<Record<string, unknown>>): Choice {
  const factOf = ({ name }: Input) => (Object.hasOwn(facts, name) ? facts[name] : undefined);
  const refusals = inputs.flatMap((input) => {
    const reason = whyNot(input, factOf(input));
    return reason === undefined ? [] : [{ input: input.name, reason }];
  });
  if (refusals.length > 0) return { state: 'REFUSED', refusals };
  const taking = [...rows.entries()].filter(([, row]) =>
    inputs.every((input) => takes(conditionOf(row, input), factOf(input) as Fact)),
  );
  const [first, ...others] = taking;
  if (first === undefined) return { state: 'NO_ROW' };
  if (others.length > 0) return { state: 'SEVERAL_ROWS', rows: taking.map(([row]) => row) };
  return { state: 'CHOSEN', row: first[0], path: first[1].path };
}

function whyNot(input: Input, fact: unknown): FactRefusal['reason'] | undefined {
  if (fact === undefined || fact === null) return 'MISSING';
  switch (input.type) {
    case 'number': {
      const { min = -Infinity, max = Infinity, whole = false } = input;
      if (typeof fact !== 'number' || Number.isNaN(fact)) return 'WRONG_TYPE';
      const isInside = Number.isFinite(fact) && fact >= min && fact <= max && (!whole || Number.isInteger(fact));
      return isInside ? undefined : 'OUT_OF_RANGE';
    }
    case 'text':
      if (typeof fact !== 'string') return 'WRONG_TYPE';
      return input.values.includes(fact) ? undefined : 'OUT_OF_RANGE';
    case 'boolean':
      return typeof fact === 'boolean' ? undefined : 'WRONG_TYPE';
  }
}
