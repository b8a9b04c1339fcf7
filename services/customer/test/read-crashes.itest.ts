import { inTransaction, nobody } from '@bankcrm/database';
import { insertDeadLetters, type PartitionLag, type RawMessage, rejected } from '@bankcrm/events';
import { systemClock } from '@bankcrm/kernel';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CustomersService, InteractionsService, PresentedKind } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { CoreBankingSyncService } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import { methodOf, policyOf } from '@bankcrm/service';
import { simulate } from '@bankcrm/simulator';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountId, fillBank, secrets, who } from './support/read-bank.ts';
import { openReads, type ReadBench, staffIdOf, staffName, traces } from './support/reading.ts';
import { rawOf } from './support/syncing.ts';

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

/** A partition that Kafka holds less of than was read. */
const stopped: PartitionLag = {
  group: 'g',
  topic: 'corebanking.customers.v1',
  partition: 0,
  nextOffset: 99n,
  lowWatermark: 0n,
  highWatermark: 9n,
  messages: 0n,
  seconds: 0,
  appliedMessages: 99n,
  stopped: { reason: 'OFFSET_OUT_OF_RANGE', detail: '', time: new Date() },
};

beforeAll(async () => {
  bench = await openReads({}, (pool) => saboteur.wrap(pool), [stopped]);
  await fillBank(bench);
  const letters = [bad(1), bad(2)].map((raw) => rejected(raw, 'UNKNOWN_ENUM', 'state'));
  await inTransaction(bench.workers, nobody, (tx) =>
    insertDeadLetters(tx, { sealer: bench.sealer, group: 'g', now: systemClock.now() }, letters),
  );
  await bench.workers.query(
    "INSERT INTO customer.sync_state (source_system, topic, applied_messages, last_apply_time) VALUES ('core', 'corebanking.customers.v1', 1, now())",
  );
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
  subject: '',
};

/** A customer of another source, as that sends it, and one that it sent with a state that is none. */
const good = [...simulate({ customers: 1, seed: 52, months: 0, format: 'json', sourceSystem: 'card' })].find(
  ({ topic }) => topic === 'corebanking.customers.v1',
)!;
const bad = (offset: number): RawMessage => {
  const value = { ...(JSON.parse(good.value.toString()) as object), state: 'CUSTOMER_STATE_ASLEEP' };
  return { ...rawOf({ ...good, value: Buffer.from(JSON.stringify(value)) }), offset: BigInt(offset) };
};
const letter = async (offset: number): Promise<{ name: string; etag: string }> => {
  const { rows } = await bench.workers.query<{ id: string; version: bigint }>(
    'SELECT id, version FROM events.dead_letter WHERE "offset" = $1',
    [offset],
  );
  return { name: `deadLetters/${rows[0]!.id}`, etag: String(rows[0]!.version) };
};
const customersOfCore = 'syncStates/core.corebanking.customers.v1';
const page = { pageSize: 5, pageToken: '' };

/** The entries of the audit log that an operation has left. */
const entriesOf = async ({ path }: { path: string }): Promise<Entry[]> => {
  const { rows } = await bench.workers.query<{ payload: Buffer }>(
    `SELECT payload FROM events.outbox WHERE topic = 'bankcrm.audit.v1.entries'`,
  );
  return rows.map(({ payload }) => Entry.decode(payload)).filter((entry) => `/${entry.operation}` === path);
};
/** An entry about a customer and the row that is kept here have one id. */
const withHistory = async (entries: readonly Entry[]): Promise<unknown> => {
  const { rows } = await bench.workers.query<{ id: string }>(
    'SELECT entry_id AS id FROM customer.history WHERE entry_id = ANY ($1::uuid[])',
    [entries.map(({ entryId }) => entryId)],
  );
  return rows.map(({ id }) => id).sort();
};

interface Act {
  method: { path: string };
  act: () => Promise<unknown>;
  /** What it tells the platform beside the audit log; nothing where no customer's state changes by it. */
  event?: string;
  /** What else is told, of core banking's own. */
  toOtherReaders?: string;
  /** What stands before the answer is there, and how it hangs together: acts that take more than one transaction. */
  stands?: { first: readonly string[]; together: () => Promise<boolean> };
}
const Customers = CustomersService;
const Sync = CoreBankingSyncService;
const isPaused = async (): Promise<boolean> =>
  (await bench.workers.query('SELECT FROM customer.sync_state WHERE paused')).rowCount === 1;

const stopPartition = async (): Promise<void> => {
  await bench.workers.query('DELETE FROM events.outbox');
  await bench.workers.query(
    `INSERT INTO events.kafka_offset AS stored (consumer_group, topic, partition, next_offset, stopped_reason, update_time)
     VALUES ($1, $2, $3, $4, 'OFFSET_OUT_OF_RANGE', now())
     ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET stopped_reason = excluded.stopped_reason`,
    [stopped.group, stopped.topic, stopped.partition, stopped.nextOffset],
  );
};
const isStopped = async (): Promise<boolean> =>
  (await bench.workers.query('SELECT FROM events.kafka_offset WHERE stopped_reason IS NOT NULL')).rowCount === 1;

/** Whether the letter is done with, and whether each part of what it says is there. */
const replayed = async (): Promise<boolean[]> => {
  const { rows } = await bench.workers.query<{ done: boolean; customer: boolean; values: boolean }>(`SELECT
    EXISTS (SELECT FROM events.dead_letter WHERE state = 'REPLAYED') AS done,
    EXISTS (SELECT FROM customer.customer JOIN customer.party USING (customer_id) WHERE source_system = 'card') AS customer,
    EXISTS (SELECT FROM customer.identifying_value JOIN customer.party USING (party_id) WHERE source_system = 'card') AS values`);
  return Object.values(rows[0]!);
};

/** Every act of a person that is audited, in an order in which each can be done once. */
const acts: Act[] = [
  { method: Customers.getCustomer, act: () => bench.as('rm', Customers.getCustomer, { name: zhang }) },
  { method: Customers.viewCustomer360, act: () => bench.as('rm', Customers.viewCustomer360, { name: zhang }) },
  {
    method: Customers.listCustomers,
    act: () => bench.as('admin', Customers.listCustomers, { ...page, filter: '', orderBy: 'full_name' }),
  },
  { method: Customers.countCustomers, act: () => bench.as('admin', Customers.countCustomers, { filter: '' }) },
  {
    method: Customers.searchCustomers,
    act: () => bench.as('rm', Customers.searchCustomers, { ...page, query: '张伟', includeClosed: false }),
  },
  { method: Customers.batchGetNames, act: () => bench.as('rm', Customers.batchGetNames, { names: [zhang] }) },
  {
    method: Customers.listTransactions,
    act: () => bench.as('rm', Customers.listTransactions, { ...page, parent: zhang, filter: '' }),
  },
  {
    method: Customers.listHolders,
    act: () => bench.as('rm', Customers.listHolders, { parent: `${zhang}/holdings/${accountId('A5')}` }),
  },
  { method: Customers.listHistory, act: () => bench.as('rm', Customers.listHistory, { ...page, parent: zhang }) },
  {
    method: Customers.revealFields,
    act: async () => {
      const { rows } = await bench.workers.query<{ value_id: string }>(
        `SELECT value_id FROM customer.identifying_value JOIN customer.party USING (party_id) WHERE source_id = $1 AND kind = 'mobile'`,
        [who.zhang],
      );
      const fields = [`contacts/${rows[0]!.value_id}`];
      return bench.as('rm', Customers.revealFields, { name: zhang, fields, reasonCode: 'CALL_CUSTOMER', note: '' });
    },
  },
  {
    method: Customers.startService,
    event: 'bankcrm.customer.v1.InteractionRecorded',
    act: () =>
      bench.as('teller', Customers.startService, {
        kind: PresentedKind.ID_NUMBER,
        value: secrets.zhangId,
        channel: 'counter',
        note: '',
        requestId: 'c-1',
      }),
  },
  {
    method: Customers.supplementCustomer,
    event: 'bankcrm.customer.v1.CustomerChanged',
    act: async () =>
      bench.as('rm', Customers.supplementCustomer, {
        name: zhang,
        values: [
          { field: 'occupation', value: '教师' },
          { field: 'mobile', value: '13512345678' },
        ],
        etag: await etag(zhang),
        requestId: 'c-2',
      }),
  },
  {
    method: InteractionsService.createInteraction,
    event: 'bankcrm.customer.v1.InteractionRecorded',
    act: () => bench.as('rm', InteractionsService.createInteraction, { parent: zhang, interaction, requestId: 'c-3' }),
  },
  {
    method: InteractionsService.listInteractions,
    act: () => bench.as('rm', InteractionsService.listInteractions, { ...page, parent: zhang }),
  },
  {
    method: InteractionsService.listTimeline,
    act: () => bench.as('rm', InteractionsService.listTimeline, { ...page, parent: zhang, filter: '' }),
  },
  {
    method: InteractionsService.completeNextStep,
    event: 'bankcrm.customer.v1.NextStepCompleted',
    act: async () => {
      const { rows } = await bench.workers.query<{ interaction_id: string }>(
        `SELECT interaction_id FROM customer.interaction WHERE next_step <> ''`,
      );
      return bench.as('rm', InteractionsService.completeNextStep, {
        name: `${zhang}/interactions/${rows[0]!.interaction_id}`,
        etag: '1',
      });
    },
  },
  {
    method: Customers.restrictCustomer,
    event: 'bankcrm.customer.v1.CustomerChanged',
    act: async () => bench.as('compliance', Customers.restrictCustomer, { name: pool, reason: '员工', etag: await etag(pool) }),
  },
  {
    method: Customers.addParticipant,
    event: 'bankcrm.customer.v1.CustomerChanged',
    act: () =>
      bench.as('compliance', Customers.addParticipant, {
        parent: pool,
        participant: { name: '', staff: staffName('rm'), reason: '经理', expireTime: undefined },
      }),
  },
  { method: Customers.listParticipants, act: () => bench.as('otherCompliance', Customers.listParticipants, { parent: pool }) },
  {
    method: Customers.removeParticipant,
    event: 'bankcrm.customer.v1.CustomerChanged',
    act: () => bench.as('compliance', Customers.removeParticipant, { name: `${pool}/participants/${staffIdOf('rm')}` }),
  },
  {
    method: Customers.liftRestriction,
    event: 'bankcrm.customer.v1.CustomerChanged',
    act: async () => bench.as('compliance', Customers.liftRestriction, { name: pool, reason: '离职', etag: await etag(pool) }),
  },
  {
    method: Sync.pauseSync,
    act: () => bench.as('operator', Sync.pauseSync, { name: customersOfCore, reason: 'core is being moved' }),
    stands: {
      first: ['outbox', 'paused'],
      together: async () => (await entriesOf(Sync.pauseSync)).length > 0 === (await isPaused()),
    },
  },
  {
    method: Sync.resumeSync,
    act: () => bench.as('operator', Sync.resumeSync, { name: customersOfCore }),
    stands: {
      first: ['outbox', 'paused'],
      together: async () => (await entriesOf(Sync.resumeSync)).length > 0 !== (await isPaused()),
    },
  },
  {
    method: Sync.restartPartition,
    // Done once it cannot be done again: each try stops the partition first.
    act: async () => {
      await stopPartition();
      return bench.as('operator', Sync.restartPartition, {
        name: customersOfCore,
        partition: 0,
        nextOffset: 9n,
        reason: 'made anew',
      });
    },
    stands: {
      first: ['outbox'],
      together: async () => (await entriesOf(Sync.restartPartition)).length > 0 !== (await isStopped()),
    },
  },
  {
    method: Sync.requestResync,
    event: 'corebanking.sync-requested.v1',
    act: () =>
      bench.as('steward', Sync.requestResync, {
        sourceSystem: 'core',
        topics: [],
        customerSourceIds: [who.zhang],
        reason: 'branch merged',
        requestId: 'c-4',
      }),
  },
  { method: Sync.readDeadLetter, act: async () => bench.as('steward', Sync.readDeadLetter, { name: (await letter(1)).name }) },
  {
    method: Sync.correctDeadLetter,
    act: async () => bench.as('steward', Sync.correctDeadLetter, { ...(await letter(1)), json: good.value.toString() }),
  },
  {
    method: Sync.replayDeadLetters,
    event: 'bankcrm.customer.v1.CustomerChanged',
    toOtherReaders: 'corebanking.customer-snapshot.v1',
    act: async () => bench.as('steward', Sync.replayDeadLetters, { name: (await letter(1)).name, reason: '', pageToken: '' }),
    // The order is recorded before it is carried out, and another look for letters comes after.
    stands: {
      first: ['outbox', 'history', 'letters', 'parties', 'identifying_values', 'versions'],
      together: async () => new Set(await replayed()).size === 1,
    },
  },
  {
    method: Sync.discardDeadLetters,
    act: async () =>
      bench.as('steward', Sync.discardDeadLetters, {
        name: (await letter(2)).name,
        reason: '',
        note: 'a test of the core',
        pageToken: '',
      }),
  },
];

describe('state, history, audit entry and event are written together or not at all, wherever it breaks off:', () => {
  it('every RPC that is audited is tried', () => {
    const audited = [CustomersService, InteractionsService, CoreBankingSyncService]
      .flatMap((service) => Object.values(service).map(({ path }) => path))
      .filter((path) => policyOf(methodOf(path)).audit);
    expect(acts.map(({ method }) => method.path).sort()).toEqual(audited.sort());
  });

  it('every RPC that changes a customer or an interaction tells the platform', () => {
    const reads = /^(BatchGet|Get|List|Count|Search|View|Reveal)/;
    const changing = [...Object.values(CustomersService), ...Object.values(InteractionsService)].filter(
      ({ path }) => !reads.test(path.split('/')[2]!),
    );
    expect(changing.length).toBeGreaterThan(5);
    for (const { path } of changing)
      expect([path, acts.find(({ method }) => method.path === path)?.event]).not.toContain(undefined);
  });

  it.each(acts.map((act) => [act.method.path.split('/')[2]!, act] as const))(
    '%s',
    async (_, { method, act, stands, ...tells }) => {
      const begun = await traces(bench.workers);
      const compared = ({ ...found }: Record<string, unknown>) => {
        for (const name of stands?.first ?? []) delete found[name];
        return found;
      };
      let n = 1;
      for (; n < 100; n += 1) {
        saboteur.failAt(n);
        const failure = await act().then(
          () => undefined,
          (error: unknown) => error,
        );
        if (!saboteur.struck) break;
        expect(failure).toMatchObject({ kind: 'INTERNAL' });
        expect(compared(await traces(bench.workers))).toEqual(compared(begun));
        if (stands) expect(await stands.together()).toBe(true);
        else expect(await entriesOf(method)).toEqual([]);
      }
      saboteur.failAt(Number.POSITIVE_INFINITY);
      // It broke off at least once, and in the end it was done.
      expect(n).toBeGreaterThan(1);
      const entries = await entriesOf(method);
      if (!stands) expect(entries).toHaveLength(1);
      expect(entries.length).toBeGreaterThan(0);
      const ofCustomers = entries.filter(({ customer }) => customer !== '');
      expect(await withHistory(entries)).toEqual(ofCustomers.map(({ entryId }) => entryId).sort());
      // What concerns a customer stands in that customer's history, once.
      const { history } = await traces(bench.workers);
      expect(Number(history) - Number(begun.history)).toBe(ofCustomers.length);
      const { rows } = await bench.workers.query<{ type: string }>(
        `SELECT type FROM events.outbox WHERE topic <> 'bankcrm.audit.v1.entries'`,
      );
      expect(rows.map(({ type }) => type)).toEqual([tells.event, tells.toOtherReaders].filter((type) => type !== undefined));
      await bench.workers.query('DELETE FROM events.outbox');
    },
  );

  it('and what was replayed is there', async () => {
    expect(await replayed()).toEqual([true, true, true]);
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
