import { type Bank, builtInBank } from '../bank.ts';
import { type CalendarMonth, type Day, monthsUntil, parseDay } from '../calendar.ts';
import { Random } from '../random.ts';
import { UsageError } from '../usage-error.ts';
import { type SystemName, systemNames } from './system-names.ts';

/** How a bank is made. The same values give the same bytes, on any machine and in any year. */
export type WorldOptions = {
  /** How many customers, 1 … 5,000,000. */
  customers: number;
  /** Any whole number from 0 to 2^31 - 1. */
  seed?: number;
  /** Calendar months of postings that end with `until`; 0 = snapshots only. */
  months?: number;
  /** The bank's last business day, `YYYY-MM-DD`. */
  until?: string;
  bank?: Bank;
  /** How busy the accounts are: 1 is a retail bank's usual dozen postings per customer and month. */
  activity?: number;
  /** The name under which the core speaks. */
  sourceSystem?: string;
  /** The systems that speak; the core is one of them. Each has its own customers, numbers and versions. */
  systems?: readonly SystemName[];
  /** Share of individuals whose ID number has a wrong check character. */
  oddShare?: number;
  /** Share of customers whose snapshot the core corrects in the window, beyond ordinary changes. */
  correctionShare?: number;
};

export type World = Required<Omit<WorldOptions, 'until'>> & {
  until: Day;
  /** First day of the window of postings. */
  start: Day;
  window: readonly CalendarMonth[];
};

export const defaultUntil = '2026-10-31';
const MAX_CUSTOMERS = 5_000_000;

/** Fills in defaults and checks ranges; throws `UsageError` that names the option to change. */
export function worldOf(options: WorldOptions): World {
  const { customers, seed = 1, months = 3, activity = 1, oddShare = 0, correctionShare = 0 } = options;
  const until = parseDay(options.until ?? defaultUntil);
  const sourceSystem = options.sourceSystem ?? 'core';
  const systems = options.systems ?? ['core'];
  whole('customers', customers, 1, MAX_CUSTOMERS);
  whole('seed', seed, 0, 0x7fff_ffff);
  whole('months', months, 0, 120);
  if (Number.isNaN(until)) throw new UsageError(`until must be a date such as ${defaultUntil}, not "${options.until}".`);
  if (!(activity >= 0 && activity <= 100)) throw new UsageError(`activity must be from 0 to 100, not ${activity}.`);
  if (!/^[a-z0-9-]{1,32}$/.test(sourceSystem)) throw new UsageError('sourceSystem must be 1 to 32 of a-z, 0-9 and hyphen.');
  const window = monthsUntil(until, months);
  if (!systems.includes('core') || new Set(systems).size !== systems.length || systems.some((one) => !systemNames.includes(one)))
    throw new UsageError(
      `systems must be core, and any of ${systemNames.slice(1).join(', ')}, each once, not "${systems.join(',')}".`,
    );
  if (systems.some((one) => one !== 'core' && one === sourceSystem))
    throw new UsageError(`sourceSystem must not be ${sourceSystem}, which systems names beside the core.`);
  const start = window[0]?.first ?? until;
  const bank = options.bank ?? builtInBank;
  return { customers, seed, months, activity, sourceSystem, systems, oddShare, correctionShare, bank, until, start, window };
}

function whole(name: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw new UsageError(`${name} must be a whole number from ${min} to ${max}, not ${value}.`);
}

/** What a stream of draws is for; each purpose has its own, so that a new draw in one leaves the others' bytes alone. */
export const purpose = {
  kind: 1,
  customer: 2,
  portfolio: 3,
  activity: 4,
  rates: 5,
  change: 6,
  live: 7,
  credit: 20,
  limits: 21,
  late: 22,
  party: 23,
} as const;

export function randomFor(world: World, of: keyof typeof purpose, ...path: readonly number[]): Random {
  return new Random(world.seed, purpose[of], ...path);
}
