import { type Bank, builtInBank } from '../bank.ts';
import { type CalendarMonth, type Day, monthsUntil, parseDay } from '../calendar.ts';
import { Random } from '../random.ts';
import { UsageError } from '../usage-error.ts';

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
  sourceSystem?: string;
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
  whole('customers', customers, 1, MAX_CUSTOMERS);
  whole('seed', seed, 0, 0x7fff_ffff);
  whole('months', months, 0, 120);
  if (Number.isNaN(until)) throw new UsageError(`until must be a date such as ${defaultUntil}, not "${options.until}".`);
  if (!(activity >= 0 && activity <= 100)) throw new UsageError(`activity must be from 0 to 100, not ${activity}.`);
  if (!/^[a-z0-9-]{1,32}$/.test(sourceSystem)) throw new UsageError('sourceSystem must be 1 to 32 of a-z, 0-9 and hyphen.');
  const window = monthsUntil(until, months);
  const start = window[0]?.first ?? until;
  const bank = options.bank ?? builtInBank;
  return { customers, seed, months, activity, sourceSystem, oddShare, correctionShare, bank, until, start, window };
}

function whole(name: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw new UsageError(`${name} must be a whole number from ${min} to ${max}, not ${value}.`);
}

/** What a stream of draws is for; each purpose has its own, so that a new draw in one leaves the others' bytes alone. */
export const purpose = { kind: 1, customer: 2, portfolio: 3, activity: 4, rates: 5, change: 6, live: 7 } as const;

export function randomFor(world: World, of: keyof typeof purpose, ...path: readonly number[]): Random {
  return new Random(world.seed, purpose[of], ...path);
}

/** Customer numbers grow with the index and have one width, so their bytewise order is the order of making. */
const FIRST_NUMBER = 1_000_000_000;

export function customerSourceId(index: number): string {
  return String(FIRST_NUMBER + index);
}

/** The index behind a customer's or account's source id; undefined where this bank has no such customer. */
export function indexOf(world: World, sourceId: string): number | undefined {
  const index = Number(sourceId.split('-')[0]) - FIRST_NUMBER;
  return Number.isSafeInteger(index) && index >= 0 && index < world.customers ? index : undefined;
}
