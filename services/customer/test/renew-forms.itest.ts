import { inTransaction, nobody } from '@bankcrm/database';
import { CustomersService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { identifyingValueForms } from '../src/app/renew-forms/identifying-values.ts';
import { renewForms } from '../src/app/renew-forms/renew-forms.ts';
import { openReads, type ReadBench } from './support/reading.ts';

let bench: ReadBench;
const customerCount = 700;
const lineOf = (at: number) => `010-6${String(at).padStart(7, '0')}`;

beforeAll(async () => {
  bench = await openReads({ lookupsPerDay: 1_000 });
  const snapshots = Array.from({ length: customerCount }, (_, at) =>
    CustomerSnapshot.fromPartial({
      sourceSystem: 'core',
      sourceId: `R${at}`,
      version: 1n,
      state: 1,
      profile: { $case: 'individual', value: { fullName: `客${at}` } },
      identifiers: [{ kind: 1, value: '11010519491231002X' }],
      contacts: [{ kind: 2, value: lineOf(at) }],
      addresses: [{ purpose: 'home', regionCode: '110105', line: `长安街${at}号` }],
      homeBranchCode: 'HQ',
    }),
  );
  await bench.give('customer', ...snapshots);
});
afterAll(() => bench?.closeAll());

/** All rows as the service wrote them before: landlines indexed by their digits, ID numbers shown with their last four. */
beforeEach(async () => {
  const { rows } = await bench.workers.query<{ value_id: string; kind: string; sealed: Buffer }>(
    'SELECT value_id, kind, sealed FROM customer.identifying_value',
  );
  const old = rows.map(({ value_id, kind, sealed }) => {
    const place = { table: 'customer.identifying_value', column: 'sealed', rowId: value_id };
    const value = bench.fields.open(sealed, place).toString();
    if (kind === 'phone') return [value_id, '010****0001', bench.index.of('phone', value.replace('-', ''))] as const;
    return kind === 'home'
      ? ([value_id, '北京市', null] as const)
      : ([value_id, '**************002X', bench.index.of('id-number', value)] as const);
  });
  await bench.workers.query(
    `UPDATE customer.identifying_value AS v SET form = 1, masked = given.masked, blind_index = given.blind_index
     FROM unnest($1::uuid[], $2::text[], $3::bytea[]) AS given (value_id, masked, blind_index) WHERE v.value_id = given.value_id`,
    [old.map(([id]) => id), old.map(([, masked]) => masked), old.map(([, , index]) => index)],
  );
});

const waiting = async () =>
  Number((await bench.workers.query('SELECT count(*) AS n FROM customer.identifying_value WHERE form < 2')).rows[0].n);
const newReplica = (lines: object[] = []) => {
  const log = { info: (line: object) => void lines.push(line), warn: (line: object) => void lines.push(line) };
  return renewForms(bench.workers, [identifyingValueForms(bench)], log as never);
};
const runToEnd = async (turn: () => Promise<boolean>) => {
  while (await turn());
};
const kinds = async () =>
  (
    await bench.workers.query(
      'SELECT kind, masked, count(*)::int AS n FROM customer.identifying_value GROUP BY kind, masked ORDER BY kind',
    )
  ).rows;
const found = async (query: string) => {
  const request = { query, pageSize: 20, pageToken: '', includeClosed: false };
  return (await bench.as('hqManager', CustomersService.searchCustomers, request)).customers.map(({ fullName }) => fullName);
};

it('brings every row to the current form in bounded turns, and finds its owner before, meanwhile and after', async () => {
  const searches = ['+86 10 6000 0007', '01060000007', '010/6000.0007'];
  const turn = newReplica();
  for (const query of searches) expect(await found(query)).toEqual(['客7']);
  expect(await turn()).toBe(true);
  expect(await waiting()).toBe(customerCount * 3 - 500);
  for (const query of searches) expect(await found(query)).toEqual(['客7']);
  await runToEnd(turn);
  expect(await waiting()).toBe(0);
  for (const query of searches) expect(await found(query)).toEqual(['客7']);
  expect(await kinds()).toEqual(
    expect.arrayContaining([
      { kind: 'home', masked: '北京市', n: customerCount },
      { kind: 'resident-id', masked: '***************02*', n: customerCount },
    ]),
  );
  const { rows } = await bench.workers.query(`SELECT FROM customer.identifying_value WHERE kind = 'phone' AND blind_index = $1`, [
    bench.index.of('phone', '+861060000007'),
  ]);
  expect(rows.length).toBe(1);
});

it('shares the rows among replicas, each row once', async () => {
  const lines: { renewed?: number }[] = [];
  await Promise.all([newReplica(lines), newReplica(lines), newReplica(lines)].map(runToEnd));
  expect(await waiting()).toBe(0);
  expect(lines.reduce((sum, { renewed = 0 }) => sum + renewed, 0)).toBe(customerCount * 3);
});

it('goes on where it was killed, and keeps nothing of a turn that did not commit', async () => {
  await newReplica()();
  const before = await waiting();
  const killed = inTransaction(bench.workers, nobody, async (tx) => {
    const { renewed } = await identifyingValueForms(bench).renew(tx, '00000000-0000-0000-0000-000000000000');
    expect(renewed).toBe(500);
    throw new Error('killed');
  });
  await expect(killed).rejects.toThrow('killed');
  expect(await waiting()).toBe(before);
  await runToEnd(newReplica());
  expect(await waiting()).toBe(0);
});

it('leaves a value that does not open as it is, tells of it and ends', async () => {
  const { rows } = await bench.workers.query(
    `UPDATE customer.identifying_value SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)
     WHERE value_id = (SELECT min(value_id::text)::uuid FROM customer.identifying_value WHERE kind = 'phone') RETURNING value_id, masked`,
  );
  const lines: { broken?: number }[] = [];
  await runToEnd(newReplica(lines));
  expect(await waiting()).toBe(1);
  expect(lines.some(({ broken }) => broken === 1)).toBe(true);
  const { rows: kept } = await bench.workers.query('SELECT masked FROM customer.identifying_value WHERE value_id = $1', [
    rows[0].value_id,
  ]);
  expect(kept[0].masked).toBe(rows[0].masked);
  await bench.workers.query('DELETE FROM customer.identifying_value WHERE value_id = $1', [rows[0].value_id]);
});

it('costs one look into an empty index when all is current', async () => {
  await runToEnd(newReplica());
  const { rows } = await bench.workers.query<{ 'QUERY PLAN': string }>(
    `EXPLAIN SELECT value_id FROM customer.identifying_value WHERE form < 2 AND value_id > $1 ORDER BY value_id LIMIT 500 FOR UPDATE SKIP LOCKED`,
    ['00000000-0000-0000-0000-000000000000'],
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('identifying_value_old_form');
  expect(await newReplica()()).toBe(false);
});
