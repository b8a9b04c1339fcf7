import { describe, expect, it } from 'vitest';
import { parseCommand } from './cli.ts';

describe('the command line', () => {
  it('needs no argument', () => {
    expect(parseCommand([])).toMatchObject({
      simulate: {
        customers: 1_000,
        seed: 1,
        months: 3,
        until: '2026-10-31',
        format: 'protobuf',
        mischief: 'none',
        systems: ['core'],
      },
      brokers: undefined,
      prefix: '',
      rate: 0,
      live: false,
      load: true,
    });
  });

  it('takes what is given', () => {
    const args =
      '--customers 5 --seed 9 --months 1 --brokers a:1,b:2 --rate 50 --prefix t. --format json --mischief all --live --systems core,card'.split(
        ' ',
      );
    expect(parseCommand(args)).toMatchObject({
      simulate: { customers: 5, seed: 9, months: 1, format: 'json', mischief: 'all', systems: ['core', 'card'] },
      brokers: ['a:1', 'b:2'],
      rate: 50,
      prefix: 't.',
      live: true,
    });
  });

  it.each([
    ['--customers', 'many', /--customers must be a number, not "many"/],
    ['--customers', '0', /customers must be a whole number from 1/],
    ['--format', 'xml', /--format must be one of protobuf, json, not "xml"/],
    ['--mischief', 'lots', /none, some, all/],
    ['--brokers', 'localhost', /--brokers must be host:port/],
    ['--until', 'tomorrow', /until must be a date/],
    ['--systems', 'card', /systems must be core, and any of card, wealth, each once, not "card"/],
    ['--systems', 'core,loans', /not "core,loans"/],
    ['--rate', '-1', /--rate must be 0/],
    ['--custmers', '5', /Unknown option '--custmers'/],
  ])('refuses %s %s and says what to change', (name, value, message) => {
    expect(() => parseCommand([`${name}=${value}`])).toThrow(message);
  });
});
