import { startStates } from '@bankcrm/events';
import { ensureTopics } from '@bankcrm/local';
import type { CustomerProfiled } from '@bankcrm/proto/gen/bankcrm/customer/v1/profiles.ts';
import { ledgerOf, shuffled, simulate } from '@bankcrm/simulator';
import { suitePrefix } from '@bankcrm/testing';
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

let sync: SyncBench;
let prefix: string;
beforeAll(async () => {
  sync = await openSync();
  prefix = suitePrefix();
  await ensureTopics({ brokers: sync.stack.kafka.brokers, profile: 'local', prefix });
});
afterAll(() => sync.close());

it('say of each customer what the bank’s own books say, delivered in its order, in reverse and shuffled', async () => {
  const kafka = { brokers: sync.stack.kafka.brokers, clientId: 'test' };
  const states = startStates({
    kafka,
    service: 'customer',
    databaseUrl: sync.urls.worker,
    log: memoryLog().log,
    topicPrefix: prefix,
    feeds: [profiles({ ...sync.syncDeps, now: () => new Date() })],
  });
  try {
    const all = [...simulate(bank)];
    await sync.take(all);
    const first = await completeView<CustomerProfiled>(kafka, prefix, topic, type);
    await sync.take([...all].reverse());
    await sync.take([...shuffled(all, { seed: 5, window: all.length })]);
    const { states: published, backwards, messages } = await completeView<CustomerProfiled>(kafka, prefix, topic, type);
    expect(backwards).toEqual([]);
    expect(withoutSequence(published)).toEqual(withoutSequence(first.states));
    console.log(`${all.length * 3} messages of core banking made ${messages} profiles of ${published.size} customers`);

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
