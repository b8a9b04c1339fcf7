import { AccountState } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import type { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { ContactKind } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { Direction } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { dayAt, instantOf } from './calendar.ts';
import { merchants } from './data/life.ts';
import { type BankMessage, encode } from './messages/encode.ts';
import type { Random } from './random.ts';
import { type SimulateOptions, withMischief } from './simulate.ts';
import { type Account, snapshotOf } from './world/account.ts';
import { post } from './world/book.ts';
import { newestProducts } from './world/catalogue.ts';
import { mobileOf } from './world/customer.ts';
import { type BankEvent, historyOf } from './world/history.ts';
import { randomFor, type World, worldOf } from './world/world.ts';

/** So many customers are busy in live mode; their accounts are what it keeps in memory. */
const BUSY_CUSTOMERS = 1_000;

type Busy = { customer: CustomerSnapshot; accounts: readonly Account[] };

/**
 * What goes on after the load, without end: postings with the account's new snapshot, now and then a customer's new phone or a product's
 * new margin.
 * Sequences and versions continue from the clock (milliseconds), so that a second live run is newer than the first.
 */
export function* live(options: SimulateOptions, now: () => Date): Generator<BankMessage> {
  const world = worldOf(withMischief(options));
  const format = options.format ?? 'protobuf';
  const random = randomFor(world, 'live');
  const products = newestProducts(world).map(({ value }) => value);
  const busy = new Map<number, Busy>();
  for (;;) {
    const index = random.int(0, Math.min(world.customers, BUSY_CUSTOMERS) - 1);
    const who = busy.get(index) ?? wake(world, index);
    busy.set(index, who);
    const turn = random.unit();
    const events =
      turn < 0.05
        ? newPhone(world, index, who, random, now())
        : turn < 0.055
          ? newMargin(products, random, now())
          : spend(who, random, now());
    for (const event of events) yield encode(event, event.value.sourceSystem, format);
  }
}

function wake(world: World, index: number): Busy {
  const { events, accounts } = historyOf(world, index);
  const customer = events.findLast((event) => event.type === 'customer' && event.value.sourceSystem === world.sourceSystem)
    ?.value as CustomerSnapshot;
  return { customer, accounts };
}

function* spend({ accounts }: Busy, random: Random, at: Date): Generator<BankEvent> {
  const account = accounts[0];
  if (account?.base.state !== AccountState.ACTIVE) return;
  const paysIn = account.balance < 100_000 || random.chance(0.2);
  const day = dayAt(at);
  const entry = {
    day,
    second: Math.floor((at.getTime() - instantOf(day, 0).getTime()) / 1_000),
    direction: paysIn ? Direction.CREDIT : Direction.DEBIT,
    minor: paysIn ? random.int(50_000, 2_000_000) : random.int(100, 99_999),
    kind: paysIn ? 'transfer' : 'card-payment',
    channel: paysIn ? 'mobile' : 'pos',
    counterpartyName: paysIn ? '' : random.pick(merchants),
  };
  const value = post(account, entry, Math.max(account.sequence + 1, at.getTime()));
  if (!value) return;
  account.version = Math.max(account.version, at.getTime());
  yield { type: 'transaction', at, value };
  yield { type: 'account', at, value: snapshotOf(account, at) };
}

function* newPhone(world: World, index: number, who: Busy, random: Random, at: Date): Generator<BankEvent> {
  const others = who.customer.contacts.filter((contact) => contact.kind !== ContactKind.MOBILE);
  const mobile = { kind: ContactKind.MOBILE, value: mobileOf(world, index, random.int(0, 3)), preferred: true };
  const newer = BigInt(at.getTime());
  const version = newer > who.customer.version ? newer : who.customer.version + 1n;
  who.customer = { ...who.customer, contacts: [mobile, ...others], version, updateTime: at };
  yield { type: 'customer', at, value: who.customer };
}

function* newMargin(products: readonly ProductSnapshot[], random: Random, at: Date): Generator<BankEvent> {
  const product = random.pick(products);
  const annualMarginMicros = BigInt(random.int(10, 200) * 100);
  yield { type: 'product', at, value: { ...product, annualMarginMicros, version: BigInt(at.getTime()), updateTime: at } };
}
