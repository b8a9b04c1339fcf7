import { type BankMessage, encode, type Format } from './messages/encode.ts';
import { type Mischief, mischievous } from './mischief/mischievous.ts';
import { catalogueOf } from './world/catalogue.ts';
import { ControlCounter } from './world/control.ts';
import { type BankEvent, historyOf } from './world/history.ts';
import { ratesOf } from './world/rates.ts';
import { type World, type WorldOptions, worldOf } from './world/world.ts';

export type SimulateOptions = WorldOptions & { format?: Format; mischief?: Mischief };

/**
 * The bank's whole load as messages: rates and the catalogue first, then customer after customer (the customer, the accounts, then what
 * happened in the order of time), control totals last. Lazy: memory does not grow with the number of customers.
 * Throws `UsageError` for values out of range.
 */
export function simulate(options: SimulateOptions): Generator<BankMessage> {
  const world = worldOf(withMischief(options));
  return mischievous(load(world, options.format ?? 'protobuf'), options.mischief ?? 'none', world.seed);
}

function* load(world: World, format: Format): Generator<BankMessage> {
  const controls = world.systems.map((system) => new ControlCounter(world, system));
  const message = (event: BankEvent) => encode(event, event.value.sourceSystem, format);
  for (const rate of ratesOf(world)) yield message(rate);
  for (const product of catalogueOf(world)) yield message(product);
  for (let index = 0; index < world.customers; index++) {
    const { events } = historyOf(world, index);
    for (const event of events) yield message(event);
    for (const control of controls) control.add(index, events);
  }
  for (const control of controls) yield message(control.totals());
}

const shares = {
  none: { oddShare: 0, correctionShare: 0 },
  some: { oddShare: 0.005, correctionShare: 0.05 },
  all: { oddShare: 0.05, correctionShare: 0.5 },
} as const;

/** Mischief that changes what is true (odd data, corrections) belongs to the bank itself, so that its ledger knows it. */
export function withMischief<O extends SimulateOptions>(options: O): O {
  return { ...shares[options.mischief ?? 'none'], ...options };
}
