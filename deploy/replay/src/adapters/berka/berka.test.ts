import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { AccountKind, AccountSnapshot, AccountState, HolderRole } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { Direction, TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import type { BankMessage } from '@bankcrm/simulator';
import { beforeAll, describe, expect, it } from 'vitest';
import { replay } from '../../index.ts';
import { expected } from './expected.ts';

const dir = fileURLToPath(new URL('../../../../../../shared/data/berka', import.meta.url));
const present = existsSync(dir);
if (!present) console.log(`skipped: the Berka data is not at ${dir}`);

describe.runIf(present)('the Berka replay', () => {
  const customers: CustomerSnapshot[] = [];
  const accounts: AccountSnapshot[] = [];
  const chains = new Map<string, TransactionPosted[]>();
  const digests: string[] = [];

  beforeAll(async () => {
    for (let run = 0; run < 2; run++) {
      const hash = createHash('sha256');
      for await (const message of replay({ source: 'berka', dir })) {
        hash.update(JSON.stringify([message.topic, message.key, message.headers])).update(message.value);
        if (run === 0) keep(message);
      }
      digests.push(hash.digest('hex'));
    }
  });

  function keep({ topic, value }: BankMessage): void {
    if (topic === 'corebanking.customers.v1') customers.push(CustomerSnapshot.decode(value));
    else if (topic === 'corebanking.accounts.v1') accounts.push(AccountSnapshot.decode(value));
    else {
      const t = TransactionPosted.decode(value);
      const chain = chains.get(t.accountSourceId) ?? [];
      chain.push(t);
      chains.set(t.accountSourceId, chain);
    }
  }

  const ofKind = (kind: AccountKind) => accounts.filter((a) => a.kind === kind);

  it('sends the same bytes each time', () => {
    expect(digests[1]).toBe(digests[0]);
  });

  // The numbers are those that the set's own description states.
  it('sends 5,369 clients, 4,500 accounts, 682 loans, 892 cards and 49,102 transactions', () => {
    const transactions = [...chains.values()].reduce((sum, chain) => sum + chain.length, 0);
    const kinds = [AccountKind.DEPOSIT, AccountKind.LOAN, AccountKind.DEBIT_CARD].map((kind) => ofKind(kind).length);
    expect([customers.length, ...kinds, transactions]).toEqual([5_369, 4_500, 682, 892, 49_102]);
  });

  it('gives every account one owner first, and 869 of them an authorised signer', () => {
    const deposits = ofKind(AccountKind.DEPOSIT);
    for (const account of accounts) expect(account.holders[0]?.role).toBe(HolderRole.OWNER);
    expect(deposits.flatMap((a) => a.holders).filter((h) => h.role === HolderRole.OWNER)).toHaveLength(4_500);
    expect(deposits.flatMap((a) => a.holders).filter((h) => h.role === HolderRole.AUTHORISED_SIGNER)).toHaveLength(869);
  });

  it('refers only to customers and accounts that it sends', () => {
    const customerIds = new Set(customers.map((c) => c.sourceId));
    const accountIds = new Set(accounts.map((a) => a.sourceId));
    expect(customerIds.size).toBe(customers.length);
    expect(accountIds.size).toBe(accounts.length);
    for (const account of accounts) {
      expect(account.holders.every((h) => customerIds.has(h.customerSourceId))).toBe(true);
      if (account.kind === AccountKind.DEBIT_CARD) expect(accountIds).toContain(account.linkedAccountSourceId);
    }
    expect([...chains.keys()].every((id) => accountIds.has(id))).toBe(true);
  });

  it('orders each account so that balances follow from each other; exactly 28 accounts lack one movement', () => {
    const gaps = new Map<string, bigint[]>();
    for (const [accountId, chain] of chains) {
      let before = 0n;
      for (const [position, t] of chain.entries()) {
        expect(t.sequence).toBe(BigInt(position + 1));
        const change = (t.direction === Direction.CREDIT ? 1n : -1n) * (t.amount?.minorUnits ?? 0n);
        const after = t.balanceAfter?.minorUnits ?? 0n;
        const gap = after - change - before;
        // Balances in the set are rounded to a tenth of a koruna.
        if (gap > 10n || gap < -10n) gaps.set(accountId, [...(gaps.get(accountId) ?? []), gap]);
        before = after;
      }
    }
    expect(gaps.size).toBe(28);
    expect([...gaps.values()].every((g) => g.length === 1)).toBe(true);
  });

  it('orders time as it orders the chain', () => {
    for (const chain of chains.values())
      for (const [position, t] of chain.entries())
        expect(t.postTime?.getTime()).toBeGreaterThan(chain[position - 1]?.postTime?.getTime() ?? 0);
  });

  it('gives each account the balance at the end of its chain, and none where there is no transaction', async () => {
    const { newestBalances } = await expected(dir);
    const withBalance = ofKind(AccountKind.DEPOSIT).filter((a) => a.balance);
    expect(withBalance).toHaveLength(1_229);
    expect(newestBalances.size).toBe(1_229);
    for (const account of withBalance) {
      expect(account.balance?.minorUnits).toBe(chains.get(account.sourceId)?.at(-1)?.balanceAfter?.minorUnits);
      expect(account.balance?.minorUnits).toBe(newestBalances.get(account.sourceId.replace('account-', '')));
    }
  });

  it('does not take the highest number of a day for the newest: among 876 accounts it is so in 13', () => {
    const lastDays = [...chains.values()].map((chain) => chain.filter((t) => t.bookingDate === chain.at(-1)?.bookingDate));
    const several = lastDays.filter((day) => day.length > 1);
    const highest = (day: TransactionPosted[]) => Math.max(...day.map((t) => Number(t.transactionId)));
    expect(several).toHaveLength(876);
    expect(several.filter((day) => Number(day.at(-1)?.transactionId) === highest(day))).toHaveLength(13);
  });

  it('tells loans apart as the set does: 203 finished, 31 unpaid, 403 running, 45 in debt', () => {
    const loans = ofKind(AccountKind.LOAN);
    const count = (state: AccountState, late: boolean) =>
      loans.filter((l) => l.state === state && l.daysPastDue > 0 === late).length;
    expect(count(AccountState.CLOSED, false)).toBe(203);
    expect(count(AccountState.WRITTEN_OFF, true)).toBe(31);
    expect(count(AccountState.ACTIVE, false)).toBe(403);
    expect(count(AccountState.ACTIVE, true)).toBe(45);
    for (const loan of loans) {
      expect(loan.balance?.minorUnits).toBeGreaterThanOrEqual(0n);
      expect(loan.balance?.minorUnits).toBeLessThanOrEqual(loan.principal?.minorUnits ?? 0n);
    }
  });

  it('says what is missing when the folder is not the set', async () => {
    const first = (folder: string) => replay({ source: 'berka', dir: folder }).next();
    await expect(first('/no/such/folder')).rejects.toThrow(/there is no folder \/no\/such\/folder/);
    await expect(first(fileURLToPath(new URL('.', import.meta.url)))).rejects.toThrow(/lacks client\.csv\.gz, account\.csv\.gz/);
    await expect(replay({ source: 'nobody', dir }).next()).rejects.toThrow(/no adapter "nobody"; known: berka/);
  });
});
