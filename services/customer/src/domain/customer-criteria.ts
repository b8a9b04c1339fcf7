import { capitalCode, cleanText, smallCode } from '@bankcrm/contract/domain';
import { AppError, daysAfter, invalid, isCivilDate } from '@bankcrm/kernel';
import { Reason } from './reasons.ts';

/** Inclusive ends; an absent one is open. */
export interface Range<T> {
  least?: T;
  most?: T;
}

/** Which customers of the scope a list asks for. */
export interface CustomerCriteria {
  rmStaffId?: string;
  homeOrgUnitCode?: string;
  /** As typed and as it is stored now: customers stored before have it as their source wrote it. */
  segments?: ReadonlySet<string>;
  state?: string;
  kind?: string;
  totalAssets?: Range<bigint>;
  nextMaturity?: Range<string>;
  nextBirthday?: Range<string>;
  /** Terms that contradict one another: nobody fulfils them. */
  impossible: boolean;
}

export const criteriaFields = {
  rm: { type: 'text', operators: ['='] },
  home_org_unit_code: { type: 'text', operators: ['='] },
  segment: { type: 'text', operators: ['='] },
  state: { type: 'text', operators: ['='], values: ['ACTIVE', 'DORMANT'] },
  kind: { type: 'text', operators: ['='], values: ['INDIVIDUAL', 'ORGANISATION'] },
  next_maturity_date: { type: 'date', operators: ['=', '<', '<=', '>', '>='] },
  next_birthday: { type: 'date', operators: ['=', '<', '<=', '>', '>='] },
  total_assets: { type: 'integer', operators: ['=', '<', '<=', '>', '>='] },
} as const;

/** Fields that only callers with the permission for financial data may filter or sort by. */
export const financialFields: readonly string[] = ['next_maturity_date', 'total_assets'];

export interface CriteriaTerm {
  field: keyof typeof criteriaFields;
  operator: '=' | '!=' | '<' | '<=' | '>' | '>=';
  value: string;
}

/** Who `rm` may name: the caller, or anybody by staff number. */
export interface StaffNames {
  me: string;
  staffIdOf: (staffNumber: string) => string | undefined;
}

/** Puts the terms of a filter together. Throws INVALID for an rm that is nobody. */
export function customerCriteria(terms: readonly CriteriaTerm[], names: StaffNames): CustomerCriteria {
  const criteria: CustomerCriteria = { impossible: false };
  const equal = (key: 'rmStaffId' | 'homeOrgUnitCode' | 'state' | 'kind', value: string): void => {
    if (criteria[key] !== undefined && criteria[key] !== value) criteria.impossible = true;
    criteria[key] = value;
  };
  for (const { field, operator, value } of terms) {
    switch (field) {
      case 'rm':
        equal('rmStaffId', staffIdOf(value, names));
        break;
      case 'home_org_unit_code':
        equal('homeOrgUnitCode', capitalCode(value));
        break;
      case 'segment': {
        const codes = new Set([cleanText(value), smallCode(value)]);
        criteria.segments = criteria.segments?.intersection(codes) ?? codes;
        if (criteria.segments.size === 0) criteria.impossible = true;
        break;
      }
      case 'next_maturity_date':
        criteria.nextMaturity = narrowed(criteria.nextMaturity, operator, value, dayBeside);
        break;
      case 'next_birthday':
        criteria.nextBirthday = narrowed(criteria.nextBirthday, operator, value, dayBeside);
        break;
      case 'total_assets':
        criteria.totalAssets = narrowed(criteria.totalAssets, operator, BigInt(value), (amount, step) => amount + BigInt(step));
        break;
      default:
        equal(field, value);
    }
  }
  return criteria;
}

function staffIdOf(value: string, { me, staffIdOf: find }: StaffNames): string {
  if (value === 'me') return me;
  const staffId = find(capitalCode(value));
  if (staffId === undefined) throw invalid('filter', 'rm takes "me" or the number of a member of staff', Reason.invalidFilter);
  return staffId;
}

/**
 * The range within which a term leaves a value. `beside` gives the value a step away, undefined where there is none: nothing lies
 * beyond the first and the last value, and the range that says so has ends that cross.
 */
export function narrowed<T extends string | bigint>(
  range: Range<T> = {},
  operator: CriteriaTerm['operator'],
  value: T,
  beside: (value: T, step: 1 | -1) => T | undefined,
): Range<T> {
  const next = { ...range };
  const atLeast = (least: T): void => {
    if (next.least === undefined || next.least < least) next.least = least;
  };
  const atMost = (most: T): void => {
    if (next.most === undefined || next.most > most) next.most = most;
  };
  if (operator === '=' || operator === '>=') atLeast(value);
  if (operator === '=' || operator === '<=') atMost(value);
  if (operator === '>') {
    const above = beside(value, 1);
    atLeast(above ?? value);
    if (above === undefined) atMost(beside(value, -1)!);
  }
  if (operator === '<') {
    const below = beside(value, -1);
    atMost(below ?? value);
    if (below === undefined) atLeast(beside(value, 1)!);
  }
  return next;
}

/** The day before or after; undefined beyond the ends of the calendar. */
export function dayBeside(date: string, step: 1 | -1): string | undefined {
  const day = daysAfter(date, step);
  return isCivilDate(day) ? day : undefined;
}

export const listOrders = [
  'full_name',
  'full_name desc',
  'total_assets desc',
  'next_maturity_date',
  'next_birthday',
  'open_date desc',
] as const;
export type ListOrder = (typeof listOrders)[number];

/**
 * The order asked for. Without one the richest come first, for callers who may know that, and the names in order for others.
 * Throws INVALID for an order that is none, and DENIED for one by a field that the caller does not see.
 */
export function listOrderOf(text: string, financials: boolean): ListOrder {
  const asked = text.trim().replaceAll(/\s+/g, ' ');
  if (asked === '') return financials ? 'total_assets desc' : 'full_name';
  const order = listOrders.find((candidate) => candidate === asked);
  if (order === undefined) throw invalid('order_by', `must be one of: ${listOrders.join(', ')}`, Reason.invalidOrder);
  requireShown([order.split(' ')[0]!], financials);
  return order;
}

/** Throws DENIED `FIELD_NOT_SHOWN`: what a caller does not see cannot be filtered or sorted by. */
export function requireShown(fields: readonly string[], financials: boolean): void {
  const hidden = financials ? undefined : fields.find((field) => financialFields.includes(field));
  if (hidden !== undefined) throw new AppError('DENIED', Reason.fieldNotShown, { metadata: { field: hidden } });
}
