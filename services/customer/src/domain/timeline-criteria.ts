import { narrowed, type Range } from './customer-criteria.ts';
import { millisecondBeside } from './transaction-criteria.ts';

/** Which part of a customer's timeline a list asks for; what is absent does not matter. */
export interface TimelineCriteria {
  /** Of interactions. */
  kind?: string;
  /** `interactions`, or the first word of an entry's resource. */
  resourceType?: string;
  /** ISO 8601 instants in UTC with milliseconds. */
  eventTime?: Range<string>;
  /** Terms that contradict one another: nothing fulfils them. */
  impossible: boolean;
}

export const timelineFields = {
  kind: { type: 'text', operators: ['='] },
  resource_type: { type: 'text', operators: ['='] },
  event_time: { type: 'time', operators: ['=', '<', '<=', '>', '>='] },
} as const;

export interface TimelineTerm {
  field: keyof typeof timelineFields;
  operator: Parameters<typeof narrowed>[1];
  value: string;
}

/** Puts the terms of a filter together. */
export function timelineCriteria(terms: readonly TimelineTerm[]): TimelineCriteria {
  const criteria: TimelineCriteria = { impossible: false };
  const equal = (key: 'kind' | 'resourceType', value: string): void => {
    if (criteria[key] !== undefined && criteria[key] !== value) criteria.impossible = true;
    criteria[key] = value;
  };
  for (const { field, operator, value } of terms) {
    if (field === 'kind') equal('kind', value);
    else if (field === 'resource_type') equal('resourceType', value);
    else criteria.eventTime = narrowed(criteria.eventTime, operator, new Date(value).toISOString(), millisecondBeside);
  }
  return criteria;
}
