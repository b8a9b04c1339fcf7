import { createHash, type Hash } from 'node:crypto';
import type { RangeTotal } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { formatDay, instantOf } from '../calendar.ts';
import { kinds } from '../messages/encode.ts';
import type { BankEvent } from './history.ts';
import { customerSourceId, type World } from './world.ts';

/** Customers per range: small enough that a difference found is a small replay, large enough that ten million are one message. */
const CUSTOMERS_PER_RANGE = 5_000;
/** A range ends with the customer who brings one of its topics to so many rows: the contract allows a million. */
const ROWS_PER_RANGE = 500_000;

type Range = { topic: string; from: string; count: number; hash: Hash };

/**
 * Counts and checksums of the newest customers and accounts and of all postings, kept while histories pass in the order of
 * their source ids (which is the order of making), so that nothing but the current range is held.
 */
export class ControlCounter {
  readonly #world: World;
  readonly #done: RangeTotal[] = [];
  #open: Range[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes one customer's whole history; call it for index 0, 1, 2 … */
  add(index: number, events: readonly BankEvent[]): void {
    const isFull = this.#open.some(({ count }) => count >= ROWS_PER_RANGE);
    if (index % CUSTOMERS_PER_RANGE === 0 || isFull) this.#begin(index);
    for (const [topic, versions] of newestVersions(events)) {
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
    const controlId = `${this.#world.sourceSystem}-${formatDay(this.#world.until)}`;
    return { type: 'control', at, value: { sourceSystem: this.#world.sourceSystem, controlId, cutTime: at, ranges: this.#done } };
  }

  #begin(index: number): void {
    const from = index === 0 ? '' : customerSourceId(index);
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
    if (event.type === 'rate' || event.type === 'control') continue;
    const topic = kinds[event.type].topic;
    const versions = newest.get(topic) ?? new Map<string, bigint>();
    if (event.type === 'transaction') versions.set(event.value.transactionId, event.value.sequence);
    else versions.set(event.value.sourceId, event.value.version);
    newest.set(topic, versions);
  }
  return newest;
}
