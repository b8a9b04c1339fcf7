import { CustomersService, InteractionsService, PresentedKind } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secrets } from './support/read-bank.ts';
import { everybody, openScope, outcome, type ScopeBench, seen, type Who } from './support/read-scope.ts';
import { type StaffName, staffIdOf } from './support/reading.ts';

let bench: ScopeBench;
beforeAll(async () => {
  bench = await openScope();
});
afterAll(() => bench?.closeAll());

describe('a connection that says nobody', () => {
  it('sees no row of any table, before and after somebody has used it', async () => {
    const { rows: tables } = await bench.workers.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE (schemaname = 'customer' OR (schemaname, tablename) IN (('requests', 'request'), ('events', 'dead_letter')))
         AND has_table_privilege('customer_request', format('%I.%I', schemaname, tablename), 'SELECT')`,
    );
    expect(tables.length).toBeGreaterThan(20);
    const client = new pg.Client({ connectionString: bench.urls.request });
    await client.connect();
    try {
      const rowsSeen = async () => {
        const counts: string[] = [];
        for (const { name } of tables) {
          const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${name}`);
          if (rows[0]!.n !== '0') counts.push(`${name} ${rows[0]!.n}`);
        }
        return counts;
      };
      expect(await rowsSeen()).toEqual([]);
      await client.query('BEGIN');
      for (const [key, value] of Object.entries(bench.settingsOf('hqManager')))
        await client.query('SELECT set_config($1, $2, true)', [key, value]);
      expect((await rowsSeen()).length).toBeGreaterThan(5);
      await client.query('COMMIT');
      // A transaction-local setting leaves an empty one behind.
      expect((await client.query<{ v: string }>(`SELECT current_setting('bankcrm.bank', true) AS v`)).rows[0]!.v).toBe('');
      expect(await rowsSeen()).toEqual([]);
    } finally {
      await client.end();
    }
  });

  it('opens nobody through the functions that look past the scope', async () => {
    const client = new pg.Client({ connectionString: bench.urls.request });
    await client.connect();
    try {
      const index = bench.readDeps.index.candidates('id-number', secrets.zhangId);
      expect((await client.query('SELECT customer.find_presented($1, $2)', ['id-number', index])).rows).toEqual([]);
      expect((await client.query('SELECT * FROM customer.wall_of($1)', [bench.ids.restricted])).rows).toEqual([]);
      expect((await client.query('SELECT * FROM customer.participants_of($1)', [bench.ids.restricted])).rows).toEqual([]);
      expect(
        (
          await client.query('SELECT customer.remove_participant($1, $2, now()) AS version', [
            bench.ids.restricted,
            bench.ids.zhang,
          ])
        ).rows,
      ).toEqual([{ version: null }]);
    } finally {
      await client.end();
    }
  });
});

it('lets the function behind the counter answer for served callers only, and for no restricted customer', async () => {
  const find = async (name: StaffName, value: string) => {
    const index = bench.readDeps.index.candidates('id-number', value);
    const rows = await bench.asRequest<{ id: string }>(name, 'SELECT customer.find_presented($1, $2) AS id', [
      'id-number',
      index,
    ]);
    return rows.map(({ id }) => bench.byId.get(id));
  };
  expect(await find('teller', secrets.zhangId)).toEqual(['zhang']);
  expect(await find('hqManager', secrets.zhangId)).toEqual([]);
  expect(await find('rm', secrets.zhangId)).toEqual([]);
  expect(await find('teller', secrets.restrictedId)).toEqual([]);
});

it('lets nobody at the counter open a restricted customer', async () => {
  for (const [kind, value] of [
    [PresentedKind.ID_NUMBER, secrets.restrictedId],
    [PresentedKind.PHONE, secrets.restrictedMobile],
    [PresentedKind.ACCOUNT_NUMBER, secrets.restrictedAccount],
  ] as const) {
    const phone = kind === PresentedKind.PHONE;
    const opened = bench.as(phone ? 'agent' : 'teller', CustomersService.startService, {
      kind,
      value,
      channel: phone ? 'phone' : 'counter',
      note: '',
      requestId: '',
    });
    expect(await outcome(opened)).toBe('NOT_FOUND');
  }
});

describe('a request that would widen what somebody sees', () => {
  const sqlState = (name: StaffName, text: string, values: unknown[] = []): Promise<string> =>
    bench.asRequest(name, text, values).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );

  it('writes only the tables that acts of people change', async () => {
    const { rows } = await bench.workers.query<{ granted: string }>(
      `SELECT format('%s %s', relname, string_agg(privilege, ' ' ORDER BY privilege)) AS granted
       FROM pg_class, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
       WHERE relnamespace = 'customer'::regnamespace AND relkind = 'r' AND has_table_privilege('customer_request', pg_class.oid, privilege)
       GROUP BY relname ORDER BY relname`,
    );
    expect(rows.map(({ granted }) => granted)).toEqual([
      'customer UPDATE',
      'history INSERT',
      'identifying_value DELETE INSERT UPDATE',
      'interaction INSERT UPDATE',
      'name_token DELETE INSERT UPDATE',
      'resync INSERT',
      'resync_customer INSERT',
      'supplement DELETE INSERT UPDATE',
      'sync_state INSERT UPDATE',
      'use_count INSERT UPDATE',
    ]);
  });

  it.each(['rm', 'otherRm', 'teller', 'branchManager', 'hqManager', 'compliance', 'admin'] as const)(
    'is refused by the database to %s: own rows among participants and grants, a move of the customer, a row for a customer out of sight',
    async (name) => {
      const me = staffIdOf(name);
      const hidden = everybody.find((customer) => !seen[name]!.includes(customer))!;
      for (const [text, ...values] of [
        [
          'INSERT INTO customer.participant (customer_id, staff_id, reason, source) VALUES ($1, $2, $3, $3)',
          bench.ids[hidden],
          me,
          'manual',
        ],
        ['UPDATE customer.participant SET customer_id = $1, expire_time = NULL', bench.ids[hidden]],
        ['DELETE FROM customer.participant'],
        [
          'INSERT INTO customer.service_access (customer_id, staff_id, served_time) VALUES ($1, $2, now())',
          bench.ids[hidden],
          me,
        ],
        ['UPDATE customer.service_access SET customer_id = $1, served_time = now()', bench.ids[hidden]],
        ['INSERT INTO customer.collaborator (customer_id, staff_id) VALUES ($1, $2)', bench.ids[hidden], me],
        ['INSERT INTO customer.org_unit_closure (ancestor_id, descendant_id) VALUES ($1, $1)', me],
        ['UPDATE customer.party SET customer_id = $1', bench.ids[hidden]],
        ['UPDATE customer.holder SET party_id = $1', me],
        [
          'INSERT INTO customer.interaction (interaction_id, customer_id, kind, direction, summary, occur_time, staff_id) VALUES ($1, $2, $3, $3, $3, now(), $1)',
          me,
          bench.ids[hidden],
          'x',
        ],
        ['INSERT INTO customer.name_token (token, customer_id, kind) VALUES ($1, $2, 1)', 'x', bench.ids[hidden]],
        [
          'INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, $2, $2, $3, now())',
          bench.ids[hidden],
          'x',
          me,
        ],
        ['SELECT FROM customer.data_key'],
      ] as const)
        expect([text, await sqlState(name, text, [...values])]).toEqual([text, '42501']);
      const [own] = seen[name]!;
      if (own === undefined) return;
      for (const change of [
        'restricted = NOT restricted',
        'rm_staff_id = gen_random_uuid()',
        'org_unit_id = gen_random_uuid()',
        'customer_id = gen_random_uuid()',
        `field_sources = field_sources || '{"restricted": {"source": "manual"}}'`,
      ]) {
        const text = `UPDATE customer.customer SET ${change} WHERE customer_id = $1`;
        expect([text, await sqlState(name, text, [bench.ids[own]])]).toEqual([text, '42501']);
      }
      const lift = `INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, 'restricted', 'false', $2, now())`;
      expect(await sqlState(name, lift, [bench.ids[own], me])).toBe('42501');
    },
  );

  it('neither lifts a restriction nor lets the caller in by the functions of those who keep restrictions', async () => {
    await bench.workers.query(`UPDATE customer.customer SET restricted = true WHERE customer_id = $1`, [bench.ids.pool]);
    const { rows } = await bench.workers.query<{ version: bigint }>(
      'SELECT version FROM customer.customer WHERE customer_id = $1',
      [bench.ids.pool],
    );
    const [lifted] = await bench.asRequest(
      'compliance',
      `SELECT customer.set_wall($1, $2, false, 'x', now(), now()::text) AS version`,
      [bench.ids.pool, rows[0]!.version],
    );
    const [named] = await bench.asRequest('compliance', `SELECT customer.add_participant($1, $2, 'x', NULL, now()) AS version`, [
      bench.ids.pool,
      staffIdOf('compliance'),
    ]);
    expect([lifted, named]).toEqual([{ version: null }, { version: null }]);
    expect(await bench.asRequest('compliance', 'SELECT FROM customer.customer WHERE customer_id = $1', [bench.ids.pool])).toEqual(
      [],
    );
    await bench.workers.query(`UPDATE customer.customer SET restricted = false WHERE customer_id = $1`, [bench.ids.pool]);
  });

  it('leaves standing what keeps a customer restricted', async () => {
    await bench.workers.query(
      `INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, 'restricted', 'true', $2, now())`,
      [bench.ids.restricted, staffIdOf('compliance')],
    );
    await bench.asRequest('rm', `UPDATE customer.supplement SET value = 'false' WHERE field = 'restricted'`);
    await bench.asRequest('rm', `DELETE FROM customer.supplement WHERE field = 'restricted'`);
    const { rows } = await bench.workers.query(`DELETE FROM customer.supplement WHERE field = 'restricted' RETURNING value`);
    expect(rows).toEqual([{ value: 'true' }]);
  });

  it('keeps a customer open for 90 days from the last interaction, and never opens one again', async () => {
    const served = bench.ids.served;
    const servedTime = async (name: StaffName) => {
      const { rows } = await bench.workers.query<{ age: number }>(
        `SELECT round(extract(epoch FROM now() - served_time) / 86400)::int AS age FROM customer.service_access WHERE customer_id = $1 AND staff_id = $2`,
        [served, staffIdOf(name)],
      );
      return rows.map(({ age }) => age);
    };
    const record = (daysAgo: number) =>
      bench.as('teller', InteractionsService.createInteraction, {
        parent: `customers/${served}`,
        interaction: {
          name: '',
          kind: 'call',
          direction: 'outbound',
          summary: '回访',
          occurTime: new Date(Date.now() - daysAgo * 86_400_000),
          staff: '',
          nextStep: undefined,
          etag: '',
          subject: '',
        },
        requestId: '',
      });
    await bench.workers.query(`UPDATE customer.service_access SET served_time = now() - interval '89 days' WHERE staff_id = $1`, [
      staffIdOf('teller'),
    ]);
    await record(20);
    expect(await servedTime('teller')).toEqual([20]);
    await record(30);
    expect(await servedTime('teller')).toEqual([20]);
    // Neither a window that has ended, nor one that never was; nor beyond today.
    for (const [name, ends] of [
      ['otherTeller', [100]],
      ['agent', []],
      ['teller', [0]],
    ] as const) {
      await bench.asRequest(name, `SELECT customer.keep_serving($1, 'infinity')`, [served]);
      expect([name, await servedTime(name)]).toEqual([name, ends]);
    }
    await bench.workers.query(`UPDATE customer.service_access SET served_time = now() - interval '10 days' WHERE staff_id = $1`, [
      staffIdOf('teller'),
    ]);
  });

  it('opens at the counter the customer whose identifier was presented, and no other', async () => {
    const index = bench.readDeps.index.candidates('id-number', secrets.zhangId);
    const open = async (name: StaffName, customer: Who) =>
      (
        await bench.asRequest<{ done: boolean }>(name, 'SELECT customer.open_presented($1, $2, $3) AS done', [
          'id-number',
          index,
          bench.ids[customer],
        ])
      )[0]!.done;
    expect([await open('otherTeller', 'shan'), await open('rm', 'zhang'), await open('otherTeller', 'restricted')]).toEqual([
      false,
      false,
      false,
    ]);
    const shared = bench.readDeps.index.candidates('account', secrets.orgAccount);
    for (const customer of ['org', 'zhang'] as const)
      expect(
        await bench.asRequest('otherTeller', 'SELECT customer.open_presented($1, $2, $3) AS done', [
          'account',
          shared,
          bench.ids[customer],
        ]),
      ).toEqual([{ done: false }]);
    expect(await open('otherTeller', 'zhang')).toBe(true);
    expect(await bench.asRequest('otherTeller', 'SELECT customer_id FROM customer.customer')).toEqual([
      { customer_id: bench.ids.zhang },
    ]);
    await bench.workers.query('DELETE FROM customer.service_access WHERE customer_id = $1', [bench.ids.zhang]);
  });
});
