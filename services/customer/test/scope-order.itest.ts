import { inTransaction, nobody } from '@bankcrm/database';
import type { Decoded } from '@bankcrm/events';
import { deriveId } from '@bankcrm/kernel';
import { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import { type BankMessage, shuffled, withDuplicates } from '@bankcrm/simulator';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Incoming } from '../src/app/sync/incoming.ts';
import { accessGrant, assignment, queueMembers, ticketAccess } from './support/scope-messages.ts';
import { openSync, party, rawOf, type SyncBench, snapshotOf, staffIdOf } from './support/syncing.ts';

const number = (n: number) => `C${n}`;
const customerId = (n: number) => deriveId('customer', number(n));
const staffId = (n: number) => staffIdOf(String(100_000 + n))!;
const customers = 12;
const day = (n: number) => new Date(Date.UTC(2026, 5, n));

/** Five states of everything, each unlike the one before. */
const messages: BankMessage[] = Array.from({ length: 5 }, (_, turn) => {
  const sequence = BigInt(turn + 1);
  const all = Array.from({ length: customers }, (_, n) => n);
  return [
    ...all.map((n) =>
      assignment({
        customerId: customerId(n),
        sequence,
        rmStaffId: (n + turn) % 4 === 0 ? '' : staffId(n + turn),
        dedicatedRmStaffId: n % 3 === 0 ? staffId(turn) : '',
        collaborators: all
          .slice(0, (n * turn) % 5)
          .map((other) => ({ staffId: staffId(other), startTime: day(1 + turn), endTime: day(20 + other) })),
      }),
    ),
    ...all.map((n) =>
      accessGrant({
        grantId: deriveId('grant', String(n)),
        sequence,
        staffId: staffId(n),
        customerIds: all.slice(0, (n + turn) % 6).map(customerId),
        expireTime: day(10 + turn),
      }),
    ),
    ...all.map((n) =>
      ticketAccess({
        customerId: customerId(n),
        sequence,
        access: all.slice(0, (n + 2 * turn) % 5).map((t) => ({
          ticketId: deriveId('ticket', `${turn}-${t}`),
          staffId: t % 2 === 0 ? staffId(t) : '',
          queueId: t % 2 === 0 ? '' : deriveId('queue', String(t)),
          expireTime: t % 3 === 0 ? day(t + 1) : undefined,
        })),
      }),
    ),
    ...all
      .slice(0, 4)
      .map((n) =>
        queueMembers({ queueId: deriveId('queue', String(n)), sequence, staffIds: all.slice(0, (n + turn) % 5).map(staffId) }),
      ),
  ];
}).flat();

/** A database with these customers, each known by its id. */
async function openCustomers(): Promise<SyncBench> {
  const sync = await openSync();
  for (let n = 0; n < customers; n += 1)
    await sync.workers.query(
      `WITH customer AS (INSERT INTO customer.customer (customer_id, kind, state) VALUES ($1, 'UNKNOWN', 'MENTIONED')),
        summary AS (INSERT INTO customer.customer_summary (customer_id) VALUES ($1))
       INSERT INTO customer.party (party_id, customer_id, source_system, source_id) VALUES ($2, $1, 'core', $3)`,
      [customerId(n), party(number(n)), number(n)],
    );
  return sync;
}

/** All that the four topics decide. */
async function scopeOf({ workers }: SyncBench): Promise<Record<string, unknown[]>> {
  const read = async (sql: string): Promise<unknown[]> => (await workers.query(`${sql} ORDER BY 1, 2, 3`)).rows;
  return {
    customers: await read(
      'SELECT customer_id, rm_staff_id, dedicated_rm_staff_id, core_rm_staff_id, rm_assigned FROM customer.customer',
    ),
    assignments: await read(
      'SELECT customer_id, sequence, rm_staff_id, dedicated_rm_staff_id, effective_time FROM customer.assignment',
    ),
    collaborators: await read('SELECT customer_id, staff_id, start_time, end_time FROM customer.collaborator'),
    grants: await read('SELECT grant_id, customer_id, staff_id, expire_time FROM customer.access_grant'),
    tickets: await read('SELECT customer_id, ticket_id, staff_id, queue_id, expire_time FROM customer.ticket_access'),
    members: await read('SELECT queue_id, staff_id, 1 FROM customer.queue_member'),
  };
}

describe('what others say of scope', () => {
  let inOrder: Record<string, unknown[]>;
  beforeAll(async () => {
    const sync = await openCustomers();
    expect(await sync.take(messages, 1)).toEqual([]);
    inOrder = await scopeOf(sync);
    await sync.close();
  });

  it('is the last state of each, as the messages say', () => {
    expect(inOrder.assignments).toHaveLength(customers);
    const last = messages.filter(({ topic }) => topic.endsWith('assignments')).slice(-customers);
    const wanted = last.map(({ value }) => CustomerAssigned.decode(value));
    for (const { customerId: id, rmStaffId, dedicatedRmStaffId } of wanted)
      expect(inOrder.customers).toContainEqual({
        customer_id: id,
        rm_staff_id: rmStaffId || null,
        dedicated_rm_staff_id: dedicatedRmStaffId || null,
        core_rm_staff_id: null,
        rm_assigned: true,
      });
    expect(inOrder.collaborators).toHaveLength(wanted.reduce((sum, { collaborators }) => sum + collaborators.length, 0));
    for (const rows of Object.values(inOrder)) expect(rows.length).toBeGreaterThan(0);
  });

  it.each([1, 2, 3])('ends in the same state out of order and with repetitions, seed %i', async (seed) => {
    const sync = await openCustomers();
    try {
      const mixed = shuffled(withDuplicates(messages, { seed, share: 0.3 }), { seed, window: 150 });
      expect(await sync.take(mixed, [1, 7, 500][seed - 1])).toEqual([]);
      expect(await scopeOf(sync)).toEqual(inOrder);
    } finally {
      await sync.close();
    }
  });

  it('stays as it is when everything comes three times', async () => {
    const sync = await openCustomers();
    try {
      for (let time = 0; time < 3; time += 1) {
        await sync.take(messages, 50);
        expect(await scopeOf(sync)).toEqual(inOrder);
      }
    } finally {
      await sync.close();
    }
  });
});

describe('an assignment and a snapshot of one customer at once', () => {
  let sync: SyncBench;
  beforeAll(async () => {
    sync = await openCustomers();
  });
  afterAll(() => sync?.close());

  const itemsOf = (kind: Incoming['kind'], message: Incoming['message']): Decoded<Incoming>[] =>
    [
      {
        ok: true,
        raw: rawOf({ topic: `test.${kind}`, key: 'x', value: Buffer.alloc(0), headers: {} }),
        value: { kind, message },
      },
    ] as never;
  /** Applies a message and waits with the commit until it is let go. */
  const applying = (items: Decoded<Incoming>[], beforeCommit: () => Promise<unknown> = async () => {}) =>
    inTransaction(sync.workers, nobody, async (tx) => {
      await sync.apply(tx, items, { topic: items[0]!.raw.topic, now: new Date(), replay: false });
      await beforeCommit();
    });
  const assigned = (n: number, sequence = 1n) =>
    itemsOf(
      'assignment',
      CustomerAssigned.fromPartial({ customerId: customerId(n), sequence, effectiveTime: day(1), rmStaffId: staffId(7) }),
    );
  const snapshot = (n: number, version = 1n) =>
    itemsOf('customer', snapshotOf({ sourceId: number(n), version, rmStaffNumber: '100008', restricted: true }));
  const stateOf = async (n: number) => {
    const { rows } = await sync.workers.query(
      `SELECT rm_staff_id, core_rm_staff_id, rm_assigned, participant.staff_id AS participant
       FROM customer.customer LEFT JOIN customer.participant USING (customer_id) WHERE customer_id = $1`,
      [customerId(n)],
    );
    return rows;
  };
  const wanted = [{ rm_staff_id: staffId(7), core_rm_staff_id: staffId(8), rm_assigned: true, participant: staffId(7) }];
  const somebodyWaits = () =>
    eventually(async () => {
      const { rows } = await sync.workers.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rows).toHaveLength(1);
    });

  it.each([
    ['the assignment', 0, assigned, snapshot],
    ['the snapshot', 1, snapshot, assigned],
  ] as const)('end the same where %s is applied first and holds the other up', async (_, n, first, second) => {
    let later: Promise<unknown> | undefined;
    await applying(first(n), async () => {
      later = applying(second(n));
      await somebodyWaits();
    });
    await later;
    expect(await stateOf(n)).toEqual(wanted);
  });

  it('end the same in whichever order they come, many at a time', async () => {
    const all = Array.from({ length: 8 }, (_, index) => index + 2);
    for (let turn = 1n; turn <= 3n; turn += 1n)
      await Promise.all(
        all.flatMap((n) => {
          const both = [assigned(n, turn), snapshot(n, turn)];
          return (n % 2 === 0 ? both : both.reverse()).map((items) => applying(items));
        }),
      );
    for (const n of all) expect(await stateOf(n)).toEqual(wanted);
  });
});
