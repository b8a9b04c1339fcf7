import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { SyncRequested } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { ProductSnapshot } from '@bankcrm/proto/gen/corebanking/v1/products.ts';
import { describe, expect, it } from 'vitest';
import { answer, ledgerOf, simulate } from './index.ts';

const options = { customers: 10, seed: 3, months: 2 };
const customers = 'corebanking.customers.v1';
const accounts = 'corebanking.accounts.v1';
const ask = (request: Partial<SyncRequested>) => [
  ...answer(options, SyncRequested.fromPartial({ sourceSystem: 'core', ...request })),
];
const topicsOf = (messages: readonly { topic: string }[]) => [...new Set(messages.map(({ topic }) => topic))].sort();

describe('a bank that is asked to send again', () => {
  it('sends the newest snapshot of each customer and account, marked as repair', () => {
    const [customer, ...more] = ask({ topics: [customers], customerSourceIds: ['1000000003', '1000000003'] }).map(({ value }) =>
      CustomerSnapshot.decode(value),
    );
    const newest = [...simulate(options)]
      .flatMap(({ topic, value }) => (topic === customers ? [CustomerSnapshot.decode(value)] : []))
      .filter(({ sourceId }) => sourceId === '1000000003')
      .reduce((a, b) => (b.version > a.version ? b : a));
    expect(customer).toEqual({ ...newest, repair: true });
    expect(more).toEqual([]);
    const ledger = ledgerOf(options);
    const sent = ask({ topics: [accounts] }).map(({ value }) => AccountSnapshot.decode(value));
    expect(sent.length).toBeGreaterThan(10);
    expect(new Set(sent.map(({ sourceId }) => sourceId)).size).toBe(sent.length);
    for (const account of sent)
      expect([account.repair, account.balance]).toEqual([true, ledger.account(account.sourceId)?.balance]);
  });

  it('sends everything but control totals when nothing is named, and nothing for another source or a stranger', () => {
    expect(topicsOf(ask({}))).toEqual([
      accounts,
      customers,
      'corebanking.products.v1',
      'corebanking.rates.v1',
      'corebanking.transactions.v1',
    ]);
    expect(topicsOf(ask({ customerSourceIds: ['1000000001'] }))).toEqual([accounts, customers, 'corebanking.transactions.v1']);
    expect(ask({ sourceSystem: 'card' })).toEqual([]);
    expect(ask({ customerSourceIds: ['2000000001', 'x'] })).toEqual([]);
  });

  it('sends each product of the system asked for once, with its newest version', () => {
    const systems = { ...options, systems: ['core', 'card', 'wealth'] as const };
    const request = SyncRequested.fromPartial({ sourceSystem: 'wealth', topics: ['corebanking.products.v1'] });
    const sent = [...answer(systems, request)].map(({ value }) => ProductSnapshot.decode(value));
    const newest = ledgerOf(systems).products();
    expect(sent.length).toBeGreaterThan(20);
    expect(sent).toEqual(newest.filter((p) => p.sourceSystem === 'wealth').map((p) => ({ ...p, repair: true })));
    expect(sent.some(({ version, saleEndDate }) => version === 2n && saleEndDate !== '')).toBe(true);
    const cards = [...answer(systems, SyncRequested.fromPartial({ sourceSystem: 'card', customerSourceIds: ['1000000001'] }))];
    expect(cards).toEqual([]);
  });
});
