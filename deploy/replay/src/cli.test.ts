import { describe, expect, it } from 'vitest';
import { parseCommand } from './cli.ts';

describe('the command line', () => {
  it('takes a source and its folder', () => {
    const command = parseCommand(['berka', 'data', '--brokers', 'a:1,b:2', '--prefix', 't.', '--branch', 'BJ-CY']);
    expect(command).toMatchObject({
      brokers: ['a:1', 'b:2'],
      prefix: 't.',
      rate: 0,
      replay: { source: 'berka', dir: 'data', format: 'protobuf' },
    });
    expect(command.replay.branches?.map((branch) => branch.code)).toEqual(['BJ-CY']);
  });

  it.each([
    [[], /name a source and its folder/],
    [['berka'], /name a source and its folder/],
    [['berka', 'data', 'more'], /name a source and its folder/],
    [['berka', 'data', '--format', 'xml'], /--format must be protobuf or json, not "xml"/],
    [['berka', 'data', '--rate', 'fast'], /--rate must be 0/],
    [['berka', 'data', '--brokers', 'localhost'], /--brokers must be host:port/],
    [['berka', 'data', '--bank', '/no/such.yaml'], /cannot read \/no\/such\.yaml/],
    [['berka', 'data', '--speed', '3'], /Unknown option '--speed'/],
  ])('refuses %j and says what to change', (args, message) => {
    expect(() => parseCommand(args)).toThrow(message);
  });
});
