import type { SyncRequested } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { type BankMessage, encode, kinds } from './messages/encode.ts';
import { type SimulateOptions, withMischief } from './simulate.ts';
import { newestProducts } from './world/catalogue.ts';
import { type BankEvent, historyOf } from './world/history.ts';
import { ratesOf } from './world/rates.ts';
import type { SystemName } from './world/system-names.ts';
import { placeOf, sourceSystemOf } from './world/systems.ts';
import { type World, worldOf } from './world/world.ts';

/**
 * What a system of the bank sends when it is asked to send again: the newest snapshots of the load, products included, marked as repair, and postings and
 * rates as they were. Nothing for a request to another source. What a live run has added since is not in it.
 */
export function* answer(options: SimulateOptions, request: SyncRequested): Generator<BankMessage> {
  const world = worldOf(withMischief(options));
  const system = world.systems.find((one) => sourceSystemOf(world, one) === request.sourceSystem);
  if (system === undefined) return;
  const isAsked = ({ type, value }: BankEvent) =>
    value.sourceSystem === request.sourceSystem && (request.topics.length === 0 || request.topics.includes(kinds[type].topic));
  const message = (event: BankEvent) => encode(event, request.sourceSystem, options.format ?? 'protobuf');
  if (request.customerSourceIds.length === 0) {
    for (const rate of ratesOf(world)) if (isAsked(rate)) yield message(rate);
    for (const event of newestProducts(world))
      if (isAsked(event)) yield message({ ...event, value: { ...event.value, repair: true } });
  }
  for (const index of askedCustomers(world, system, request)) {
    const newest = new Map<string, BankEvent>();
    for (const event of historyOf(world, index).events) {
      if (!isAsked(event)) continue;
      if (event.type === 'customer') newest.set(event.value.sourceId, { ...event, value: { ...event.value, repair: true } });
      else if (event.type === 'account') newest.set(event.value.sourceId, { ...event, value: { ...event.value, repair: true } });
      else yield message(event);
    }
    for (const event of newest.values()) yield message(event);
  }
}

function* askedCustomers(world: World, system: SystemName, { customerSourceIds }: SyncRequested): Generator<number> {
  if (customerSourceIds.length === 0) for (let index = 0; index < world.customers; index += 1) yield index;
  for (const id of new Set(customerSourceIds)) {
    const place = placeOf(world, id);
    if (place?.system === system) yield place.index;
  }
}
