import { createHash, type Hash } from 'node:crypto';
import type { RangeTotal } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { formatDay, instantOf } from '../calendar.ts';
import { kinds } from '../messages/encode.ts';
import type { BankEvent } from './history.ts';
import type { SystemName } from './system-names.ts';
import { customerSourceId, sourceSystemOf } from './systems.ts';
import type { World } from './world.ts';

/** Customers per range: small enough that a difference found is a small replay, large enough that ten million are one message. */
const CUSTOMERS_PER_RANGE = 5_000;
/** A range ends with the customer who brings one of its topics to so many rows: the contract allows a million. */
const ROWS_PER_RANGE = 500_000;

type Range = { topic: string; from: string; count: number; hash: Hash };

/**
 * Counts and checksums of one system's newest customers and accounts and of all postings, kept while histories pass in the order of
 * their source ids (which is the order of making), so that nothing but the current range is held.
 */
export class ControlCounter {
  readonly #world: World;
  readonly #system: SystemName;
  readonly #done: RangeTotal[] = [];
  #open: Range[] = [];

  constructor(world: World, system: SystemName) {
    this.#world = world;
    this.#system = system;
  }

  /** Takes one customer's whole history; call it for index 0, 1, 2 … */
  add(index: number, events: readonly BankEvent[]): void {
    const source = sourceSystemOf(this.#world, this.#system);
    const own = events.filter(({ value }) => value.sourceSystem === source);
    const isFull = this.#open.some(({ count }) => count >= ROWS_PER_RANGE);
    if (index % CUSTOMERS_PER_RANGE === 0 || isFull) this.#begin(index);
    for (const [topic, versions] of newestVersions(own)) {
      const range = this.#open.find((open) => open.topic === topic) as Range;
      for (const [sourceId, version] of [...versions].sort(([a], [b]) => (a < b ? -1 : 1))) {
        range.count++;
        range.hash.update(`${sourceId}:${version}\n`);
      }
    }
  }

  /** The message as of the bank's last day. */
  totals(): BankEvent & { type: 'control' } {
    this.#end('');
    const at = instantOf(this.#world.until, 86_399);
    const sourceSystem = sourceSystemOf(this.#world, this.#system);
    const controlId = `${sourceSystem}-${formatDay(this.#world.until)}`;
    return { type: 'control', at, value: { sourceSystem, controlId, cutTime: at, ranges: this.#done } };
  }

  #begin(index: number): void {
    const from = index === 0 ? '' : customerSourceId(index, this.#system);
    this.#end(from);
    this.#open = [kinds.customer.topic, kinds.account.topic, kinds.transaction.topic].map((topic) => ({
      topic,
      from,
      count: 0,
      hash: createHash('sha256'),
    }));
  }

  #end(to: string): void {
    for (const { topic, from, count, hash } of this.#open)
      this.#done.push({
        topic,
        fromSourceId: from,
        toSourceId: to,
        count: BigInt(count),
        checksum: hash.digest(),
        fromPostTime: undefined,
      });
    this.#open = [];
  }
}

/** By topic and id: the newest version, and of a posting, which has one state only, its sequence. */
function newestVersions(events: readonly BankEvent[]): Map<string, Map<string, bigint>> {
  const newest = new Map<string, Map<string, bigint>>();
  for (const event of events) {
    if (event.type !== 'customer' && event.type !== 'account' && event.type !== 'transaction') continue;
    const topic = kinds[event.type].topic;
    const versions = newest.get(topic) ?? new Map<string, bigint>();
    if (event.type === 'transaction') versions.set(event.value.transactionId, event.value.sequence);
    else versions.set(event.value.sourceId, event.value.version);
    newest.set(topic, versions);
  }
  return newest;
}
