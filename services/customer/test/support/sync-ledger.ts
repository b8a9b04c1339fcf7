import type { CoreBank } from '@bankcrm/simulator';
import { expect } from 'vitest';
import { account, party, type SyncBench } from './syncing.ts';

const kinds = ['', 'deposit', 'term-deposit', 'wealth', 'fund', 'loan', 'credit-card', 'debit-card'];
const states = ['', 'active', 'closed', 'written-off'];
const customerStates = ['', 'ACTIVE', 'DORMANT', 'CLOSED'];
const genders = [undefined, 'female', 'male'];

/** What the simulator's own books say, row by row, against what PostgreSQL holds. */
export async function expectLedger({ workers }: Pick<SyncBench, 'workers'>, bank: CoreBank): Promise<void> {
  const expected = {
    customers: [] as unknown[],
    accounts: [] as unknown[],
    holders: [] as unknown[],
    transactions: [] as unknown[],
  };
  for (const { customer, accounts, transactions } of bank.all()) {
    const { profile } = customer;
    expected.customers.push({
      party_id: party(customer.sourceId),
      version: customer.version,
      state: customerStates[customer.state],
      full_name: profile?.value.fullName ?? '',
      birth_date: profile?.$case === 'individual' && profile.value.birthDate !== '' ? profile.value.birthDate : null,
      gender: profile?.$case === 'individual' ? (genders[profile.value.gender] ?? null) : null,
      segment: customer.segment,
      code: customer.homeBranchCode,
      rm: customer.rmStaffNumber,
      restricted: customer.restricted,
      values: BigInt(customer.identifiers.length + customer.contacts.length + customer.addresses.length),
    });
    for (const snapshot of accounts) {
      expected.accounts.push({
        account_id: account(snapshot.sourceId),
        version: snapshot.version,
        kind: kinds[snapshot.kind],
        state: states[snapshot.state],
        currency_code: snapshot.currencyCode,
        balance_minor: snapshot.balance?.minorUnits ?? null,
        credit_limit_minor: snapshot.creditLimit?.minorUnits ?? null,
        frozen: snapshot.frozen,
        last: snapshot.number.slice(-4),
      });
      for (const { customerSourceId, role } of snapshot.holders)
        expected.holders.push({ party_id: party(customerSourceId), account_id: account(snapshot.sourceId), role });
    }
    for (const posted of transactions)
      expected.transactions.push({
        source_transaction_id: posted.transactionId,
        account_id: account(posted.accountSourceId),
        party_id: party(posted.customerSourceId),
        sequence: posted.sequence,
        post_time: posted.postTime,
        booking_date: posted.bookingDate,
        direction: posted.direction,
        currency_code: posted.amount?.currencyCode,
        amount_minor: posted.amount?.minorUnits,
        balance_after_minor: posted.balanceAfter?.minorUnits ?? null,
        kind: posted.kind,
      });
  }
  const read = async (sql: string) => new Set((await workers.query(sql)).rows.map(canonical));
  const wanted = (rows: unknown[]) => new Set(rows.map(canonical));

  expect(
    await read(`
      SELECT party_id, snapshot.version, customer.state, full_name, birth_date, profile->>'gender' AS gender, segment, home_org_unit_code AS code,
        rm_staff_number AS rm, restricted, (SELECT count(*) FROM customer.identifying_value AS value WHERE value.party_id = party.party_id) AS values
      FROM customer.party JOIN customer.customer USING (customer_id) JOIN customer.party_snapshot AS snapshot USING (party_id)`),
  ).toEqual(wanted(expected.customers));
  expect(
    await read(`
      SELECT account_id, version, kind, state, currency_code, balance_minor, credit_limit_minor, frozen, right(number_masked, 4) AS last
      FROM customer.account`),
  ).toEqual(wanted(expected.accounts));
  expect(await read('SELECT party_id, account_id, role FROM customer.holder')).toEqual(wanted(expected.holders));
  expect(
    await read(`
      SELECT source_transaction_id, account_id, party_id, sequence, post_time, booking_date, direction, currency_code, amount_minor,
        balance_after_minor, kind FROM customer.transaction`),
  ).toEqual(wanted(expected.transactions));
}

/** One text per row, whatever the order of its columns. */
const canonical = (row: unknown): string =>
  JSON.stringify(
    Object.entries(row as Record<string, unknown>)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, typeof value === 'bigint' ? `${value}` : value]),
  );
