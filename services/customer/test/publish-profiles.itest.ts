import { type States, startStates } from '@bankcrm/events';
import { ensureTopics } from '@bankcrm/local';
import type { CustomerProfiled } from '@bankcrm/proto/gen/bankcrm/customer/v1/profiles.ts';
import { type BankMessage, ledgerOf, shuffled, simulate } from '@bankcrm/simulator';
import { eventually, suitePrefix } from '@bankcrm/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { profiles } from '../src/app/publishing/profiles.ts';
import { byAccount, ownedBy } from './support/profile-ledger.ts';
import { completeView } from './support/published.ts';
import { memoryLog, openSync, party, type SyncBench } from './support/syncing.ts';

const bank = { customers: 60, seed: 17, months: 2 };
const topic = 'bankcrm.customer.v1.profiles';
const type = 'bankcrm.customer.v1.CustomerProfiled';

const kycStates = ['', 'complete', 'due', 'overdue', 'refused'];

const withoutSequence = (states: ReadonlyMap<string, CustomerProfiled>) =>
  new Map([...states].map(([key, { sequence: _, ...state }]) => [key, state]));

/** Takes messages, and the publisher's connection, with it its lead, whenever it has one and something to publish; says how often. */
async function takeWhileCutOff(states: States, messages: readonly BankMessage[]): Promise<number> {
  await eventually(() => expect(states.isLeader()).toBe(true));
  let isDone = false;
  const done = sync.take(messages).finally(() => {
    isDone = true;
  });
  let times = 0;
  while (!isDone) {
    const { rowCount } = await sync.workers.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'customer states publisher' AND datname = current_database()
         AND EXISTS (SELECT FROM events.state_mark WHERE topic = 'profiles')`,
    );
    times += rowCount ?? 0;
  }
  await done;
  return times;
}

let sync: SyncBench;
let prefix: string;
beforeAll(async () => {
  sync = await openSync();
  prefix = suitePrefix();
  await ensureTopics({ brokers: sync.stack.kafka.brokers, profile: 'local', prefix });
});
afterAll(() => sync.close());

it('say of each customer what the bank’s own books say, delivered in its order, in reverse and shuffled, and first while the publisher is cut off', async () => {
  const kafka = { brokers: sync.stack.kafka.brokers, clientId: 'test' };
  const states = startStates({
    kafka,
    service: 'customer',
    databaseUrl: sync.urls.worker,
    log: memoryLog().log,
    topicPrefix: prefix,
    standbyMs: 20,
    feeds: [profiles({ ...sync.syncDeps, now: () => new Date() })],
  });
  try {
    const all = [...simulate(bank)];
    const times = await takeWhileCutOff(states, all);
    expect(times).toBeGreaterThan(0);
    const first = await completeView<CustomerProfiled>(kafka, prefix, topic, type);
    await sync.take([...all].reverse());
    await sync.take([...shuffled(all, { seed: 5, window: all.length })]);
    const { states: published, backwards, messages } = await completeView<CustomerProfiled>(kafka, prefix, topic, type);
    expect(backwards).toEqual([]);
    expect(withoutSequence(published)).toEqual(withoutSequence(first.states));
    console.log(
      `${all.length * 3} messages of core banking made ${messages} profiles of ${published.size} customers; the publisher was cut off ${times} times`,
    );

    const { rows } = await sync.workers.query<{ party_id: string; customer_id: string }>(
      'SELECT party_id, customer_id FROM customer.party',
    );
    const customerOf = new Map(rows.map(({ party_id, customer_id }) => [party_id, customer_id]));
    expect([...published.keys()].sort()).toEqual([...new Set(customerOf.values())].sort());
    const products = await sync.workers.query<{ product_id: string; product_code: string }>(
      `SELECT product_id, product_code FROM customer.product WHERE source_system = 'core'`,
    );
    const productOf = new Map(products.rows.map(({ product_id, product_code }) => [product_code, `products/${product_id}`]));
    expect(productOf.size).toBeGreaterThan(0);
    const books = ledgerOf(bank);
    const expected = ownedBy(books, 'CNY', sync.syncDeps.today(new Date()));
    for (const { customer } of books.all()) {
      const said = published.get(customerOf.get(party(customer.sourceId))!)!;
      const { holdings, totals } = expected.get(customer.sourceId)!;
      expect(said.holdings.map(({ product: _, ...holding }) => holding).sort(byAccount)).toEqual(holdings);
      for (const { product, productCode } of said.holdings) expect(product).toBe(productOf.get(productCode) ?? '');
      expect(said.totals).toEqual({ currencyCode: 'CNY', ...totals });
      const { profile, kyc } = customer;
      expect(said).toMatchObject({
        segment: customer.segment,
        openDate: customer.openDate,
        birthDate: profile?.$case === 'individual' ? profile.value.birthDate : '',
        regionCode: profile?.value.regionCode,
        holdingsTruncated: false,
        kyc: {
          state: kycStates[kyc?.state ?? 0],
          riskRating: kyc?.riskRating ?? '',
          reviewDate: kyc?.reviewDate ?? '',
          nextReviewDate: kyc?.nextReviewDate ?? '',
          openHits: kyc?.screeningHits.filter(({ state }) => state === 'open').length ?? 0,
        },
        creditGrade: profile?.value.creditGrade,
        creditScore: profile?.$case === 'individual' ? profile.value.creditScore : 0,
      });
      const largestFirst = said.holdings.map(({ balanceMinor }) => balanceMinor ?? -(2n ** 63n));
      expect(largestFirst).toEqual([...largestFirst].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
    }
  } finally {
    await states.stop();
  }
});
