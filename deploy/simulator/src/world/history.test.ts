import { AccountKind, AccountState } from '@bankcrm/proto/gen/corebanking/v1/accounts.ts';
import { ContactKind, CustomerState, Gender, IdentifierKind } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { Direction, type TransactionPosted } from '@bankcrm/proto/gen/corebanking/v1/transactions.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf } from './history.ts';
import { type World, type WorldOptions, worldOf } from './world.ts';

const world = worldOf({ customers: 3_000, seed: 7, months: 4 });
const histories = Array.from({ length: world.customers }, (_, index) => historyOf(world, index));
const snapshots = histories.map(({ customer }) => customer.snapshot);
const people = snapshots.flatMap((s) => (s.profile?.$case === 'individual' ? [{ snapshot: s, person: s.profile.value }] : []));
const companies = snapshots.filter((s) => s.profile?.$case === 'organisation');

/** Written down from the standard, not from the code under test: Σ digit × 2^(position from the right) ≡ 1 (mod 11). */
function fitsIso7064Mod11(number: string): boolean {
  const sum = [...number].reduce((rest, c) => (rest * 2 + (c === 'X' ? 10 : Number(c))) % 11, 0);
  return sum === 1;
}

describe('customers', () => {
  it('have ID numbers that fit ISO 7064, their birth date and their gender', () => {
    const holders = people.filter(({ snapshot }) => snapshot.identifiers[0]?.value.length === 18);
    expect(holders.length).toBeGreaterThan(2_000);
    for (const { snapshot, person } of holders) {
      const number = snapshot.identifiers[0]?.value as string;
      expect(fitsIso7064Mod11(number)).toBe(true);
      if (person.birthDate) expect(number.slice(6, 14)).toBe(person.birthDate.replaceAll('-', ''));
      if (person.gender !== Gender.UNSPECIFIED) expect(Number(number[16]) % 2).toBe(person.gender === Gender.MALE ? 1 : 0);
    }
  });

  it('never share an ID number or a mobile phone, nor accounts a number', () => {
    const all = [
      snapshots.flatMap((s) => s.identifiers.map((i) => i.value)),
      snapshots.flatMap((s) => s.contacts.filter((c) => c.preferred).map((c) => c.value)),
      histories.flatMap(({ accounts }) => accounts.map((a) => a.base.number)),
    ];
    for (const values of all) expect(new Set(values).size).toBe(values.length);
  });

  it('have landlines with an area code of the mainland and a number that begins with 2 to 8', () => {
    const landlines = snapshots.flatMap((s) => s.contacts.filter((c) => c.kind === ContactKind.PHONE).map((c) => c.value));
    expect(landlines.length).toBeGreaterThan(300);
    // The telephone numbering plan: 10, 2x but 26, and three digits from 3 on, of which the ones with eight digits after them are large cities.
    for (const landline of landlines) expect(landline).toMatch(/^0(?:10|2[0-57-9]|[3-9]\d{2})-[2-8]\d{7}$/);
  });

  it('are companies in about twelve of a hundred cases', () => {
    // Binomial(2,984, 0.12): 358 ± 5 standard deviations of 18.
    expect(Math.abs(companies.length - 358)).toBeLessThan(90);
    for (const company of companies)
      expect(company.identifiers[0]).toMatchObject({
        kind: IdentifierKind.UNIFIED_SOCIAL_CREDIT_CODE,
        value: expect.stringMatching(/^91\d{6}\d{8}[\dX][0-9A-HJ-NPQRTUWXY]$/),
      });
  });

  it('have the names that search must cope with, in a bank of any size', () => {
    const names = new Set(people.slice(0, 16).map(({ person }) => person.fullName));
    for (const name of ['张伟', '单秀英', '曾静', '解志强', '尉迟建国', '买买提·吐尔逊', '李𬀩', '陈𠅤'])
      expect(names).toContain(name);
  });

  it('have surnames in the order of the census', () => {
    const count = (surname: string) => people.filter(({ person }) => person.fullName.startsWith(surname)).length;
    expect(count('王')).toBeGreaterThan(count('杨'));
    expect(count('李')).toBeGreaterThan(count('赵'));
    expect(count('张')).toBeGreaterThan(count('马'));
  });

  it('are held by a manager of their own branch, or by nobody in about one of seven cases', () => {
    for (const { branch, snapshot } of histories.map(({ customer }) => customer)) {
      expect(snapshot.homeBranchCode).toBe(branch.code);
      expect(['', ...branch.rms, ...branch.seniorRms]).toContain(snapshot.rmStaffNumber);
    }
    const share = snapshots.filter((s) => s.rmStaffNumber === '').length / snapshots.length;
    expect(share).toBeGreaterThan(0.11);
    expect(share).toBeLessThan(0.19);
  });

  it('include closed, restricted, foreign and KYC-overdue ones and some without papers', () => {
    const kinds = new Set(snapshots.flatMap((s) => s.identifiers.map((i) => i.kind)));
    expect([...kinds].sort()).toEqual([1, 2, 3, 5]);
    expect(snapshots.some((s) => s.restricted)).toBe(true);
    expect(snapshots.some((s) => s.identifiers.length === 0)).toBe(true);
    expect(snapshots.some((s) => s.identifiers[0]?.value.length === 15)).toBe(true);
    expect(histories.some(({ customer }) => customer.closeDay !== undefined)).toBe(true);
  });
});

describe('accounts', () => {
  it('come in every kind and are held by customers of the bank', () => {
    const accounts = histories.flatMap(({ accounts }) => accounts);
    expect([...new Set(accounts.map((a) => a.base.kind))].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const customers = new Set(snapshots.map((s) => s.sourceId));
    const ids = new Set(accounts.map((a) => a.base.sourceId));
    for (const { base } of accounts) {
      expect(base.holders.every((holder) => customers.has(holder.customerSourceId))).toBe(true);
      if (base.kind === AccountKind.DEBIT_CARD) expect(ids).toContain(base.linkedAccountSourceId);
    }
    expect(accounts.some((a) => a.base.holders.length > 1)).toBe(true);
    expect(accounts.some((a) => a.base.frozen)).toBe(true);
    expect(accounts.some((a) => a.base.dormant)).toBe(true);
    expect(new Set(accounts.map((a) => a.base.currencyCode))).toEqual(new Set(['CNY', 'USD', 'HKD', 'EUR']));
  });

  it('are closed and empty once their customer is gone', () => {
    for (const { customer, events } of histories.filter((h) => h.customer.closeDay !== undefined)) {
      const last = events.filter((e) => e.type === 'customer').at(-1);
      expect(last?.value.state).toBe(CustomerState.CLOSED);
      expect(last?.value.closeDate).not.toBe('');
      const newest = new Map(events.flatMap((e) => (e.type === 'account' ? [[e.value.sourceId, e.value] as const] : [])));
      for (const account of newest.values()) {
        expect(account.state).toBe(AccountState.CLOSED);
        expect(account.balance?.minorUnits ?? 0n).toBe(0n);
      }
      expect(customer.closeDay).toBeLessThanOrEqual(world.until);
    }
  });
});

/** Random worlds and customers, for what must hold in all of them. */
const anyHistory = fc
  .record({
    seed: fc.nat(0x7fff_ffff),
    months: fc.integer({ min: 0, max: 8 }),
    activity: fc.constantFrom(0, 0.3, 1, 6),
    index: fc.nat(499),
  })
  .map(({ index, ...options }) => ({ world: worldOf({ customers: 500, ...options } satisfies WorldOptions), index }));

function byAccount(world: World, index: number): Map<string, TransactionPosted[]> {
  const transactions = historyOf(world, index).events.flatMap((e) => (e.type === 'transaction' ? [e.value] : []));
  return Map.groupBy(transactions, (t) => t.accountSourceId);
}

describe('postings', () => {
  it('form an unbroken chain of balances on every account, oldest first, that never goes below zero', () => {
    fc.assert(
      fc.property(anyHistory, ({ world, index }) => {
        const owed = new Set(
          historyOf(world, index)
            .accounts.filter((a) => [5, 6].includes(a.base.kind))
            .map((a) => a.base.sourceId),
        );
        for (const [accountId, chain] of byAccount(world, index)) {
          for (const [position, posting] of chain.entries()) {
            const after = posting.balanceAfter?.minorUnits ?? -1n;
            expect(after).toBeGreaterThanOrEqual(0n);
            expect(posting.sequence).toBe(BigInt(position + 1));
            const before = chain[position - 1]?.balanceAfter?.minorUnits;
            if (before === undefined) continue;
            const up = (posting.direction === Direction.CREDIT) !== owed.has(accountId);
            expect(after - before).toBe((up ? 1n : -1n) * (posting.amount?.minorUnits ?? 0n));
            expect(posting.postTime?.getTime()).toBeGreaterThanOrEqual(chain[position - 1]?.postTime?.getTime() ?? 0);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('are followed by a snapshot with the newest balance; time and versions only grow', () => {
    fc.assert(
      fc.property(anyHistory, ({ world, index }) => {
        const { events } = historyOf(world, index);
        const newest = new Map<string, bigint>();
        for (const [position, event] of events.entries()) {
          expect(event.at.getTime()).toBeGreaterThanOrEqual(events[position - 1]?.at.getTime() ?? 0);
          if (event.type !== 'account' && event.type !== 'customer') continue;
          expect(event.value.version).toBeGreaterThan(newest.get(event.type + event.value.sourceId) ?? 0n);
          newest.set(event.type + event.value.sourceId, event.value.version);
        }
        for (const [accountId, chain] of byAccount(world, index)) {
          const last = events.findLast((e) => e.type === 'account' && e.value.sourceId === accountId);
          expect(last?.type === 'account' && last.value.balance).toEqual(chain.at(-1)?.balanceAfter);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('fade on the accounts of those who leave', () => {
    const long = worldOf({ customers: 1_500, seed: 3, months: 6 });
    const months = { churner: [0, 0], stayer: [0, 0] };
    for (let index = 0; index < long.customers; index++) {
      const { customer, events } = historyOf(long, index);
      if (customer.organisation || customer.openDay > long.start) continue;
      const counts = months[customer.churner ? 'churner' : 'stayer'];
      for (const event of events) {
        if (event.type !== 'transaction' || event.value.kind !== 'card-payment') continue;
        if (event.value.bookingDate.startsWith('2026-05')) counts[0]!++;
        if (event.value.bookingDate.startsWith('2026-09')) counts[1]!++;
      }
    }
    expect(months.churner[1]! / months.churner[0]!).toBeLessThan(0.1);
    expect(months.stayer[1]! / months.stayer[0]!).toBeGreaterThan(0.7);
  });
});
