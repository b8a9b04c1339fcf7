import { capitalCode, postingCode } from '@bankcrm/contract/domain';
import { invalid, isCivilDate, parseName } from '@bankcrm/kernel';
import { type CriteriaTerm, dayBeside, narrowed, type Range } from './customer-criteria.ts';
import { Reason } from './reasons.ts';

/** Which of a customer's transactions a list asks for; what is absent does not matter. */
export interface TransactionCriteria {
  accountId?: string;
  kind?: string;
  direction?: string;
  channel?: string;
  currencyCode?: string;
  amountMinor?: Range<bigint>;
  /** ISO 8601 instants in UTC with milliseconds. */
  postTime?: Range<string>;
  bookingDate?: Range<string>;
  /** Terms that contradict one another: nothing fulfils them. */
  impossible: boolean;
}

const comparisons = ['=', '<', '<=', '>', '>='] as const;

export const transactionFields = {
  kind: { type: 'text', operators: ['='] },
  direction: { type: 'text', operators: ['='], values: ['credit', 'debit'] },
  channel: { type: 'text', operators: ['='] },
  holding: { type: 'text', operators: ['='] },
  currency_code: { type: 'text', operators: ['='] },
  amount: { type: 'integer', operators: comparisons },
  post_time: { type: 'time', operators: comparisons },
  booking_date: { type: 'date', operators: comparisons },
} as const;

export interface TransactionTerm {
  field: keyof typeof transactionFields;
  operator: CriteriaTerm['operator'];
  value: string;
}

/** Puts the terms of a filter together. `customerId` is the parent's: a holding of another customer is INVALID. */
export function transactionCriteria(terms: readonly TransactionTerm[], customerId: string): TransactionCriteria {
  const criteria: TransactionCriteria = { impossible: false };
  const equal = (key: 'accountId' | 'kind' | 'direction' | 'channel' | 'currencyCode', value: string): void => {
    if (criteria[key] !== undefined && criteria[key] !== value) criteria.impossible = true;
    criteria[key] = value;
  };
  for (const { field, operator, value } of terms) {
    switch (field) {
      case 'holding':
        equal('accountId', accountIdOf(value, customerId));
        break;
      case 'currency_code':
        equal('currencyCode', capitalCode(value));
        break;
      case 'kind':
      case 'channel':
        equal(field, postingCode(value));
        break;
      case 'amount':
        criteria.amountMinor = narrowed(criteria.amountMinor, operator, BigInt(value), (amount, step) => amount + BigInt(step));
        break;
      case 'post_time':
        criteria.postTime = narrowed(criteria.postTime, operator, new Date(value).toISOString(), millisecondBeside);
        break;
      case 'booking_date':
        criteria.bookingDate = narrowed(criteria.bookingDate, operator, value, dayBeside);
        break;
      default:
        equal(field, value);
    }
  }
  return criteria;
}

function accountIdOf(name: string, customerId: string): string {
  const [owner, accountId] = parseName('customers/*/holdings/*', name, 'filter');
  if (owner !== customerId) throw invalid('filter', 'holding must be one of the same customer', Reason.invalidFilter);
  return accountId!;
}

/** The millisecond before or after; undefined beyond the ends of the calendar. */
export function millisecondBeside(time: string, step: 1 | -1): string | undefined {
  const beside = new Date(Date.parse(time) + step).toISOString();
  return isCivilDate(beside.slice(0, 10)) ? beside : undefined;
}
