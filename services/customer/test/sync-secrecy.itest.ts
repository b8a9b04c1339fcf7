import { breakMessage, ledgerOf, simulate } from '@bankcrm/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStream, openSync, type SyncBench } from './support/syncing.ts';

const bank = { customers: 30, seed: 31, months: 1 };

let sync: SyncBench;
let stream: Awaited<ReturnType<typeof openStream>>;
beforeAll(async () => {
  sync = await openSync();
  stream = await openStream(sync);
  const messages = [...simulate(bank)];
  const poison = messages
    .filter(({ topic }) => topic === 'corebanking.customers.v1' || topic === 'corebanking.accounts.v1')
    .slice(0, 10)
    .flatMap((message) => breakMessage('unknown-enum', message) ?? []);
  await stream.publish([...messages, ...poison]);
  await stream.drained();
});
afterAll(async () => {
  await stream.close();
  await sync.close();
});

/** Every value that must stand nowhere in the clear: ID numbers, phones, e-mails, addresses, account, card and counterparty numbers. */
function secrets(): string[] {
  const found = new Set<string>();
  for (const { customer, accounts, transactions } of ledgerOf(bank).all()) {
    for (const { value } of [...customer.identifiers, ...customer.contacts]) found.add(value);
    for (const { line } of customer.addresses) found.add(line);
    for (const { number } of accounts) found.add(number);
    for (const { counterpartyAccount } of transactions) found.add(counterpartyAccount);
  }
  found.delete('');
  return [...found];
}

/** What every text, JSON, array and binary column of every table of the service holds. */
async function everything(): Promise<string[]> {
  const { rows: columns } = await sync.workers.query<{ schema: string; name: string; column: string; type: string }>(`
    SELECT table_schema AS schema, table_name AS name, column_name AS column, data_type AS type FROM information_schema.columns
    WHERE table_schema IN ('customer', 'events', 'requests') AND data_type IN ('text', 'jsonb', 'bytea', 'ARRAY')
      AND (table_schema, table_name) IN (SELECT schemaname, tablename FROM pg_tables)`);
  expect(columns.length).toBeGreaterThan(60);
  const texts: string[] = [];
  for (const { schema, name, column, type } of columns) {
    const value = type === 'bytea' ? `"${column}"` : `"${column}"::text`;
    const { rows } = await sync.workers.query<{ value: Buffer | string | null }>(
      `SELECT ${value} AS value FROM ${schema}."${name}"`,
    );
    for (const row of rows) if (row.value !== null) texts.push(row.value.toString());
  }
  return texts;
}

it('no identifying value stands in the clear in any column of any table', async () => {
  const wanted = secrets();
  expect(wanted.length).toBeGreaterThan(100);
  const haystack = (await everything()).join('\n');
  expect(haystack.length).toBeGreaterThan(100_000);
  expect(wanted.filter((secret) => haystack.includes(secret))).toEqual([]);
});

it('what is stored sealed opens to what the source wrote, in its own place only', async () => {
  const [first] = ledgerOf(bank).all();
  const { rows } = await sync.workers.query(`SELECT account_id, number_sealed FROM customer.account WHERE source_id = ANY ($1)`, [
    first!.accounts.map(({ sourceId }) => sourceId),
  ]);
  const place = (rowId: string) => ({ table: 'customer.account', column: 'number_sealed', rowId });
  const opened = rows.map(({ account_id, number_sealed }) => sync.fields.open(number_sealed, place(account_id)).toString());
  expect(new Set(opened)).toEqual(new Set(first!.accounts.map(({ number }) => number)));
  expect(() => sync.fields.open(rows[0].number_sealed, place('another row'))).toThrow('SEAL_BROKEN');
});
