import { callerSettings, callerThrough, type StaffCaller } from '@bankcrm/access';
import { inTransaction } from '@bankcrm/database';
import type pg from 'pg';
import { fillBank, who } from './read-bank.ts';
import { openReads, type StaffName, staff } from './reading.ts';

export type Who = keyof typeof who;

const wholeBank: Who[] = ['zhang', 'shan', 'zeng', 'org', 'closed', 'pool', 'leap', 'rare', 'served', 'mentioned'];
/** Whom each member of staff sees; nobody but a participant sees the restricted one. */
export const seen: Partial<Record<StaffName, Who[]>> = {
  rm: ['zhang', 'shan', 'restricted', 'closed', 'rare'],
  otherRm: ['zeng', 'org', 'leap', 'shan'],
  teller: ['served'],
  otherTeller: [],
  agent: [],
  branchManager: ['zhang', 'shan', 'closed'],
  cityManager: ['zhang', 'shan', 'closed', 'pool'],
  hqManager: wholeBank,
  risk: wholeBank,
  compliance: wholeBank,
  steward: wholeBank,
  admin: wholeBank,
};
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
  const byId = new Map(everybody.map((name) => [ids[name], name]));
  // Something of everybody in every table that core banking does not fill.
  for (const id of Object.values(ids))
    for (const insert of [
      `INSERT INTO customer.interaction (interaction_id, customer_id, kind, direction, summary, occur_time, staff_id) VALUES (gen_random_uuid(), $1, 'call', 'inbound', 'x', now(), $1)`,
      `INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES ($1, 'family', 'x', $1, now())`,
      `INSERT INTO customer.panel (customer_id, panel, sequence, content) VALUES ($1, 'p', 1, '')`,
      `INSERT INTO customer.history (entry_id, customer_id, event_time, actor, operation, decision) VALUES (gen_random_uuid(), $1, now(), 'x', 'x', 'ALLOWED')`,
      `INSERT INTO customer.identifying_value (value_id, customer_id, category, kind, masked, sealed, index_version) VALUES (gen_random_uuid(), $1, 'address', 'home', 'x', '', 1)`,
    ])
      await bench.workers.query(insert, [id]);
  await bench.workers.query(
    `INSERT INTO customer.control_total (source_system, topic, from_source_id, to_source_id, cut_time, expected_count, expected_checksum, receive_time)
     VALUES ('core', 'corebanking.customers.v1', '', '', now(), 1, '', now())`,
  );
  await bench.workers.query(
    `INSERT INTO customer.unknown_field (source_system, topic, path, messages, first_time, last_time)
     VALUES ('core', 'corebanking.customers.v1', 'kyc.17', 1, now(), now())`,
  );
  /** Somebody of one post, in a call that everybody may make: with all that the post allows and shows. */
  const readerOf = (name: StaffName): StaffCaller =>
    callerThrough(bench.directory.holderOf(staff[name], new Date()), 'directory.me.get')!;
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
