import { createHash } from 'node:crypto';
import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { ControlTotals } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { describe, expect, it } from 'vitest';
import { type BankMessage, ledgerOf, type SimulateOptions, shuffled, simulate, withDuplicates } from './index.ts';

const options: SimulateOptions = { customers: 150, seed: 11, months: 3, oddShare: 0.05, correctionShare: 0.5 };

/** What a consumer that keeps the newest version and every transaction once would have at the end. */
function fold(messages: Iterable<BankMessage>) {
  const customers = new Map<string, CustomerSnapshot>();
  const accounts = new Map<string, AccountSnapshot>();
  const transactions = new Map<string, TransactionPosted>();
  const keep = <T extends { sourceId: string; version: bigint }>(into: Map<string, T>, value: T) => {
    if (value.version > (into.get(value.sourceId)?.version ?? 0n)) into.set(value.sourceId, value);
  };
  for (const { topic, value } of messages) {
    if (topic === 'corebanking.customers.v1') keep(customers, CustomerSnapshot.decode(value));
    if (topic === 'corebanking.accounts.v1') keep(accounts, AccountSnapshot.decode(value));
    if (topic !== 'corebanking.transactions.v1') continue;
    const transaction = TransactionPosted.decode(value);
    transactions.set(transaction.transactionId, transaction);
  }
  return { customers, accounts, transactions };
}

describe('the ledger', () => {
  it('equals what the stream leads to, also out of order and with every fourth message twice', () => {
    const disorder = shuffled(withDuplicates(simulate(options), { seed: 5, share: 0.25 }), { seed: 5, window: 3_000 });
    const { customers, accounts, transactions } = fold(disorder);
    const ledger = ledgerOf(options);
    expect(ledger.totals()).toEqual({
      customers: customers.size,
      accounts: accounts.size,
      transactions: transactions.size,
      rates: 276,
    });
    for (const truth of ledger.all()) {
      expect(customers.get(truth.customer.sourceId)).toEqual(truth.customer);
      for (const account of truth.accounts) expect(accounts.get(account.sourceId)).toEqual(account);
      for (const t of truth.transactions) expect(transactions.get(t.transactionId)).toEqual(t);
    }
  });

  it('answers for one customer or account without walking the bank', () => {
    const ledger = ledgerOf({ ...options, customers: 5_000_000 });
    const account = ledger.account('1004000000-01');
    expect(ledger.customer('1004000000')?.sourceId).toBe('1004000000');
    expect(ledger.transactions('1004000000-01').at(-1)?.balanceAfter).toEqual(account?.balance);
    expect(ledger.customer('1005000000')).toBeUndefined();
    expect(ledger.account('no such account')).toBeUndefined();
  });

  it('agrees with the control totals that the stream ends with', () => {
    const messages = [...simulate(options)];
    const control = ControlTotals.decode((messages.at(-1) as BankMessage).value);
    const { customers, accounts, transactions } = fold(messages);
    const postings = [...transactions.values()].map((t) => ({ sourceId: t.transactionId, version: t.sequence }));
    const checksum = (rows: Iterable<{ sourceId: string; version: bigint }>) => {
      const sorted = [...rows].sort((a, b) => (a.sourceId < b.sourceId ? -1 : 1));
      const lines = sorted.map(({ sourceId, version }) => `${sourceId}:${version}\n`);
      return createHash('sha256').update(lines.join('')).digest('hex');
    };
    const ranges = control.ranges.map((r) => [
      r.topic,
      r.fromSourceId,
      r.toSourceId,
      r.count,
      Buffer.from(r.checksum).toString('hex'),
    ]);
    expect(ranges).toEqual([
      ['corebanking.customers.v1', '', '', 150n, checksum(customers.values())],
      ['corebanking.accounts.v1', '', '', BigInt(accounts.size), checksum(accounts.values())],
      ['corebanking.transactions.v1', '', '', BigInt(postings.length), checksum(postings)],
    ]);
  });

  it('is written as JSON lines that end with the totals', () => {
    const ledger = ledgerOf({ ...options, customers: 10 });
    const lines = [...ledger.lines()].map((text) => JSON.parse(text) as Record<string, { sourceId?: string }>);
    expect(lines.filter((line) => line.customer).length).toBe(10);
    expect(lines.at(-1)).toEqual({ totals: ledger.totals() });
  });
});
