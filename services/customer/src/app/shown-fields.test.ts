import { optionReader, registry } from '@bankcrm/proto/descriptors';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import type { Call } from '@bankcrm/service';
import type { DescMessage } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { shownFields } from './shown-fields.ts';

const policy = optionReader<{ audit: boolean }>('bankcrm.options.v1.policy');
const dataClass = optionReader<DataClass>('bankcrm.options.v1.data_class');

/** The messages that a message may consist of, itself among them. */
function parts(message: DescMessage, found = new Set<DescMessage>()): Set<DescMessage> {
  if (found.has(message)) return found;
  found.add(message);
  for (const field of message.fields) if (field.message) parts(field.message, found);
  return found;
}

const recorded = ['Customers', 'Interactions', 'Contacts', 'CoreBankingSync']
  .flatMap((name) => registry.getService(`bankcrm.customer.v1.${name}`)!.methods)
  .filter((method) => policy(method)!.audit)
  .map(({ parent, name, output }) => {
    const classes = new Set([...parts(output)].flatMap(({ fields }) => fields.map(dataClass)));
    return { name, operation: `${parent.typeName}/${name}`, classes };
  });

const shown = (operation: string, ...permissions: string[]) =>
  shownFields({ operation, caller: { permissions: new Set(permissions) } as unknown as Call['caller'] });
const customers = (name: string) => `bankcrm.customer.v1.Customers/${name}`;
const financials = 'customer.financials.get';

describe('what an entry says was shown', () => {
  it.each(recorded)(
    'names something of $name where its reply can show more than C1, and nothing else',
    ({ operation, classes }) => {
      const named = new Set(shown(operation, financials).map((field) => field.dataClass));
      expect([...named].sort()).toEqual([DataClass.C2_IDENTIFYING, DataClass.C2_FINANCIAL].filter((one) => classes.has(one)));
    },
  );

  it('covers the views, lists, searches and changes that show a customer', () => {
    const naming = recorded.filter(({ operation }) => shown(operation, financials).length > 0).map(({ name }) => name);
    expect(naming).toEqual([
      'GetCustomer',
      'ListCustomers',
      'SearchCustomers',
      'ViewCustomer360',
      'ListTransactions',
      'RevealFields',
      'SupplementCustomer',
      'RestrictCustomer',
      'LiftRestriction',
      'ListTimeline',
      'ReadContacts',
      'ReadDeadLetter',
    ]);
  });

  it('is financial for those alone who may see it', () => {
    const income = ['individual.annual_income', 'organisation.registered_capital'];
    expect(shown(customers('GetCustomer'), financials)).toEqual(
      income.map((name) => ({ name, dataClass: DataClass.C2_FINANCIAL })),
    );
    expect(shown(customers('GetCustomer'))).toEqual([]);
    const open = recorded.filter(({ operation }) => shown(operation).length > 0).map(({ name }) => name);
    expect(open).toEqual(['RevealFields', 'ReadContacts', 'ReadDeadLetter']);
  });

  it('is computed once: a view takes the list that stands ready', () => {
    const operation = customers('ViewCustomer360');
    expect(shown(operation, financials)).toBe(shown(operation, financials));
  });
});
