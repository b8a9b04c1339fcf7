import { callerSettings, type StaffCaller } from '@bankcrm/access';
import { inTransaction } from '@bankcrm/database';
import { newId } from '@bankcrm/kernel';
import type { AuditEntry } from '@bankcrm/proto/gen/bankcrm/audit/v1/audit.ts';
import { Decision, Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getEntry } from '../src/app/get-entry.ts';
import { listEntries } from '../src/app/list-entries.ts';
import { readerOf } from '../src/app/reader.ts';
import { bytesOf, entry, type LogBench, openLog } from './support/log.ts';
import { callBy, callerOf, post, readDeps } from './support/reading.ts';

const unit = newId();
const people = Array.from({ length: 12 }, () => newId());
/** The first four work below the unit. */
const below = people.slice(0, 4);
const customers = Array.from({ length: 5 }, () => newId());
const operations = ['Customers/GetCustomer', 'Customers/RevealFields', 'Staff/SuspendStaff'].map(
  (name) => `bankcrm.x.v1.${name}`,
);
const pick = <T>(values: readonly T[], at: number): T => values[at % values.length]!;
const start = Date.parse('2026-03-01T00:00:00Z');

/** Every combination comes up; three entries share each moment. */
const all: Entry[] = Array.from({ length: 900 }, (_, at) =>
  entry({
    number: BigInt(at + 1),
    eventTime: new Date(start + Math.floor(at / 3) * 1_000),
    actor: at % 17 === 0 ? 'services/core-banking' : `staff/${pick(people, at * 7)}`,
    operation: pick(operations, at),
    customer: at % 4 === 0 ? '' : `customers/${pick(customers, at)}`,
    resource: at % 4 === 0 ? `staff/${newId()}` : at % 4 === 1 ? `customers/${pick(customers, at)}/holdings/${newId()}` : '',
    decision: at % 11 === 0 ? Decision.REFUSED : Decision.ALLOWED,
    reason: at % 11 === 0 ? 'PERMISSION_MISSING' : at % 5 === 0 ? 'CALL_BACK' : '',
    highPrivilege: at % 6 === 0,
    queryHash: Buffer.alloc(32, 7),
    fields: at % 13 === 0 ? [{ name: 'phones', dataClass: DataClass.C2_IDENTIFYING }] : [],
  }),
);

const rm = callerOf(people[0]!, post('rm'));
const manager = callerOf(people[1]!, post('branch-manager', unit));
const compliance = callerOf(people[8]!, post('compliance'));
const admin = callerOf(people[9]!, post('admin'));
const hq = callerOf(people[10]!, post('hq-manager'));
const both = callerOf(people[11]!, post('branch-manager', unit), post('compliance'));
/** Two keep their accounts below the unit; one is restricted and nobody takes part; in another one compliance does. */
const [inUnit, alsoInUnit, , restricted, guarded] = customers.map(String) as [string, string, string, string, string];
/** `shows`: which customers are shown to them; absent where none may be. */
interface Expected {
  caller: StaffCaller;
  sees: (one: Entry) => boolean;
  shows?: (customerId: string) => boolean;
  /** Sees the whole bank: then also the hashes of lists and searches. */
  seesBank?: true;
}
const readers: Record<string, Expected> = {
  'a relationship manager': { caller: rm, sees: ({ actor }) => actor === `staff/${people[0]}` },
  'a branch manager': {
    caller: manager,
    sees: ({ actor }) => below.some((id) => actor === `staff/${id}`),
    shows: (id) => id === inUnit || id === alsoInUnit,
  },
  'an administrator': { caller: admin, sees: () => true },
  compliance: { caller: compliance, sees: () => true, shows: (id) => id !== restricted, seesBank: true },
  'a head-office manager': { caller: hq, sees: ({ actor }) => actor === `staff/${people[10]}` },
  'somebody with two posts': {
    caller: both,
    sees: () => true,
    shows: (id) => id !== restricted && id !== guarded,
    seesBank: true,
  },
};
const idIn = (customer: string): string => customer.slice('customers/'.length);

const newestFirst = (a: Entry, b: Entry): number =>
  b.eventTime!.getTime() - a.eventTime!.getTime() || (a.entryId < b.entryId ? 1 : -1);

describe('the log', () => {
  let log: LogBench;
  let deps: ReturnType<typeof readDeps>;
  beforeAll(async () => {
    log = await openLog();
    deps = readDeps(log, { [unit]: below });
    await log.workers.query('INSERT INTO scope.org_unit_closure (ancestor_id, descendant_id) VALUES ($1, $1)', [unit]);
    await log.workers.query(
      `INSERT INTO scope.customer (customer_id, sequence, kind, state, org_unit_id, restricted)
       SELECT id, 1, 'INDIVIDUAL', 'ACTIVE', CASE WHEN id = ANY ($2::uuid[]) THEN $3::uuid END, id = ANY ($4::uuid[]) FROM unnest($1::uuid[]) AS id`,
      [customers, [inUnit, alsoInUnit], unit, [restricted, guarded]],
    );
    await log.workers.query('INSERT INTO scope.participant (customer_id, staff_id) VALUES ($1, $2)', [guarded, people[8]]);
    for (const shard of [0, 1, 2]) {
      const part = all.filter((_, at) => at % 3 === shard);
      await log.append(shard, part.slice(0, 250).map(bytesOf));
      await log.append(shard, part.slice(250).map(bytesOf));
    }
    await log.settle();
  });
  afterAll(() => log?.close());

  /** All pages of a list. */
  async function list(caller: StaffCaller, filter = '', pageSize = 7): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    let pageToken = '';
    do {
      const page = await listEntries(deps)({ filter, pageSize, pageToken }, callBy(caller));
      entries.push(...page.entries);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return entries;
  }
  const ids = (entries: readonly { name: string }[]): string[] => entries.map(({ name }) => name.slice('auditEntries/'.length));

  describe.each(Object.entries(readers))('shows %s', (_, { caller, sees, shows, seesBank }) => {
    it('the entries they may see and no other, newest first, on pages', async () => {
      const expected = all.filter(sees).sort(newestFirst);
      expect(ids(await list(caller, '', 200))).toEqual(expected.map(({ entryId }) => entryId));
    });

    it('the same when the query forgets to ask: the second wall stands alone', async () => {
      const { settings } = readerOf(caller, (units) => deps.staff.staffBelow(units));
      const { rows } = await inTransaction(log.requests, settings, (tx) =>
        tx.query<{ entry_id: string }>('SELECT entry_id FROM audit.entry'),
      );
      expect(new Set(rows.map(({ entry_id }) => entry_id))).toEqual(new Set(all.filter(sees).map(({ entryId }) => entryId)));
    });

    it(shows ? 'the customers whom they see' : 'no customer, wherever one is named', async () => {
      const expected = new Map(all.map((one) => [one.entryId, one]));
      for (const one of await list(caller, '', 200)) {
        const { customer, resource } = expected.get(one.name.slice('auditEntries/'.length))!;
        const shown = customer === '' ? seesBank === true : (shows?.(idIn(customer)) ?? false);
        expect(one.customer).toBe(shown ? customer : '');
        expect(one.resource).toBe(shown || !resource.startsWith('customers/') ? resource : '');
        expect(one.received.length).toBe(0);
        // One who has looked a person up could find out by it who else has.
        expect(one.queryHash.length).toBe(shown ? 32 : 0);
      }
    });

    it('one entry by its name, or says that there is none', async () => {
      for (const one of all.slice(0, 40)) {
        const found = getEntry(deps)({ name: `auditEntries/${one.entryId}` }, callBy(caller, 'GetAuditEntry'));
        if (sees(one)) expect(await found).toMatchObject({ operation: one.operation, number: one.number, head: 1n });
        else await expect(found).rejects.toMatchObject({ kind: 'NOT_FOUND' });
      }
    });
  });

  it('is found by every criterion, alone and together', async () => {
    const at = (seconds: number) => new Date(start + seconds * 1_000);
    const is: [filter: string, (one: Entry) => boolean][] = [
      [`actor = "staff/${people[3]}"`, ({ actor }) => actor === `staff/${people[3]}`],
      ['actor = "services/core-banking"', ({ actor }) => actor === 'services/core-banking'],
      [`customer = "customers/${customers[2]}"`, ({ customer }) => customer === `customers/${customers[2]}`],
      [`operation = "${operations[1]}"`, ({ operation }) => operation === operations[1]],
      ['service = customer', () => true],
      ['service = directory', () => false],
      ['decision = REFUSED', ({ decision }) => decision === Decision.REFUSED],
      ['decision = ALLOWED', ({ decision }) => decision === Decision.ALLOWED],
      ['reason = CALL_BACK', ({ reason }) => reason === 'CALL_BACK'],
      ['data_class = C2_IDENTIFYING', ({ fields }) => fields.length > 0],
      ['data_class = C2_FINANCIAL', () => false],
      ['high_privilege = true', ({ highPrivilege }) => highPrivilege],
      ['high_privilege = false', ({ highPrivilege }) => !highPrivilege],
      [`event_time >= "${at(100).toISOString()}"`, ({ eventTime }) => eventTime! >= at(100)],
      [`event_time < "${at(200).toISOString()}"`, ({ eventTime }) => eventTime! < at(200)],
    ];
    for (const [first, one] of is)
      for (const [second, two] of is) {
        const filter = first === second ? first : `${first} AND ${second}`;
        for (const { caller, sees, shows } of [readers.compliance!, readers['a branch manager']!]) {
          // One whom they do not see is answered as one who is not there.
          const isAnswered = !filter.includes('customer = ') || shows!(customers[2]!);
          const expected = all.filter((entry) => isAnswered && sees(entry) && one(entry) && two(entry)).sort(newestFirst);
          expect(ids(await list(caller, filter, 200)), filter).toEqual(expected.map(({ entryId }) => entryId));
        }
      }
  });

  it('finds the customers whom somebody sees, and says so where none may be looked for', async () => {
    for (const { caller, sees, shows } of Object.values(readers))
      for (const id of customers) {
        const filter = `customer = "customers/${id}"`;
        if (shows === undefined) {
          await expect(list(caller, filter)).rejects.toMatchObject({ kind: 'DENIED', reason: 'CUSTOMERS_HIDDEN' });
          continue;
        }
        const expected = all.filter((one) => shows(id) && sees(one) && one.customer === `customers/${id}`);
        expect(ids(await list(caller, filter, 200)).sort()).toEqual(expected.map(({ entryId }) => entryId).sort());
      }
  });

  it('shows nobody anything without a caller', async () => {
    for (const settings of [{}, callerSettings({ kind: 'service', clientId: 'gateway', permissions: new Set() })])
      for (const table of ['entry', 'shard', 'batch', 'head', 'numbering', 'finding']) {
        const { rows } = await inTransaction(log.requests, settings, (tx) => tx.query(`SELECT FROM audit.${table}`));
        expect(rows, table).toEqual([]);
      }
  });

  it('records who looked into it, for what as a hash, and whose customer', async () => {
    const { rows: before } = await log.workers.query<{ last: bigint }>(
      'SELECT coalesce(max(position), 0)::int8 AS last FROM events.outbox',
    );
    const filter = `customer = "customers/${customers[1]}"`;
    const found = await listEntries(deps)({ filter, pageSize: 5, pageToken: '' }, callBy(compliance, 'SearchAuditEntries'));
    const { rows } = await log.workers.query<{ payload: Buffer }>('SELECT payload FROM events.outbox WHERE position > $1', [
      before[0]!.last,
    ]);
    expect(found.entries).toHaveLength(5);
    expect(rows.map(({ payload }) => Entry.decode(payload))).toMatchObject([
      {
        service: 'audit',
        actor: `staff/${compliance.staffId}`,
        operation: 'bankcrm.audit.v1.AuditEntries/SearchAuditEntries',
        customer: `customers/${customers[1]}`,
        decision: Decision.ALLOWED,
        count: 5n,
        queryHash: expect.objectContaining({ length: 32 }),
      },
    ]);
    expect(rows[0]!.payload.includes(filter)).toBe(false);
  });

  it.each(['actor', 'customer = 7', 'fields = x', 'event_time = "2026-01-01T00:00:00Z"', 'decision = MAYBE'])(
    'refuses the filter %s and says what to change',
    (filter) => expect(async () => list(compliance, filter)).rejects.toMatchObject({ kind: 'INVALID' }),
  );

  it('gives a page token to its owner and its filter alone', async () => {
    const { nextPageToken } = await listEntries(deps)({ filter: '', pageSize: 5, pageToken: '' }, callBy(compliance));
    const again = (caller: StaffCaller, filter: string) =>
      listEntries(deps)({ filter, pageSize: 5, pageToken: nextPageToken }, callBy(caller));
    expect((await again(compliance, '')).entries).toHaveLength(5);
    expect(() => again(admin, '')).toThrow(expect.objectContaining({ reason: 'INVALID_PAGE_TOKEN' }));
    expect(() => again(compliance, 'high_privilege = true')).toThrow(expect.objectContaining({ reason: 'INVALID_PAGE_TOKEN' }));
  });

  it('keeps an entry with fields that this version does not know, and shows it as it came to those who see customers', async () => {
    const one = entry({ number: 901n, actor: `staff/${people[8]}` });
    // Field 900, length-delimited: what a later version may write.
    const received = Buffer.concat([bytesOf(one), Buffer.from([0xa2, 0x38, 0x03, 0x61, 0x62, 0x63])]);
    await log.append(0, [received]);
    const name = `auditEntries/${one.entryId}`;
    const shown = await getEntry(deps)({ name }, callBy(compliance, 'GetAuditEntry'));
    expect(shown).toMatchObject({ hasUnknownFields: true, operation: one.operation, head: 0n });
    expect(Buffer.from(shown.received)).toEqual(received);
    const hidden = await getEntry(deps)({ name }, callBy(admin, 'GetAuditEntry'));
    expect(hidden).toMatchObject({ hasUnknownFields: true, customer: '' });
    expect(hidden.received.length).toBe(0);
    await log.settle();
    expect(await getEntry(deps)({ name }, callBy(compliance, 'GetAuditEntry'))).toMatchObject({ head: 2n });
  });
});
