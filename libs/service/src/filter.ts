import { invalid, isCivilDate, isUuid } from '@bankcrm/kernel';

export type FilterOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export interface FilterTerm<Field extends string = string> {
  field: Field;
  operator: FilterOperator;
  value: string;
}

/** What may be asked of a field. */
export interface FilterField {
  type: 'text' | 'integer' | 'date' | 'time' | 'boolean' | 'uuid';
  operators: readonly FilterOperator[];
  /** For a text with a fixed set of values. */
  values?: readonly string[];
}

const maxLength = 2_000;
const maxTerms = 20;
const term = /\s*([a-z][a-z0-9_]{0,63})\s*(<=|>=|!=|=|<|>)\s*(?:"((?:[^"\\]|\\["\\]){0,256})"|(-?[A-Za-z0-9_.:+-]{1,64}))\s*/y;
const conjunction = /AND\b/y;

/**
 * Reads the part of AIP-160 that our lists speak: `field operator value` joined by AND. Values are bare words, numbers or
 * double-quoted texts. Throws INVALID `INVALID_FILTER` saying what to change; a field not in the table is refused.
 */
export function parseFilter<Field extends string>(
  text: string,
  fields: Readonly<Record<Field, FilterField>>,
): FilterTerm<Field>[] {
  const wrong = (description: string) => invalid('filter', description, 'INVALID_FILTER');
  if (text.length > maxLength) throw wrong(`must be at most ${maxLength} characters long`);
  const terms: FilterTerm<Field>[] = [];
  let at = 0;
  if (text.trim() === '') return terms;
  for (;;) {
    term.lastIndex = at;
    const match = term.exec(text);
    if (!match) throw wrong(`cannot be read from character ${at + 1} on; write terms like field = "value" joined by AND`);
    const [, field, operator, quoted, bare] = match;
    const allowed = Object.hasOwn(fields, field!) ? fields[field as Field] : undefined;
    if (!allowed) throw wrong(`has no field ${field}; fields are ${Object.keys(fields).join(', ')}`);
    if (!allowed.operators.includes(operator as FilterOperator)) throw wrong(`${field} takes ${allowed.operators.join(' ')}`);
    const value = quoted?.replaceAll(/\\(["\\])/g, '$1') ?? bare!;
    const problem = problemOf(value, allowed);
    if (problem) throw wrong(`${field} ${problem}`);
    terms.push({ field: field as Field, operator: operator as FilterOperator, value });
    if (terms.length > maxTerms) throw wrong(`must have at most ${maxTerms} terms`);
    at = term.lastIndex;
    if (at === text.length) return terms;
    conjunction.lastIndex = at;
    if (!conjunction.test(text)) throw wrong(`expects AND at character ${at + 1}`);
    at = conjunction.lastIndex;
  }
}

function problemOf(value: string, { type, values }: FilterField): string | undefined {
  if (values && !values.includes(value)) return `is one of ${values.join(', ')}`;
  switch (type) {
    case 'integer':
      return /^-?\d{1,18}$/.test(value) ? undefined : 'takes a whole number of at most 18 digits';
    case 'date':
      return isCivilDate(value) ? undefined : 'takes a date as "YYYY-MM-DD"';
    case 'time':
      return isTime(value) ? undefined : 'takes a time as "2026-01-31T08:00:00Z"';
    case 'boolean':
      return value === 'true' || value === 'false' ? undefined : 'takes true or false';
    case 'uuid':
      return isUuid(value) ? undefined : 'takes an id';
    default:
      return undefined;
  }
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/;

/** A time to the millisecond that says its zone, on a day of the calendar both there and in UTC. */
function isTime(value: string): boolean {
  const time = new Date(value);
  if (!rfc3339.test(value) || Number.isNaN(time.getTime())) return false;
  return isCivilDate(value.slice(0, 10)) && isCivilDate(time.toISOString().slice(0, 10));
}
