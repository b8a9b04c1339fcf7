import { inTransaction } from '@bankcrm/database';
import { CustomersService, InteractionsService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { customerScopeSql } from '@bankcrm/scope';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countCustomers, listPartSql, partsOf } from '../src/store/customer-lists.ts';
import { numberSearchSql, otherSearchSql, ownerInSight, personalSearchSql, wordSearchSql } from '../src/store/customer-search.ts';
import { scopeOf } from '../src/store/visible-customer.ts';
import { accountId, secrets, who } from './support/read-bank.ts';
import { everybody, granted, openScope, outcome, roles, type ScopeBench, sorted, type Who } from './support/read-scope.ts';
import { staffIdOf } from './support/reading.ts';

const unlisted: Who[] = ['closed', 'mentioned'];

/** Which rows of each table somebody sees: those of the customers in sight, the own ones, and all of what is nobody's. SQL literals. */
function rowsOf(customers: string, me: string): Record<string, string> {
  const byCustomer = `customer_id = ANY (${customers})`;
  const byParty = `party_id IN (SELECT party_id FROM customer.party WHERE ${byCustomer})`;
  // Through owners; what is posted, unless one of them is restricted to others.
  const byAccount = `account_id IN (SELECT account_id FROM customer.holder WHERE role <> 3 AND ${byParty})`;
  const hidden = `account_id IN (
    SELECT account_id FROM customer.holder JOIN customer.party USING (party_id) JOIN customer.customer USING (customer_id)
    WHERE role <> 3 AND restricted AND NOT ${byCustomer})`;
  const own = `staff_id = ${me}`;
  return {
    access_grant: own,
    account: byAccount,
    collaborator: own,
    control_total: 'true',
    customer: byCustomer,
    customer_summary: byCustomer,
    history: byCustomer,
    holder: byParty,
    identifying_value: `${byParty} OR ${byCustomer}`,
    interaction: byCustomer,
    name_token: byCustomer,
    org_unit: 'true',
    org_unit_closure: 'true',
    panel: `${byCustomer} AND NOT ${me} = ANY (hidden_from)`,
    participant: own,
    party: byCustomer,
    party_snapshot: byParty,
    product: 'true',
    queue_member: own,
    rate: 'true',
    resync: 'true',
    resync_customer: 'true',
    service_access: own,
    supplement: byCustomer,
    sync_state: 'true',
    ticket_access: `${own} OR queue_id IN (SELECT queue_id FROM customer.queue_member WHERE ${own})`,
    timeline_entry: `${byCustomer} AND NOT ${me} = ANY (hidden_from) AND NOT removed`,
    transaction: `${byAccount} AND NOT ${hidden}`,
    unknown_field: 'true',
    use_count: own,
  };
}

let bench: ScopeBench;
beforeAll(async () => {
  bench = await openScope();
});
afterAll(() => bench?.closeAll());

describe.each(roles)('scope of %s', (name, expected) => {
  it('is the same for get, 360, transactions, interactions, history, list, count, search and holders', async () => {
    const can = bench.readerOf(name).permissions;
    const byGrant = (customer: Who) => granted[name]?.includes(customer) ?? false;
    for (const customer of everybody) {
      const resource = `customers/${bench.ids[customer]}`;
      const want = expected.includes(customer) ? 'OK' : 'NOT_FOUND';
      expect(await outcome(bench.as(name, CustomersService.getCustomer, { name: resource }))).toBe(want);
      expect(await outcome(bench.as(name, CustomersService.viewCustomer360, { name: resource }))).toBe(want);
      const page = { parent: resource, pageSize: 1, pageToken: '' };
      if (can.has('customer.transactions.list'))
        expect(await outcome(bench.as(name, CustomersService.listTransactions, { ...page, filter: '' }))).toBe(want);
      if (can.has('customer.interactions.list'))
        expect(await outcome(bench.as(name, InteractionsService.listInteractions, page))).toBe(want);
      if (can.has('customer.interactions.list'))
        expect(await outcome(bench.as(name, InteractionsService.listTimeline, { ...page, filter: '' }))).toBe(want);
      if (can.has('customer.history.list'))
        expect(await outcome(bench.as(name, CustomersService.listHistory, page))).toBe(byGrant(customer) ? 'NOT_FOUND' : want);
      const holders = await outcome(
        bench.as(name, CustomersService.listHolders, { parent: `${resource}/holdings/${accountId('A5')}` }),
      );
      expect(holders).toBe(want === 'OK' && ['zhang', 'shan', 'restricted', 'mentioned'].includes(customer) ? 'OK' : 'NOT_FOUND');
    }

    const names = everybody.map((customer) => `customers/${bench.ids[customer]}`);
    const { customers: known } = await bench.as(name, CustomersService.batchGetNames, { names });
    expect(bench.named(known.map((customer) => customer.name))).toEqual(sorted(expected));

    const listed = sorted(expected.filter((customer) => !unlisted.includes(customer)));
    const orders = ['full_name', 'next_birthday', 'open_date desc'];
    if (can.has('customer.financials.get')) orders.push('total_assets desc', 'next_maturity_date');
    for (const orderBy of orders) {
      const { customers } = await bench.as(name, CustomersService.listCustomers, {
        pageSize: 200,
        pageToken: '',
        filter: '',
        orderBy,
      });
      expect(bench.named(customers.map((customer) => customer.name))).toEqual(listed);
    }
    const people = await bench.as(name, CustomersService.listCustomers, {
      pageSize: 200,
      pageToken: '',
      filter: 'kind = "INDIVIDUAL"',
      orderBy: 'full_name',
    });
    expect(bench.named(people.customers.map((customer) => customer.name))).toEqual(
      listed.filter((customer) => customer !== 'org'),
    );
    expect((await bench.as(name, CustomersService.countCustomers, { filter: '' })).count).toBe(BigInt(listed.length));

    const search = async (query: string) =>
      (await bench.as(name, CustomersService.searchCustomers, { query, pageSize: 50, pageToken: '', includeClosed: true }))
        .customers;
    for (const customer of everybody.filter((customer) => customer !== 'mentioned'))
      expect(bench.named((await search(who[customer])).map((found) => found.name))).toEqual(
        expected.includes(customer) ? [customer] : [],
      );
    for (const [query, customer] of [
      ['王石', 'restricted'],
      ['wangshi', 'restricted'],
      [secrets.restrictedId, 'restricted'],
      [secrets.restrictedMobile, 'restricted'],
      [secrets.restrictedAccount, 'restricted'],
      [secrets.zhangId, 'zhang'],
      [secrets.shanMobile, 'shan'],
      ['单雄信', 'shan'],
      ['星河', 'org'],
    ] as const)
      expect(bench.named((await search(query)).map((found) => found.name))).toEqual(
        expected.includes(customer) ? [customer] : [],
      );
    // An account's number finds who signs for it together with its owner only.
    expect(bench.named((await search(secrets.orgAccount)).map((found) => found.name))).toEqual(
      expected.includes('org') ? sorted(expected.filter((customer) => customer === 'org' || customer === 'zhang')) : [],
    );
  });

  it('is what row-level security alone leaves of every table: no row more and no row less than the worker says', async () => {
    const customers = `ARRAY[${expected.map((customer) => `'${bench.ids[customer]}'`)}]::uuid[]`;
    for (const [table, belongs] of Object.entries(rowsOf(customers, `'${staffIdOf(name)}'`))) {
      const { rows } = await bench.workers.query(`SELECT row::text FROM customer.${table} AS row WHERE ${belongs} ORDER BY 1`);
      const visible = await bench.asRequest(name, `SELECT row::text FROM customer.${table} AS row ORDER BY 1`);
      expect([table, visible]).toEqual([table, rows]);
    }
  });

  it('holds when either the scope predicate or row-level security is taken away', async () => {
    const { scope } = bench.readerOf(name);
    const listed = sorted(expected.filter((customer) => !unlisted.includes(customer)));
    const statements = [
      ...partsOf('total_assets desc', []).map((part) => listPartSql({ scope }, { impossible: false }, part, undefined, 200)),
      // As for somebody whose scope names no index to begin at.
      ...partsOf('full_name', []).map((part) =>
        listPartSql({ scope: { ...scope, bank: true } }, { impossible: false }, part, undefined, 200),
      ),
    ];
    for (const { text, values } of statements) {
      const scopeless = text.replaceAll(scopeOf('c'), 'true');
      expect(scopeless).not.toBe(text);
      const byPolicy = await bench.asRequest<{ customer_id: string }>(name, scopeless, values);
      expect(bench.named(byPolicy.map((row) => row.customer_id))).toEqual(listed);
      // The worker's policies let everything through: only the statement's own predicate is left.
      const byPredicate = await inTransaction(
        bench.workers,
        bench.settingsOf(name),
        async (tx) => (await tx.query<{ customer_id: string }>(text, values)).rows,
      );
      expect(bench.named(byPredicate.map((row) => row.customer_id))).toEqual(listed);
    }
    const searches = [
      numberSearchSql(Object.values(who), { values: [], accounts: [] }, true),
      numberSearchSql([], { values: [], accounts: bench.readDeps.index.candidates('account', secrets.orgAccount) }, true),
      ...['z', 'wang', '王', 'c', 's'].flatMap((text) => [
        personalSearchSql({ names: [text], words: [] }, { onlyOwn: false, includeClosed: true }, undefined, 100),
        otherSearchSql(text, { exact: false, includeClosed: true }, undefined, 100),
        wordSearchSql({ names: ['none'], words: [text, text] }, true, undefined, 100),
      ]),
    ];
    for (const { text, values } of searches) {
      const full = new Set((await bench.asRequest<{ customer_id: string }>(name, text, values)).map((row) => row.customer_id));
      const byPolicy = await bench.asRequest<{ customer_id: string }>(
        name,
        text.replaceAll(scopeOf('c'), 'true').replaceAll(ownerInSight, 'true'),
        values,
      );
      expect(bench.named(new Set(byPolicy.map((row) => row.customer_id)))).toEqual(bench.named(full));
      const byPredicate = await inTransaction(
        bench.workers,
        bench.settingsOf(name),
        async (tx) => (await tx.query<{ customer_id: string }>(text, values)).rows,
      );
      expect(bench.named(new Set(byPredicate.map((row) => row.customer_id)))).toEqual(bench.named(full));
      for (const id of full) expect(expected).toContain(bench.byId.get(id));
    }
    const predicateOnly = await inTransaction(bench.workers, bench.settingsOf(name), (tx) =>
      countCustomers(tx, { scope }, { impossible: false }),
    );
    expect(predicateOnly).toBe(BigInt(listed.length));
  });
});

it('is empty for roles that read no customers', async () => {
  for (const name of ['marketer', 'operator'] as const) {
    expect(
      await outcome(bench.as(name, CustomersService.listCustomers, { pageSize: 0, pageToken: '', filter: '', orderBy: '' })),
    ).toBe('DENIED');
    expect(await bench.asRequest(name, 'SELECT FROM customer.customer')).toEqual([]);
  }
});

it('is known of every table that a request may read, none of them empty here', async () => {
  const { rows } = await bench.workers.query<{ relname: string }>(
    `SELECT relname FROM pg_class
     WHERE relnamespace = 'customer'::regnamespace AND relkind = 'r' AND has_table_privilege('customer_request', oid, 'SELECT') ORDER BY relname`,
  );
  expect(rows.map(({ relname }) => relname)).toEqual(Object.keys(rowsOf('', '')));
  for (const { relname } of rows)
    expect([relname, (await bench.workers.query(`SELECT FROM customer.${relname} LIMIT 1`)).rowCount]).toEqual([relname, 1]);
});

describe('one definition of scope', () => {
  it('stands in the policy as customerScopeSql() writes it', async () => {
    const client = new pg.Client({ connectionString: bench.urls.owner });
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query(
        `CREATE POLICY wanted ON customer.customer TO customer_request USING (${customerScopeSql({ customer: 'customer', schema: 'customer' })})`,
      );
      const { rows } = await client.query<{ polname: string; text: string }>(
        `SELECT polname, pg_get_expr(polqual, polrelid) AS text FROM pg_policy
         WHERE polrelid = 'customer.customer'::regclass AND polname IN ('wanted', 'request_scope')`,
      );
      const text = Object.fromEntries(rows.map((row) => [row.polname, row.text]));
      expect(text.request_scope).toBeTruthy();
      expect(text.request_scope).toBe(text.wanted);
    } finally {
      await client.query('ROLLBACK');
      await client.end();
    }
  });

  it('stands in the function that manages restrictions, without what it says of them', async () => {
    const { rows } = await bench.workers.query<{ source: string }>(
      `SELECT prosrc AS source FROM pg_proc WHERE oid = 'customer.wall_of'::regproc`,
    );
    const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
    const [, unrestricted] = /ELSE ([\s\S]*)\bEND$/.exec(customerScopeSql({ customer: 'customer', schema: 'customer' }))!;
    expect(plain(rows[0]!.source)).toContain(`AND ( ${plain(unrestricted!)})`);
  });

  it('stands in the function that searches by words, and holds there past row-level security', async () => {
    const { rows } = await bench.workers.query<{ source: string }>(
      `SELECT prosrc AS source FROM pg_proc WHERE oid = 'customer.find_by_words'::regproc`,
    );
    const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
    expect(plain(rows[0]!.source)).toContain(plain(customerScopeSql({ customer: 'c', schema: 'customer' })));
    for (const [name, expected] of roles)
      for (const text of ['z', 'wang', 's', 'x']) {
        const found = await inTransaction(bench.workers, bench.settingsOf(name), async (tx) => {
          const { text: statement, values } = wordSearchSql({ names: ['none'], words: [text] }, true, undefined, 100);
          return (await tx.query<{ customer_id: string }>(statement.replaceAll(scopeOf('c'), 'true'), values)).rows;
        });
        for (const { customer_id } of found) expect(expected).toContain(bench.byId.get(customer_id));
      }
  });

  it('stands in the function that shows one customer, and holds there with the policies taken away', async () => {
    const { rows } = await bench.workers.query<{ source: string }>(
      `SELECT prosrc AS source FROM pg_proc WHERE oid = 'customer.in_sight'::regproc`,
    );
    const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
    expect(plain(rows[0]!.source)).toContain(plain(customerScopeSql({ customer: 'c', schema: 'customer' })));
    /** Accounts, postings, timeline and panels of everybody in sight, the masked lines included. */
    const views = roles.flatMap(([name, expected]) =>
      expected.map((customer) => {
        const settings = bench.settingsOf(name);
        const values = [Object.keys(settings), Object.values(settings), bench.ids[customer], `staff/${staffIdOf(name)}`];
        const text = `SELECT holdings::text, transactions::text, timeline::text, panels::text
          FROM customer.view_360($1, $2, $3, '2026-11-23', 'CNY', true, true, '{}', gen_random_uuid(), now(), $4, 'test', '', '{}')`;
        return { name, customer, text, values };
      }),
    );
    const shown = [];
    for (const { name, text, values } of views) shown.push(await bench.asRequest(name, text, values));
    const client = new pg.Client({ connectionString: bench.urls.owner });
    await client.connect();
    try {
      await client.query('BEGIN');
      const { rows: tables } = await client.query<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relnamespace = 'customer'::regnamespace AND relkind = 'r'`,
      );
      for (const { name } of tables)
        await client.query(`CREATE POLICY everything ON customer.${name} TO CURRENT_USER USING (true)`);
      const { rows: self } = await client.query<{ name: string }>('SELECT quote_ident(current_user) AS name');
      await client.query('SET LOCAL ROLE customer_worker');
      await client.query(
        `GRANT EXECUTE ON FUNCTION customer.signed_lines, customer.behind_wall, customer.hidden_holders TO ${self[0]!.name}`,
      );
      await client.query('RESET ROLE');
      for (const [name, expected] of roles) {
        for (const [key, value] of Object.entries(bench.settingsOf(name)))
          await client.query('SELECT set_config($1, $2, true)', [key, value]);
        const { rows: found } = await client.query<{ customer_id: string }>(
          'SELECT customer_id FROM customer.customer WHERE customer.profile_of(customer_id) IS NOT NULL',
        );
        expect([name, bench.named(found.map((row) => row.customer_id))]).toEqual([name, sorted(expected)]);
      }
      for (const [index, { name, customer, text, values }] of views.entries())
        expect([name, customer, (await client.query(text, values)).rows]).toEqual([name, customer, shown[index]]);
    } finally {
      await client.query('ROLLBACK');
      await client.end();
    }
  });

  it('is enforced on the owner of the tables, too', async () => {
    const { rows } = await bench.workers.query<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relnamespace = 'customer'::regnamespace AND relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)`,
    );
    expect(rows).toEqual([]);
  });
});
