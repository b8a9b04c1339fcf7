import { callerSettings, callerThrough, type StaffCaller } from '@bankcrm/access';
import { inTransaction } from '@bankcrm/database';
import { newId } from '@bankcrm/kernel';
import { AccessGrantChanged } from '@bankcrm/proto/gen/bankcrm/quota/v1/access_grants.ts';
import { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import { TicketAccessChanged, type TicketAccessChanged_Access } from '@bankcrm/proto/gen/bankcrm/ticketing/v1/ticket_access.ts';
import type pg from 'pg';
import { fillBank, who } from './read-bank.ts';
import { openReads, type ReadBench, type StaffName, staff, staffIdOf } from './reading.ts';

export type Who = keyof typeof who;

const wholeBank: Who[] = ['zhang', 'shan', 'zeng', 'org', 'closed', 'pool', 'leap', 'rare', 'served', 'mentioned'];
/** Whom each member of staff sees; nobody but a participant sees the restricted one. */
export const seen: Partial<Record<StaffName, Who[]>> = {
  rm: ['zhang', 'shan', 'restricted', 'closed', 'rare', 'leap', 'zeng'],
  otherRm: ['zeng', 'org', 'leap', 'shan', 'pool'],
  teller: ['served', 'zhang'],
  otherTeller: [],
  agent: ['zeng', 'org'],
  branchManager: ['zhang', 'shan', 'closed'],
  cityManager: ['zhang', 'shan', 'closed', 'pool'],
  hqManager: wholeBank,
  risk: wholeBank,
  compliance: wholeBank,
  steward: wholeBank,
  admin: wholeBank,
};
/** Seen by an access grant alone: in calls that a grant opens, and in no other. */
export const granted: Partial<Record<StaffName, Who[]>> = { rm: ['zeng'], teller: ['zhang'] };
export const roles = Object.entries(seen) as [StaffName, Who[]][];
export const everybody = Object.keys(who) as Who[];

export const sorted = (names: readonly Who[]): Who[] => [...names].sort();
export const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'OK',
    (error: { kind: string }) => error.kind,
  );

export type ScopeBench = Awaited<ReturnType<typeof openScope>>;

/** The bank of the read suites with something of every customer in every table. */
export async function openScope() {
  const bench = await openReads();
  await fillBank(bench);
  const ids = {} as Record<Who, string>;
  for (const name of everybody) ids[name] = await bench.customerOf(who[name]);
  await openByOthers(bench, ids);
  const byId = new Map(everybody.map((name) => [ids[name], name]));
  // Something of everybody in every table that core banking does not fill.
  const hiddenFrom = `ARRAY['${staffIdOf('rm')}', '${staffIdOf('compliance')}']::uuid[]`;
  for (const id of Object.values(ids))
    for (const insert of [
      `INSERT INTO customer.interaction (interaction_id, customer_id, kind, direction, summary, occur_time, staff_id) VALUES (gen_random_uuid(), $1, 'call', 'inbound', 'x', now(), $1)`,
      `INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, 'family', 'x', $1, now())`,
      `INSERT INTO customer.panel (customer_id, panel, sequence, content, hidden_from) VALUES ($1, 'p', 1, '', '{}'), ($1, 'q', 1, '', ${hiddenFrom})`,
      `INSERT INTO customer.timeline_entry (customer_id, entry_id, sequence, event_time, label_zh, label_en, resource, subject, financial, permission, hidden_from, removed)
       SELECT $1, gen_random_uuid(), 1, now(), 'x', 'x', 'tickets/x', '', n = 1, '', CASE WHEN n = 2 THEN ${hiddenFrom} ELSE '{}' END, n = 3 FROM generate_series(0, 3) AS n`,
      `INSERT INTO customer.history (entry_id, customer_id, event_time, actor, operation, decision) VALUES (gen_random_uuid(), $1, now(), 'x', 'x', 'ALLOWED')`,
      `INSERT INTO customer.identifying_value (value_id, customer_id, category, kind, masked, sealed, index_version) VALUES (gen_random_uuid(), $1, 'address', 'home', 'x', '', 1)`,
    ])
      await bench.workers.query(insert, [id]);
  await bench.workers.query(
    `INSERT INTO customer.control_total (source_system, topic, from_source_id, to_source_id, cut_time, expected_count, expected_checksum, receive_time)
     VALUES ('core', 'corebanking.customers.v1', '', '', now(), 1, '', now())`,
  );
  await bench.workers.query(
    `INSERT INTO customer.product (product_id, source_system, product_code, version, line, kind, display_name_zh, display_name_en, risk_level, content_hash, update_time)
     VALUES (gen_random_uuid(), 'core', 'D01', 1, 'retail', 'deposit', 'x', 'x', '', '', now())`,
  );
  await bench.workers.query(
    `INSERT INTO customer.unknown_field (source_system, topic, path, messages, first_time, last_time)
     VALUES ('core', 'corebanking.customers.v1', 'kyc.17', 1, now(), now())`,
  );
  /** Somebody of one post, in a call to view a customer or, for those who may not, in one that everybody may make. */
  const readerOf = (name: StaffName): StaffCaller =>
    ['customer.customers.get', 'directory.me.get']
      .map((permission) => callerThrough(bench.directory.holderOf(staff[name], new Date()), permission))
      .find((caller) => caller !== undefined)!;
  const settingsOf = (name: StaffName) => callerSettings(readerOf(name));
  await inTransaction(bench.requests, settingsOf('operator'), (tx) =>
    tx.query(
      `WITH asked AS (
       INSERT INTO customer.resync (resync_id, source_system, topics, asked_customers, reason, requester, request_time)
       VALUES ('0190a3f0-0000-7000-8000-000000000009', 'core', '{}', 1, 'x', 'staff/x', now())
     )
     INSERT INTO customer.resync_customer (resync_id, source_id) VALUES ('0190a3f0-0000-7000-8000-000000000009', '1')`,
    ),
  );
  return {
    ...bench,
    readerOf,
    ids,
    byId,
    named: (names: Iterable<string>): Who[] => [...names].map((name) => byId.get(name.replace('customers/', ''))!).sort(),
    settingsOf,
    /** The rows that a statement of a request by somebody reads. */
    asRequest: <T extends pg.QueryResultRow>(name: StaffName, text: string, values: unknown[] = []): Promise<T[]> =>
      inTransaction(bench.requests, settingsOf(name), async (tx) => (await tx.query<T>(text, values)).rows),
  };
}

/** What quota and ticketing say of these customers. Everything that must open nothing stands here beside what opens something. */
async function openByOthers(bench: ReadBench, ids: Readonly<Record<Who, string>>): Promise<void> {
  const daysFromNow = (days: number) => new Date(Date.now() + days * 86_400_000);
  const [yesterday, tomorrow] = [daysFromNow(-1), daysFromNow(1)];
  const [effectiveTime, startTime] = [daysFromNow(-30), daysFromNow(-30)];
  const assigned = (customer: Who, rest: Partial<CustomerAssigned>) =>
    CustomerAssigned.fromPartial({ customerId: ids[customer], sequence: 1n, effectiveTime, ...rest });
  await bench.give(
    'assignment',
    assigned('leap', { rmStaffId: staffIdOf('otherRm'), dedicatedRmStaffId: staffIdOf('rm') }),
    assigned('pool', {
      collaborators: [
        { staffId: staffIdOf('otherRm'), startTime, endTime: tomorrow },
        { staffId: staffIdOf('rm'), startTime, endTime: yesterday },
      ],
    }),
    assigned('served', { collaborators: [{ staffId: staffIdOf('rm'), startTime: tomorrow, endTime: undefined }] }),
  );
  const grant = (name: StaffName, customer: Who, expireTime = tomorrow) =>
    AccessGrantChanged.fromPartial({
      grantId: newId(),
      sequence: 1n,
      staffId: staffIdOf(name),
      customerIds: [ids[customer]],
      expireTime,
    });
  await bench.give(
    'access-grant',
    grant('rm', 'zeng'),
    grant('teller', 'zhang'),
    grant('teller', 'shan', yesterday),
    grant('otherRm', 'restricted'),
    grant('compliance', 'restricted'),
    grant('marketer', 'zhang'),
  );
  const [own, ofOthers] = [newId(), newId()];
  await bench.give(
    'queue-members',
    { queueId: own, sequence: 1n, staffIds: [staffIdOf('agent'), staffIdOf('rm')] },
    { queueId: ofOthers, sequence: 1n, staffIds: [staffIdOf('marketer')] },
  );
  const ticket = (customer: Who, ...access: Partial<TicketAccessChanged_Access>[]) =>
    TicketAccessChanged.fromPartial({
      customerId: ids[customer],
      sequence: 1n,
      access: access.map((one) => ({ ticketId: newId(), ...one })),
    });
  await bench.give(
    'ticket-access',
    // A teller's role shows nothing by tickets, and neither does a manager's.
    ticket('zeng', { staffId: staffIdOf('agent'), expireTime: tomorrow }, { staffId: staffIdOf('otherTeller') }),
    ticket('org', { queueId: own }),
    ticket('zhang', { staffId: staffIdOf('agent'), expireTime: yesterday }, { queueId: own, expireTime: yesterday }),
    ticket('rare', { queueId: ofOthers }, { staffId: newId() }),
    ticket('restricted', { staffId: staffIdOf('agent') }, { queueId: own }),
  );
}
