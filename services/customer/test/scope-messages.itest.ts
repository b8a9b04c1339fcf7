import { inTransaction, nobody } from '@bankcrm/database';
import { newId } from '@bankcrm/kernel';
import { CustomersService, InteractionsService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { CustomerChanged } from '@bankcrm/proto/gen/bankcrm/customer/v1/events.ts';
import { CoreBankingSyncService } from '@bankcrm/proto/gen/bankcrm/customer/v1/sync.ts';
import type { BankMessage } from '@bankcrm/simulator';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepEndedAccess } from '../src/store/ended-access.ts';
import { accountId, fillBank, who } from './support/read-bank.ts';
import { outcome } from './support/read-scope.ts';
import { openReads, type ReadBench, type StaffName, staff, staffIdOf } from './support/reading.ts';
import { accessGrant, assignment, queueMembers, ticketAccess } from './support/scope-messages.ts';
import { openStream, party, snapshotOf } from './support/syncing.ts';

let bench: ReadBench;
let stream: Awaited<ReturnType<typeof openStream>>;
beforeAll(async () => {
  bench = await openReads();
  await fillBank(bench);
  stream = await openStream(bench);
});
afterAll(async () => {
  await stream?.close();
  await bench?.closeAll();
});

const tomorrow = new Date(Date.now() + 86_400_000);
const get = (name: StaffName, customerId: string) =>
  outcome(bench.as(name, CustomersService.getCustomer, { name: `customers/${customerId}` }));
const sees = async (name: StaffName, customerId: string): Promise<boolean> => (await get(name, customerId)) === 'OK';
const rowOf = async (customerId: string) =>
  (await bench.workers.query('SELECT * FROM customer.customer WHERE customer_id = $1', [customerId])).rows[0];

/** Publishes messages and waits until somebody sees a customer, or does so no longer. Says how long it took. */
async function felt(messages: readonly BankMessage[], name: StaffName, customerId: string, visible: boolean): Promise<void> {
  expect(await sees(name, customerId)).toBe(!visible);
  await stream.publish(messages);
  const sent = performance.now();
  await eventually(async () => expect(await sees(name, customerId)).toBe(visible), { timeoutMs: 10_000, everyMs: 10 });
  console.log(`${messages.at(-1)!.topic} felt after ${Math.round(performance.now() - sent)} ms`);
}

describe('an assignment', () => {
  it('moves a customer, keeps what core banking says beside it, and tells the platform', async () => {
    const zeng = await bench.customerOf(who.zeng);
    const before = await rowOf(zeng);
    await felt([assignment({ customerId: zeng, rmStaffId: staffIdOf('rm') })], 'rm', zeng, true);
    expect(await sees('otherRm', zeng)).toBe(false);
    const after = await rowOf(zeng);
    expect(after).toMatchObject({
      rm_staff_id: staffIdOf('rm'),
      rm_assigned: true,
      core_rm_staff_id: staffIdOf('otherRm'),
      rm_staff_number: staff.otherRm,
      version: before.version + 1n,
    });
    const { rows } = await bench.workers.query<{ payload: Buffer }>(
      `SELECT payload FROM events.outbox WHERE subject = $1 AND type = 'bankcrm.customer.v1.CustomerChanged' ORDER BY position DESC LIMIT 1`,
      [`customers/${zeng}`],
    );
    expect(CustomerChanged.decode(rows[0]!.payload)).toMatchObject({
      sequence: after.version,
      changedFields: ['rm'],
      source: 'quota',
    });
  });

  it('outweighs what core banking says later, whose word is kept', async () => {
    const zeng = await bench.customerOf(who.zeng);
    const named = snapshotOf({ sourceId: who.zeng, version: 2n, homeBranchCode: 'SH-PD', rmStaffNumber: staff.teller });
    await bench.give('customer', named);
    expect(await rowOf(zeng)).toMatchObject({ rm_staff_id: staffIdOf('rm'), core_rm_staff_id: staffIdOf('teller') });
    // Somebody whom the directory does not know.
    await bench.give('customer', { ...named, version: 3n, rmStaffNumber: 'X00001' });
    expect(await rowOf(zeng)).toMatchObject({ rm_staff_id: staffIdOf('rm'), core_rm_staff_id: null });
  });

  it('puts a customer into the pool, and an older one changes nothing', async () => {
    const zeng = await bench.customerOf(who.zeng);
    await felt([assignment({ customerId: zeng, sequence: 7n })], 'rm', zeng, false);
    await stream.publish([
      assignment({ customerId: zeng, sequence: 6n, rmStaffId: staffIdOf('rm') }),
      assignment({ customerId: zeng, sequence: 7n, rmStaffId: staffIdOf('rm') }),
    ]);
    await stream.drained();
    expect(await rowOf(zeng)).toMatchObject({ rm_staff_id: null, rm_assigned: true });
  });

  it('names the dedicated manager and all who collaborate', async () => {
    const leap = await bench.customerOf(who.leap);
    const collaborator = { staffId: staffIdOf('rm'), startTime: new Date('2026-06-01T00:00:00Z'), endTime: tomorrow };
    const rest = { customerId: leap, rmStaffId: staffIdOf('otherRm') };
    await felt([assignment({ ...rest, collaborators: [collaborator] })], 'rm', leap, true);
    await felt([assignment({ ...rest, sequence: 2n })], 'rm', leap, false);
    await felt([assignment({ ...rest, sequence: 3n, dedicatedRmStaffId: staffIdOf('rm') })], 'rm', leap, true);
    expect(await sees('otherRm', leap)).toBe(true);
  });

  it('makes who looks after a restricted customer the participant whom core banking named', async () => {
    const restricted = await bench.customerOf(who.restricted);
    expect(await sees('rm', restricted)).toBe(true);
    await felt([assignment({ customerId: restricted, rmStaffId: staffIdOf('otherRm') })], 'otherRm', restricted, true);
    expect(await sees('rm', restricted)).toBe(false);
    const participants = `SELECT staff_id, source FROM customer.participant WHERE customer_id = $1`;
    expect((await bench.workers.query(participants, [restricted])).rows).toEqual([
      { staff_id: staffIdOf('otherRm'), source: 'core' },
    ]);
  });

  it('waits for a customer who is not known yet', async () => {
    const customerId = newId();
    await stream.publish([assignment({ customerId, rmStaffId: staffIdOf('rm'), dedicatedRmStaffId: staffIdOf('otherRm') })]);
    await stream.drained();
    // As a restore of an earlier day brings a customer back: the party with its id, and then the snapshot.
    await bench.workers.query(
      `WITH customer AS (INSERT INTO customer.customer (customer_id, kind, state) VALUES ($1, 'UNKNOWN', 'MENTIONED')),
        summary AS (INSERT INTO customer.customer_summary (customer_id) VALUES ($1))
       INSERT INTO customer.party (party_id, customer_id, source_system, source_id) VALUES ($2, $1, 'core', 'C500')`,
      [customerId, party('C500')],
    );
    await bench.give('customer', snapshotOf({ sourceId: 'C500', rmStaffNumber: staff.teller }));
    expect(await rowOf(customerId)).toMatchObject({
      rm_staff_id: staffIdOf('rm'),
      dedicated_rm_staff_id: staffIdOf('otherRm'),
      core_rm_staff_id: staffIdOf('teller'),
      rm_assigned: true,
    });
  });
});

describe('an access grant', () => {
  const grantId = newId();
  it('opens a customer, and is taken back', async () => {
    const pool = await bench.customerOf(who.pool);
    const grant = { grantId, staffId: staffIdOf('teller'), customerIds: [pool], expireTime: tomorrow };
    await felt([accessGrant(grant)], 'teller', pool, true);
    await felt([accessGrant({ ...grant, sequence: 2n, customerIds: [] })], 'teller', pool, false);
    await stream.publish([accessGrant(grant)]);
    await stream.drained();
    expect(await sees('teller', pool)).toBe(false);
  });

  it('ends by itself', async () => {
    const pool = await bench.customerOf(who.pool);
    const grant = { grantId: newId(), staffId: staffIdOf('teller'), customerIds: [pool] };
    await felt([accessGrant({ ...grant, expireTime: new Date(Date.now() + 4_000) })], 'teller', pool, true);
    await eventually(async () => expect(await sees('teller', pool)).toBe(false));
  });

  it('stays for thirty days after its end, and is then swept', async () => {
    const pool = await bench.customerOf(who.pool);
    const ends = { customerIds: [pool], staffId: staffIdOf('teller') };
    const [recent, old] = [newId(), newId()];
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    await stream.publish([
      accessGrant({ ...ends, grantId: recent, expireTime: daysAgo(29) }),
      accessGrant({ ...ends, grantId: old, expireTime: daysAgo(31) }),
    ]);
    await stream.drained();
    const kept = async () =>
      (await bench.workers.query('SELECT grant_id FROM customer.access_grant WHERE grant_id = ANY ($1)', [[recent, old]])).rows;
    expect((await kept()).length).toBe(2);
    await inTransaction(bench.workers, nobody, (tx) => sweepEndedAccess(tx, new Date()));
    expect(await kept()).toEqual([{ grant_id: recent }]);
    expect(await sees('teller', pool)).toBe(false);
  });

  it('opens no restricted customer and shows no more than it opens', async () => {
    const restricted = await bench.customerOf(who.restricted);
    const zhang = await bench.customerOf(who.zhang);
    const grant = { grantId: newId(), customerIds: [zhang, restricted], expireTime: tomorrow };
    await felt([accessGrant({ ...grant, staffId: staffIdOf('otherRm') })], 'otherRm', zhang, true);
    await felt([accessGrant({ ...grant, grantId: newId(), staffId: staffIdOf('teller') })], 'teller', zhang, true);
    expect(await sees('teller', restricted)).toBe(false);

    const name = `customers/${zhang}`;
    const page = { parent: name, pageSize: 1, pageToken: '' };
    const calls = (by: StaffName) => [
      bench.as(by, CustomersService.listTransactions, { ...page, filter: '' }),
      bench.as(by, InteractionsService.listInteractions, page),
      bench.as(by, CustomersService.listHistory, page),
      bench.as(by, CustomersService.revealFields, {
        name,
        fields: [`holdings/${accountId('A1')}`],
        reasonCode: 'CALL_CUSTOMER',
        note: '',
      }),
    ];
    expect(await Promise.all(calls('rm').map(outcome))).toEqual(['OK', 'OK', 'OK', 'OK']);
    expect(await Promise.all(calls('otherRm').map(outcome))).toEqual(['OK', 'OK', 'NOT_FOUND', 'NOT_FOUND']);
  });
});

describe('access by tickets', () => {
  it('opens a customer to the person, and to who works on the queue, whichever is told first', async () => {
    const rare = await bench.customerOf(who.rare);
    const [queueId, other] = [newId(), newId()];
    const byPerson = { ticketId: newId(), staffId: staffIdOf('agent') };
    const of = (sequence: bigint, ...access: object[]) => ticketAccess({ customerId: rare, sequence, access: access as never });
    await felt([of(1n, byPerson)], 'agent', rare, true);
    await felt([of(2n)], 'agent', rare, false);
    await stream.publish([of(3n, { ticketId: newId(), queueId })]);
    await stream.drained();
    await felt([queueMembers({ queueId, staffIds: [staffIdOf('agent')] })], 'agent', rare, true);
    await felt([queueMembers({ queueId, sequence: 2n, staffIds: [staffIdOf('teller')] })], 'agent', rare, false);
    // A teller's role shows nothing by tickets.
    expect(await sees('teller', rare)).toBe(false);
    await stream.publish([queueMembers({ queueId: other, staffIds: [staffIdOf('agent')] })]);
    await stream.drained();
    await felt([of(4n, { ticketId: newId(), queueId: other })], 'agent', rare, true);
    await stream.publish([of(3n)]);
    await stream.drained();
    expect(await sees('agent', rare)).toBe(true);
  });
});

describe('a message that cannot be applied', () => {
  it.each([
    ['assignment', () => assignment({ customerId: 'C1' }), 'INVALID_FIELD', 'customer_id'],
    ['grant', () => accessGrant({ grantId: newId(), staffId: newId(), customerIds: [newId()] }), 'INVALID_FIELD', 'expire_time'],
    [
      'ticket access',
      () =>
        ticketAccess({ customerId: newId(), access: [{ ticketId: newId(), staffId: '', queueId: '', expireTime: undefined }] }),
      'INVALID_FIELD',
      'access[0].staff_id',
    ],
    ['queue', () => queueMembers({ queueId: newId(), staffIds: ['100001'] }), 'INVALID_FIELD', 'staff_ids[0]'],
    ['queue of other bytes', () => ({ ...queueMembers({ queueId: newId() }), value: Buffer.from('{') }), 'BAD_PROTOBUF', ''],
  ])('is a dead letter with its reason and field: %s', async (_, message, reason, field) => {
    const broken = message();
    await stream.publish([broken]);
    await stream.drained();
    const { rows } = await bench.workers.query('SELECT topic, reason, field FROM events.dead_letter ORDER BY id DESC LIMIT 1');
    expect(rows[0]).toEqual({ topic: broken.topic, reason, field });
  });
});

it('shows how far each topic has come', async () => {
  const { syncStates } = await bench.as('operator', CoreBankingSyncService.listSyncStates, {} as never);
  const told = syncStates.map(({ sourceSystem, topic, appliedMessages }) => [sourceSystem, topic, appliedMessages > 0n]);
  for (const [area, topic] of [
    ['quota', 'assignments'],
    ['quota', 'access-grants'],
    ['ticketing', 'ticket-access'],
    ['ticketing', 'queue-members'],
  ])
    expect(told).toContainEqual([area, `bankcrm.${area}.v1.${topic}`, true]);
});
