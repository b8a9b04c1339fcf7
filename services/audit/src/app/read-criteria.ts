import { parseName } from '@bankcrm/kernel';
import { Decision } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { parseFilter } from '@bankcrm/service';
import type { Condition } from '../domain/criteria.ts';

const fields = {
  actor: { type: 'text', operators: ['='] },
  customer: { type: 'text', operators: ['='] },
  operation: { type: 'text', operators: ['='] },
  service: { type: 'text', operators: ['='] },
  decision: { type: 'text', operators: ['='], values: ['ALLOWED', 'REFUSED'] },
  reason: { type: 'text', operators: ['='] },
  data_class: { type: 'text', operators: ['='], values: ['C2_IDENTIFYING', 'C2_FINANCIAL'] },
  high_privilege: { type: 'boolean', operators: ['='] },
  event_time: { type: 'time', operators: ['<', '<=', '>', '>='] },
} as const;

/** What is looked for. Throws INVALID for a filter that cannot be read. */
export function readCriteria(filter: string): Condition[] {
  return parseFilter(filter, fields).map(({ field, operator, value }): Condition => {
    switch (field) {
      case 'customer':
        return { column: 'customer_id', operator, value: parseName('customers/*', value, 'filter')[0]! };
      case 'decision':
        return { column: field, operator, value: value === 'REFUSED' ? Decision.REFUSED : Decision.ALLOWED };
      case 'data_class':
        return { column: value === 'C2_IDENTIFYING' ? 'identifying' : 'financial', operator, value: true };
      case 'high_privilege':
        return { column: field, operator, value: value === 'true' };
      case 'event_time':
        return { column: field, operator, value: new Date(value) };
      default:
        return { column: field, operator, value };
    }
  });
}
