import { registry } from '@bankcrm/proto/descriptors';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { describe, expect, it } from 'vitest';
import { changedFieldsOf, fieldsWithin } from './field-uses.ts';

const { C1, C2_IDENTIFYING, C2_FINANCIAL } = DataClass;
const message = (name: string) => registry.getMessage(name)!;

describe('the fields within a message', () => {
  it('are named by their paths, an amount being one value', () => {
    expect(fieldsWithin(message('bankcrm.customer.v1.ListCustomersResponse'), [C2_FINANCIAL])).toEqual([
      { name: 'customers.total_assets', dataClass: C2_FINANCIAL },
      { name: 'customers.next_maturity_date', dataClass: C2_FINANCIAL },
      { name: 'customers.next_maturity_amount', dataClass: C2_FINANCIAL },
    ]);
  });

  it('stand together under the name of their message where they are more than three', () => {
    const names = fieldsWithin(message('bankcrm.customer.v1.Customer360'), [C2_FINANCIAL]).map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['holdings', 'panorama', 'recent_transactions', 'customer.individual.annual_income']),
    );
    expect(names.length).toBeLessThan(9);
  });

  it('are of the classes asked for, maps and bytes too', () => {
    const content = message('bankcrm.customer.v1.DeadLetterContent');
    expect(fieldsWithin(content, [C2_IDENTIFYING, C2_FINANCIAL]).map(({ name }) => name)).toEqual([
      'headers',
      'key',
      'raw_value',
      'json',
    ]);
    expect(fieldsWithin(content, [C1])).toEqual([
      { name: 'dead_letter.reason', dataClass: C1 },
      { name: 'dead_letter.state', dataClass: C1 },
      { name: 'content_withheld', dataClass: C1 },
    ]);
  });

  it('end where a message holds itself', () => {
    expect(fieldsWithin(message('google.api.HttpRule'), [C1])).toEqual([]);
  });
});

describe('changed fields', () => {
  it('have the classes of the contract; a name counts as C1', () => {
    expect(changedFieldsOf('bankcrm.directory.v1.OrgUnit')(['display_name', 'parent'])).toEqual([
      { name: 'display_name', dataClass: C1 },
      { name: 'parent', dataClass: C1 },
    ]);
    expect(changedFieldsOf('corebanking.v1.AccountSnapshot')(['number', 'balance'])).toEqual([
      { name: 'number', dataClass: C2_IDENTIFYING },
      { name: 'balance', dataClass: C2_FINANCIAL },
    ]);
  });

  it('that consist of messages have the classes within them', () => {
    const changed = changedFieldsOf('corebanking.v1.CustomerSnapshot');
    expect(changed(['kyc', 'individual.annual_income', 'addresses'])).toEqual([
      { name: 'kyc', dataClass: C1 },
      { name: 'individual.annual_income', dataClass: C2_FINANCIAL },
      { name: 'addresses', dataClass: C2_IDENTIFYING },
    ]);
  });

  it('that no proto has are a mistake of who names them', () => {
    expect(() => changedFieldsOf('bankcrm.directory.v1.OrgUnit')(['colour'])).toThrow('colour');
    expect(() => changedFieldsOf('bankcrm.directory.v1.Office')).toThrow('Office');
  });
});
