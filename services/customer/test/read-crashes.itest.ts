import { CustomersService, InteractionsService, PresentedKind } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillBank, secrets, who } from './read-bank.ts';
import { openReads, type ReadBench, staffIdOf, staffName, traces } from './read-support.ts';

/** Fails the n-th statement from now on, as a lost connection would, and lets all others through. */
class Saboteur {
  #left = Number.POSITIVE_INFINITY;

  failAt(n: number): void {
    this.#left = n;
  }

  get struck(): boolean {
    return this.#left <= 0;
  }

  wrap(pool: pg.Pool): pg.Pool {
    const guarded = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (object, key) => {
          const value: unknown = Reflect.get(object, key);
          if (typeof value !== 'function') return value;
          if (key === 'connect') return async () => guarded(await pool.connect());
          if (key !== 'query') return value.bind(object);
          return (...parts: unknown[]) => {
            this.#left -= 1;
            return this.#left === 0 ? Promise.reject(new Error('the connection is gone')) : value.apply(object, parts);
          };
        },
      });
    return guarded(pool);
  }
}

const saboteur = new Saboteur();
let bench: ReadBench;
let zhang: string;
let pool: string;

beforeAll(async () => {
  bench = await openReads();
  // The deps are read at every call.
  bench.readDeps.requests = saboteur.wrap(bench.requests);
  await fillBank(bench);
  await bench.workers.query('DELETE FROM events.outbox');
  zhang = `customers/${await bench.customerOf(who.zhang)}`;
  pool = `customers/${await bench.customerOf(who.pool)}`;
});
afterAll(() => bench?.closeAll());

const etag = async (customer: string): Promise<string> => {
  const { rows } = await bench.workers.query<{ version: bigint }>(
    'SELECT version FROM customer.customer WHERE customer_id = $1',
    [customer.slice('customers/'.length)],
  );
  return String(rows[0]!.version);
};
const interaction = {
  name: '',
  kind: 'visit',
  direction: 'outbound',
  summary: '面谈',
  occurTime: undefined,
  staff: '',
  nextStep: { description: '回访', dueDate: '', done: false },
  etag: '',
};

/** The entry of the audit log and the row that is kept here have one id. */
const entriesWithoutHistory = async (): Promise<bigint> => {
  const { rows } = await bench.workers.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM events.outbox WHERE topic = 'bankcrm.audit.v1.entries'
     AND NOT EXISTS (SELECT FROM customer.history WHERE history.entry_id = outbox.id)`,
  );
  return rows[0]!.n;
};

/** Every act of a person, in an order in which each can be done once. */
const acts: [name: string, act: () => Promise<unknown>][] = [
  ['a view', () => bench.as('rm', CustomersService.viewCustomer360, { name: zhang })],
  ['a look at the history', () => bench.as('rm', CustomersService.listHistory, { parent: zhang, pageSize: 5, pageToken: '' })],
  [
    'a search',
    () => bench.as('rm', CustomersService.searchCustomers, { query: '张伟', pageSize: 5, pageToken: '', includeClosed: false }),
  ],
  [
    'a reveal',
    async () => {
      const { rows } = await bench.workers.query<{ value_id: string }>(
        `SELECT value_id FROM customer.identifying_value JOIN customer.party USING (party_id) WHERE source_id = $1 AND kind = 'mobile'`,
        [who.zhang],
      );
      const fields = [`contacts/${rows[0]!.value_id}`];
      return bench.as('rm', CustomersService.revealFields, { name: zhang, fields, reasonCode: 'CALL_CUSTOMER', note: '' });
    },
  ],
  [
    'service at the counter',
    () =>
      bench.as('teller', CustomersService.startService, {
        kind: PresentedKind.ID_NUMBER,
        value: secrets.zhangId,
        channel: 'counter',
        note: '',
        requestId: 'c-1',
      }),
  ],
  [
    'a supplement',
    async () =>
      bench.as('rm', CustomersService.supplementCustomer, {
        name: zhang,
        values: [
          { field: 'occupation', value: '教师' },
          { field: 'mobile', value: '13512345678' },
        ],
        etag: await etag(zhang),
        requestId: 'c-2',
      }),
  ],
  [
    'an interaction',
    () => bench.as('rm', InteractionsService.createInteraction, { parent: zhang, interaction, requestId: 'c-3' }),
  ],
  [
    'a completed step',
    async () => {
      const { rows } = await bench.workers.query<{ interaction_id: string }>(
        `SELECT interaction_id FROM customer.interaction WHERE next_step <> ''`,
      );
      return bench.as('rm', InteractionsService.completeNextStep, {
        name: `${zhang}/interactions/${rows[0]!.interaction_id}`,
        etag: '1',
      });
    },
  ],
  [
    'a wall raised',
    async () => bench.as('compliance', CustomersService.restrictCustomer, { name: pool, reason: '员工', etag: await etag(pool) }),
  ],
  [
    'a participant named',
    () =>
      bench.as('compliance', CustomersService.addParticipant, {
        parent: pool,
        participant: { name: '', staff: staffName('rm'), reason: '经理', expireTime: undefined },
      }),
  ],
  [
    'a participant withdrawn',
    () => bench.as('compliance', CustomersService.removeParticipant, { name: `${pool}/participants/${staffIdOf('rm')}` }),
  ],
  [
    'a wall taken down',
    async () => bench.as('compliance', CustomersService.liftRestriction, { name: pool, reason: '离职', etag: await etag(pool) }),
  ],
];

describe('state, history, audit entry and event of', () => {
  it.each(acts)('%s are written together or not at all, wherever it breaks off', async (name, act) => {
    const before = await traces(bench.workers);
    let n = 1;
    for (; n < 60; n += 1) {
      saboteur.failAt(n);
      const failure = await act().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!saboteur.struck) break;
      expect(failure).toMatchObject({ kind: 'INTERNAL' });
      expect(await traces(bench.workers)).toEqual(before);
    }
    saboteur.failAt(Number.POSITIVE_INFINITY);
    // It broke off at least once, and in the end it was done.
    expect(n).toBeGreaterThan(1);
    const after = await traces(bench.workers);
    expect(Number(after.outbox)).toBeGreaterThan(Number(before.outbox));
    // A search concerns no single customer.
    expect(Number(after.history) - Number(before.history)).toBe(name === 'a search' ? 0 : 1);
    expect(await entriesWithoutHistory()).toBe(name === 'a search' ? 1n : 0n);
    await bench.workers.query('DELETE FROM events.outbox');
  });
});

it('records nothing of a view that was refused but the refusal', async () => {
  const before = await traces(bench.workers);
  const refusals = bench.refusals.length;
  await expect(bench.as('otherRm', CustomersService.viewCustomer360, { name: zhang })).rejects.toMatchObject({
    kind: 'NOT_FOUND',
  });
  await expect(bench.as('otherRm', CustomersService.getCustomer, { name: `customers/${staffIdOf('rm')}` })).rejects.toMatchObject(
    { kind: 'NOT_FOUND' },
  );
  expect(await traces(bench.workers)).toEqual(before);
  expect(bench.refusals.slice(refusals).map(({ actor, reason, operation }) => ({ actor, reason, operation }))).toEqual([
    { actor: staffName('otherRm'), reason: 'NOT_FOUND', operation: 'bankcrm.customer.v1.Customers/ViewCustomer360' },
    { actor: staffName('otherRm'), reason: 'NOT_FOUND', operation: 'bankcrm.customer.v1.Customers/GetCustomer' },
  ]);
});

it('refuses tokens that are none of ours, and systems, which have no customers', async () => {
  const { callUnary } = await import('@bankcrm/service');
  const call = (token: string) =>
    callUnary(bench.channel, CustomersService.getCustomer.path, CustomersService.getCustomer.requestSerialize({ name: zhang }), {
      token,
      deadlineMs: 5_000,
    });
  await expect(call(bench.issuer.tokenFor({ preferred_username: '100001', aud: 'other' }))).rejects.toMatchObject({
    kind: 'UNAUTHENTICATED',
  });
  await expect(call(bench.issuer.tokenFor({ preferred_username: '999999' }))).rejects.toMatchObject({ kind: 'UNAUTHENTICATED' });
  await expect(
    call(bench.issuer.tokenFor({ preferred_username: 'service-account-gateway', azp: 'gateway' })),
  ).rejects.toMatchObject({ kind: 'DENIED' });
});
