import { registry } from '@bankcrm/proto/descriptors';
import { describe, expect, it } from 'vitest';
import { readQuery } from './query.ts';

const fields = (type: string) => registry.getMessage(type)!.fields;
const list = fields('bankcrm.customer.v1.ListCustomersRequest');
const resync = fields('bankcrm.customer.v1.RequestResyncRequest');
const search = fields('bankcrm.customer.v1.SearchCustomersRequest');
const create = fields('bankcrm.customer.v1.CreateInteractionRequest');

describe('a query', () => {
  it('is read by proto name and JSON name, with plus signs as blanks', () => {
    expect(readQuery('page_size=5&orderBy=full_name+desc&filter=%E5%BC%A0', list)).toEqual({
      pageSize: '5',
      orderBy: 'full_name desc',
      filter: '张',
    });
  });

  it('repeats what is a list', () => {
    expect(readQuery('topics=a&topics=b', resync)).toEqual({ topics: ['a', 'b'] });
  });

  it('reads true and false, and nothing else for them', () => {
    expect(readQuery('include_closed=true', search)).toEqual({ includeClosed: true });
    expect(() => readQuery('include_closed=1', search)).toThrow('INVALID_QUERY');
  });

  it('reaches fields of fields', () => {
    expect(readQuery('interaction.nextStep.done=true&interaction.kind=call', create)).toEqual({
      interaction: { nextStep: { done: true }, kind: 'call' },
    });
  });

  it('ignores what is empty', () => {
    expect(readQuery('', list)).toEqual({});
    expect(readQuery('&&', list)).toEqual({});
  });
});
