import type { OrgUnitId, StaffId } from '@bankcrm/kernel';

/** What a table may hold. */
export const limits = { rows: 500, inputs: 12, values: 200, steps: 10, approvers: 20, deadlineWorkingDays: 60 } as const;

/** Finite numbers, bounds included; an absent bound is none. `whole` leaves out the numbers between whole ones. */
export interface NumberInput {
  name: string;
  type: 'number';
  min?: number;
  max?: number;
  whole?: boolean;
}

/** A closed list of values. */
export interface TextInput {
  name: string;
  type: 'text';
  values: readonly string[];
}

export interface BooleanInput {
  name: string;
  type: 'boolean';
}

export type Input = Readonly<NumberInput> | Readonly<TextInput> | Readonly<BooleanInput>;

/** At most one bound on each side; an absent one is none. */
export interface NumberCondition {
  from?: number;
  fromExclusive?: number;
  to?: number;
  toExclusive?: number;
}

/** Of a number, of a text (one of these), of a boolean. */
export type Condition = Readonly<NumberCondition> | readonly string[] | boolean;

/** `maker` is the person who asks, `subject` the member of staff that the request is about: their unit and superior are found for each request. */
export type Approver =
  | { readonly person: StaffId }
  | { readonly role: string; readonly at: 'maker' | 'subject' | 'bank' | OrgUnitId }
  | { readonly superior: 'maker' | 'subject' };

/** `ANY`: one of the approvers; `ALL`: each of them; `SEQUENTIAL`: each, in this order. */
export interface Step {
  readonly mode: 'ANY' | 'ALL' | 'SEQUENTIAL';
  readonly approvers: readonly Approver[];
}

/** Steps follow one another. */
export interface Path {
  readonly steps: readonly Step[];
  /** From 1 to 60, for all steps together. */
  readonly deadlineWorkingDays: number;
}

/** Takes a case that fulfils each condition. An input without a condition may be anything. */
export interface Row {
  readonly when: Readonly<Record<string, Condition>>;
  readonly path: Path;
}

/** Chooses the approvers of a request from its facts: exactly one row takes each case. Plain JSON; rows are named by their place, from 0. */
export interface DecisionTable {
  /** The kind of request, e.g. `quota.quota-change`. */
  readonly kind: string;
  readonly inputs: readonly Input[];
  readonly rows: readonly Row[];
}

export type Fact = number | string | boolean;

/** A case: a fact for each input, by the input's name. */
export type Facts = Readonly<Record<string, Fact>>;

/** The row's condition on an input. An input may have the name of a property that every object has. */
export const conditionOf = ({ when }: Row, { name }: Input): Condition | undefined =>
  Object.hasOwn(when, name) ? when[name] : undefined;

export const isList = (condition: Condition): condition is readonly string[] => Array.isArray(condition);

/** Whether a fact of the condition's type fulfils it; no condition takes any. */
export function takes(condition: Condition | undefined, fact: Fact): boolean {
  if (condition === undefined) return true;
  if (typeof condition === 'boolean') return fact === condition;
  if (isList(condition)) return condition.includes(fact as string);
  const { from = -Infinity, fromExclusive = -Infinity, to = Infinity, toExclusive = Infinity } = condition;
  const number = fact as number;
  return number >= from && number > fromExclusive && number <= to && number < toExclusive;
}
