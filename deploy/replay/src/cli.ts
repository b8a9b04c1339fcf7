import { parseArgs } from 'node:util';
import { builtInBank, type Format, readBank, UsageError } from '@bankcrm/simulator';
import { adapters } from './adapters/index.ts';
import type { ReplayOptions } from './replay.ts';

export const usage = `replay <source> <dir>: feeds another bank's data through its adapter into the core-banking topics

  <source>        ${Object.keys(adapters).join(', ')}
  <dir>           the folder with the source's files
  --brokers B     host:port[,host:port]                             (those of the stack of npm start)
  --prefix P      put before every topic                            (none)
  --bank FILE     org units as YAML; its sub-branches take the customers in turn  (a built-in bank)
  --branch CODE   give every customer to this branch instead
  --rate N        messages per second, 0 = as fast as possible      (0)
  --format F      protobuf | json                                   (protobuf)
  --help
`;

export type Command = {
  help: boolean;
  replay: ReplayOptions;
  brokers: readonly string[] | undefined;
  prefix: string;
  rate: number;
};

/** Reads the command line; throws `UsageError` that says what to change. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed(args);
  const [source, dir, ...more] = positionals;
  const help = values.help ?? false;
  if (!help && (!source || !dir || more.length > 0))
    throw new UsageError('name a source and its folder: replay berka <dir>. --help says more.');
  const rate = Number(values.rate ?? '0');
  if (!(rate >= 0)) throw new UsageError(`--rate must be 0 or a number of messages per second, not "${values.rate}".`);
  const format = values.format ?? 'protobuf';
  if (format !== 'protobuf' && format !== 'json') throw new UsageError(`--format must be protobuf or json, not "${format}".`);
  const brokers = values.brokers?.split(',');
  const wrong = brokers?.find((broker) => !/^[^\s:]+:\d{1,5}$/.test(broker));
  if (wrong !== undefined) throw new UsageError(`--brokers must be host:port, or several with commas between, not "${wrong}".`);
  const { branches } = values.bank === undefined ? builtInBank : readBank(values.bank);
  const only = values.branch === undefined ? branches : [{ code: values.branch, name: values.branch, rms: [], seniorRms: [] }];
  return {
    help,
    replay: { source: source ?? '', dir: dir ?? '', branches: only, format: format satisfies Format },
    brokers,
    prefix: values.prefix ?? '',
    rate,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        brokers: { type: 'string' },
        prefix: { type: 'string' },
        bank: { type: 'string' },
        branch: { type: 'string' },
        rate: { type: 'string' },
        format: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split('. ')[0]}. --help lists what there is.`, { cause });
  }
}
