import { AccountKind } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { SystemName } from './system-names.ts';
import type { World } from './world.ts';

/** Each system counts its customers on its own; numbers grow with the index and have one width, so their bytewise order is the order of making. */
const firstNumbers: Record<SystemName, number> = { core: 1_000_000_000, card: 6_000_000_000, wealth: 8_000_000_000 };

/** A customer's number in a system. */
export function customerSourceId(index: number, system: SystemName = 'core'): string {
  return String(firstNumbers[system] + index);
}

/** The position and the system behind a customer's or account's source id; undefined where this bank has no such customer. */
export function placeOf(world: World, sourceId: string): { index: number; system: SystemName } | undefined {
  const number = Number(sourceId.split('-')[0]);
  for (const system of world.systems) {
    const index = number - firstNumbers[system];
    if (Number.isSafeInteger(index) && index >= 0 && index < world.customers) return { index, system };
  }
  return undefined;
}

/** How a system calls itself in messages: the core by the name that the bank was given, the others as they are. */
export function sourceSystemOf(world: World, system: SystemName): string {
  return system === 'core' ? world.sourceSystem : system;
}

/** Where holdings of a kind are kept. */
export function systemFor(world: World, kind: AccountKind): SystemName {
  const own =
    kind === AccountKind.CREDIT_CARD ? 'card' : kind === AccountKind.WEALTH || kind === AccountKind.FUND ? 'wealth' : 'core';
  return world.systems.includes(own) ? own : 'core';
}

/** The source system that keeps holdings of a kind. */
export function keeperOf(world: World, kind: AccountKind): string {
  return sourceSystemOf(world, systemFor(world, kind));
}
