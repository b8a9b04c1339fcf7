import type { FieldViolation } from '@bankcrm/kernel';
import { cellsOf } from './cells.ts';
import { coverageOf } from './coverage.ts';
import { type Condition, type DecisionTable, type Facts, type Input, isList, limits, type Path, takes } from './table.ts';

/** What is wrong with a table's form, before the question which cases its rows take. */
export type FormMistake =
  | 'TOO_MANY'
  | 'DUPLICATE_INPUT'
  | 'DUPLICATE_VALUE'
  | 'NO_VALUES'
  | 'EMPTY_RANGE'
  | 'UNKNOWN_INPUT'
  | 'UNKNOWN_VALUE'
  | 'WRONG_CONDITION'
  | 'NO_STEPS'
  | 'NO_APPROVERS'
  | 'WRONG_DEADLINE';

/** What is wrong, where (`rows[2].when.direction[0]`), and what to change. GAP and OVERLAP carry a case that shows it, with all inputs. */
export type Mistake = FieldViolation &
  (
    | { reason: FormMistake | 'TOO_COMPLEX' }
    | { reason: 'GAP'; example: Facts }
    | { reason: 'OVERLAP'; rows: readonly [number, number]; example: Facts }
  );

type Add = (reason: FormMistake, field: string, description: string) => void;

/**
 * Every mistake of a table; none means that exactly one row takes each case. Gaps and overlaps are looked for once the form is right: every two rows
 * that overlap, and up to 20 gaps. TOO_COMPLEX: there may be more gaps than those found.
 */
export function checkTable(table: DecisionTable): Mistake[] {
  const wrong: Mistake[] = [];
  checkForm(table, (reason, field, description) => wrong.push({ reason, field, description }));
  if (wrong.length > 0) return wrong;
  const { gaps, overlaps, isComplete } = coverageOf(table);
  for (const { rows, example } of overlaps) {
    const description = `must take no case that rows[${rows[0]}] takes, like ${JSON.stringify(example)}`;
    wrong.push({ reason: 'OVERLAP', field: `rows[${rows[1]}]`, description, rows, example });
  }
  for (const example of gaps) {
    const description = `must take every case; none takes ${JSON.stringify(example)}`;
    wrong.push({ reason: 'GAP', field: 'rows', description, example });
  }
  if (!isComplete) {
    const description = 'must cut the cases less finely: whether every case is taken cannot be told in time';
    wrong.push({ reason: 'TOO_COMPLEX', field: 'rows', description });
  }
  return wrong;
}

function checkForm({ inputs, rows }: DecisionTable, add: Add): void {
  checkCount(inputs, limits.inputs, 'inputs', add);
  checkCount(rows, limits.rows, 'rows', add);
  const byName = new Map<string, Input>();
  for (const [index, input] of inputs.entries()) {
    if (byName.has(input.name)) add('DUPLICATE_INPUT', `inputs[${index}].name`, 'must be the name of no other input');
    byName.set(input.name, input);
    checkInput(input, `inputs[${index}]`, add);
  }
  for (const [index, { when, path }] of rows.entries()) {
    for (const [name, condition] of Object.entries(when)) {
      const input = byName.get(name);
      const field = `rows[${index}].when.${name}`;
      if (input) checkCondition(condition, input, field, add);
      else add('UNKNOWN_INPUT', field, 'must be an input of the table');
    }
    checkPath(path, `rows[${index}].path`, add);
  }
}

function checkCount(list: readonly unknown[], limit: number, field: string, add: Add): void {
  if (list.length > limit) add('TOO_MANY', field, `must have at most ${limit}`);
}

function checkInput(input: Input, field: string, add: Add): void {
  if (input.type === 'number') {
    const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = input;
    const isRange = Number.isFinite(min) && Number.isFinite(max) && min <= max;
    if (!isRange || cellsOf(input, []).length === 0)
      add('EMPTY_RANGE', field, 'must have finite bounds, with a number between them that the input may be');
  }
  if (input.type === 'text') {
    checkCount(input.values, limits.values, `${field}.values`, add);
    if (input.values.length === 0) add('NO_VALUES', `${field}.values`, 'must have at least one value');
    for (const [index, value] of input.values.entries())
      if (input.values.indexOf(value) < index) add('DUPLICATE_VALUE', `${field}.values[${index}]`, 'must be there once');
  }
}

function checkCondition(condition: Condition, input: Input, field: string, add: Add): void {
  if (!isConditionOn(input, condition)) add('WRONG_CONDITION', field, conditionForms[input.type]);
  else if (input.type === 'number' && !cellsOf(input, [condition]).some(({ fact }) => takes(condition, fact)))
    add('EMPTY_RANGE', field, 'must take a number that the input may be');
  else if (input.type === 'text' && isList(condition)) {
    if (condition.length === 0) add('NO_VALUES', field, 'must have at least one value');
    for (const [index, value] of condition.entries())
      if (!input.values.includes(value)) add('UNKNOWN_VALUE', `${field}[${index}]`, `must be one of: ${input.values.join(', ')}`);
  }
}

const conditionForms = {
  number: 'must have at most one of from and fromExclusive and one of to and toExclusive, and only finite numbers',
  text: 'must be a list of values',
  boolean: 'must be true or false',
} as const;

function isConditionOn(input: Input, condition: Condition): boolean {
  if (input.type !== 'number') return input.type === 'text' ? isList(condition) : typeof condition === 'boolean';
  if (typeof condition !== 'object' || condition === null || isList(condition)) return false;
  const { from, fromExclusive, to, toExclusive, ...others } = condition;
  return (
    Object.values(condition).every(Number.isFinite) &&
    Object.keys(others).length === 0 &&
    (from === undefined || fromExclusive === undefined) &&
    (to === undefined || toExclusive === undefined)
  );
}

function checkPath({ steps, deadlineWorkingDays: days }: Path, field: string, add: Add): void {
  if (steps.length === 0) add('NO_STEPS', `${field}.steps`, 'must have at least one step');
  checkCount(steps, limits.steps, `${field}.steps`, add);
  for (const [index, { approvers }] of steps.entries()) {
    const at = `${field}.steps[${index}].approvers`;
    if (approvers.length === 0) add('NO_APPROVERS', at, 'must have at least one approver');
    checkCount(approvers, limits.approvers, at, add);
  }
  if (!Number.isInteger(days) || days < 1 || days > limits.deadlineWorkingDays)
    add('WRONG_DEADLINE', `${field}.deadlineWorkingDays`, `must be a whole number from 1 to ${limits.deadlineWorkingDays}`);
}
