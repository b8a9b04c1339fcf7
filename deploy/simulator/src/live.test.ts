import { AccountSnapshot } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { Direction, TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import { describe, expect, it } from 'vitest';
import { type BankMessage, ledgerOf, live } from './index.ts';

const options = { customers: 5, seed: 3, months: 1 };

/** The first `count` messages of a live run whose clock begins at `start` and moves on by a tenth of a second at each look. */
function run(start: string, count: number): BankMessage[] {
  let nowMs = Date.parse(start);
  const now = () => {
    nowMs += 100;
    return new Date(nowMs);
  };
  return live(options, now).take(count).toArray();
}

const transactions = (messages: BankMessage[]) =>
  messages.filter((m) => m.topic === 'corebanking.transactions.v1').map((m) => TransactionPosted.decode(m.value));
const accounts = (messages: BankMessage[]) =>
  messages.filter((m) => m.topic === 'corebanking.accounts.v1').map((m) => AccountSnapshot.decode(m.value));

describe('live', () => {
  it('goes on from the balances that the load ended with', () => {
    const ledger = ledgerOf(options);
    const balances = new Map<string, bigint>();
    const posted = transactions(run('2026-11-02T02:00:00Z', 200));
    expect(posted.length).toBeGreaterThan(50);
    for (const t of posted) {
      const before = balances.get(t.accountSourceId) ?? ledger.account(t.accountSourceId)?.balance?.minorUnits ?? -1n;
      const after = t.balanceAfter?.minorUnits ?? -1n;
      expect(after - before).toBe((t.direction === Direction.CREDIT ? 1n : -1n) * (t.amount?.minorUnits ?? 0n));
      expect(t.sequence).toBeGreaterThan(BigInt(ledger.transactions(t.accountSourceId).length));
      balances.set(t.accountSourceId, after);
    }
  });

  it('is newer in every version, and posts nothing under a number used before, when it is started again', () => {
    const first = run('2026-11-02T02:00:00Z', 200);
    const second = run('2026-11-02T03:00:00Z', 200);
    const newestOfFirst = Math.max(...accounts(first).map((a) => Number(a.version)));
    for (const account of accounts(second)) expect(Number(account.version)).toBeGreaterThan(newestOfFirst);
    const used = new Set(transactions(first).map((t) => t.transactionId));
    expect(transactions(second).some((t) => used.has(t.transactionId))).toBe(false);
  });
});
