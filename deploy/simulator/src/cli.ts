import { parseArgs } from 'node:util';
import { readBank } from './bank.ts';
import type { Format } from './messages/encode.ts';
import type { Mischief } from './mischief/mischievous.ts';
import type { SimulateOptions } from './simulate.ts';
import { UsageError } from './usage-error.ts';
import type { SystemName } from './world/system-names.ts';
import { defaultUntil, worldOf } from './world/world.ts';

export const usage = `simulate: a seeded core bank that publishes the core-banking topics to Kafka

  --customers N      how many customers                                  (1000)
  --seed S           same seed, same bytes                               (1)
  --months M         months of postings before --until                   (3)
  --until DATE       the bank's last business day                        (${defaultUntil})
  --activity X       1 = about a dozen postings per customer and month   (1)
  --systems S        core, and any of card, wealth: the systems that speak, with commas between (core)
  --bank FILE        org units and staff as YAML                         (a built-in bank)
  --brokers B        host:port[,host:port]                               (those of the stack of npm start)
  --prefix P         put before every topic                              (none)
  --rate N           messages per second, 0 = as fast as possible        (0)
  --format F         protobuf | json                                     (protobuf)
  --mischief M       none | some | all: duplicates, disorder, corrections, odd and broken messages (none)
  --ledger FILE      write the bank's own books as JSON lines
  --live             go on with new postings after the load until stopped (20 per second, or --rate)
  --answer           answer requests to send again (newest snapshots of the load, as repair) until stopped
  --no-load          with --live or --answer: skip the load
  --help
`;

export type Command = {
  help: boolean;
  simulate: SimulateOptions;
  /** Undefined: those of the running stack. */
  brokers: readonly string[] | undefined;
  prefix: string;
  rate: number;
  ledger: string | undefined;
  live: boolean;
  answer: boolean;
  load: boolean;
};

/** Reads the command line; throws `UsageError` that says which argument to change and to what. */
export function parseCommand(args: readonly string[]): Command {
  const values = parsed(args);
  const options: SimulateOptions = {
    customers: numberOf(values, 'customers', 1_000),
    seed: numberOf(values, 'seed', 1),
    months: numberOf(values, 'months', 3),
    activity: numberOf(values, 'activity', 1),
    until: values.until ?? defaultUntil,
    format: oneOf<Format>(values, 'format', ['protobuf', 'json']),
    mischief: oneOf<Mischief>(values, 'mischief', ['none', 'some', 'all']),
    systems: (values.systems ?? 'core').split(',') as SystemName[],
    ...(values.bank === undefined ? {} : { bank: readBank(values.bank) }),
  };
  worldOf(options);
  const rate = numberOf(values, 'rate', 0);
  if (rate < 0) throw new UsageError('--rate must be 0 (as fast as possible) or a number of messages per second.');
  if (values['no-load'] && !values.live && !values.answer)
    throw new UsageError('--no-load leaves nothing to do without --live or --answer.');
  return {
    help: values.help ?? false,
    simulate: options,
    brokers: values.brokers === undefined ? undefined : brokersOf(values.brokers),
    prefix: values.prefix ?? '',
    rate,
    ledger: values.ledger,
    live: values.live ?? false,
    answer: values.answer ?? false,
    load: !values['no-load'],
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        customers: { type: 'string' },
        seed: { type: 'string' },
        months: { type: 'string' },
        until: { type: 'string' },
        activity: { type: 'string' },
        bank: { type: 'string' },
        systems: { type: 'string' },
        brokers: { type: 'string' },
        prefix: { type: 'string' },
        rate: { type: 'string' },
        format: { type: 'string' },
        mischief: { type: 'string' },
        ledger: { type: 'string' },
        live: { type: 'boolean' },
        answer: { type: 'boolean' },
        'no-load': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split('. ')[0]}. --help lists what there is.`, { cause });
  }
}

type Values = ReturnType<typeof parsed>;

function numberOf(values: Values, name: 'customers' | 'seed' | 'months' | 'activity' | 'rate', fallback: number): number {
  const text = values[name];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`--${name} must be a number, not "${text}".`);
  return value;
}

function oneOf<T extends string>(values: Values, name: 'format' | 'mischief', allowed: readonly [T, ...T[]]): T {
  const text = values[name] ?? allowed[0];
  const found = allowed.find((value) => value === text);
  if (!found) throw new UsageError(`--${name} must be one of ${allowed.join(', ')}, not "${text}".`);
  return found;
}

function brokersOf(text: string): string[] {
  const brokers = text.split(',').map((broker) => broker.trim());
  const wrong = brokers.find((broker) => !/^[^\s:]+:\d{1,5}$/.test(broker));
  if (wrong !== undefined) throw new UsageError(`--brokers must be host:port, or several with commas between, not "${wrong}".`);
  return brokers;
}
