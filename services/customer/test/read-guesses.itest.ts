import { inTransaction, nobody } from '@bankcrm/database';
import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CustomersService, PresentedKind } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import type { Log } from '@bankcrm/service';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sweepLookUpMisses } from '../src/store/look-up-misses.ts';
import { fillBank, secrets, who } from './support/read-bank.ts';
import { openReads, type ReadBench, type StaffName, staffName } from './support/reading.ts';

const dayMs = 86_400_000;
const begin = new Date('2026-11-23T02:00:00Z').getTime();
let time = begin;
const alarms: unknown[] = [];
const error = (fields: unknown): void => void alarms.push(fields);

let bench: ReadBench;
beforeAll(async () => {
  bench = await openReads({
    clock: { now: () => new Date(time) },
    lookupsPerDay: 1_000,
    log: { error } as unknown as Pick<Log, 'error'>,
  });
  await fillBank(bench);
});
beforeEach(async () => {
  time = begin;
  alarms.length = 0;
  bench.refusals.length = 0;
  await bench.workers.query(
    'DELETE FROM customer.use_count; DELETE FROM customer.look_up_miss; DELETE FROM customer.service_access',
  );
});
afterAll(() => bench?.closeAll());

const search = async (name: StaffName, query: string): Promise<string[]> => {
  const page = { query, pageSize: 5, pageToken: '', includeClosed: false };
  return (await bench.as(name, CustomersService.searchCustomers, page)).customers.map(({ fullName }) => fullName);
};
const start = async (name: StaffName, value: string, kind: PresentedKind = PresentedKind.ID_NUMBER, channel = 'counter') => {
  const request = { kind, value, channel, note: '', requestId: '' };
  return (await bench.as(name, CustomersService.startService, request)).customer;
};
/** What came of a look-up: `found`, `nobody`, or why it was refused. */
const outcomeOf = (lookUp: Promise<string[] | string>): Promise<string> =>
  lookUp.then(
    (found) => (found.length > 0 ? 'found' : 'nobody'),
    ({ reason }: { reason: string }) => (['NOT_FOUND', 'ID_CHECK_DIGIT'].includes(reason) ? 'nobody' : reason),
  );
/** Cards of nobody, no two of them with the same last four. */
const strangers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `62220202000000${String(9_900 - from - index).padStart(4, '0')}`);

describe('look-ups that find nobody', () => {
  it('end for the day after 20, whoever is looked up then, and go on the next day; names are found all the same', async () => {
    for (const number of strangers(20)) expect(await outcomeOf(search('hqManager', number))).toBe('nobody');
    for (const number of [...strangers(1, 20), secrets.zhangId, secrets.zhangMobile])
      await expect(search('hqManager', number)).rejects.toMatchObject({
        kind: 'EXHAUSTED',
        reason: 'LOOK_UP_MISS_LIMIT',
        metadata: { limit: '20' },
      });
    expect(await search('hqManager', '曾国藩')).toEqual(['曾国藩']);
    // 17:00 UTC is the next day in Shanghai.
    time = new Date('2026-11-23T17:00:00Z').getTime();
    expect(await search('hqManager', secrets.zhangId)).toEqual(['张伟']);
  });

  it('are not those that find somebody', async () => {
    for (let turn = 0; turn < 25; turn += 1) expect(await outcomeOf(search('hqManager', secrets.zhangMobile))).toBe('found');
    for (let turn = 0; turn < 25; turn += 1) expect(await outcomeOf(start('teller', secrets.zhangId))).toBe('found');
    const several = () => outcomeOf(start('otherTeller', secrets.orgAccount, PresentedKind.ACCOUNT_NUMBER));
    for (let turn = 0; turn < 65; turn += 1) expect(await several()).toBe('SEVERAL_CUSTOMERS');
    const { rows } = await bench.workers.query('SELECT FROM customer.look_up_miss');
    expect(rows).toEqual([]);
  });

  it('are exactly 20 when a hundred come at once', async () => {
    const outcomes = await Promise.all(strangers(100).map((number) => outcomeOf(search('steward', number))));
    expect(outcomes.filter((outcome) => outcome === 'nobody')).toHaveLength(20);
    expect(outcomes.filter((outcome) => outcome === 'LOOK_UP_MISS_LIMIT')).toHaveLength(80);
  });

  it('are 60 at the counter, and counted for the person, whatever the operation', async () => {
    for (const number of strangers(20)) expect(await outcomeOf(search('teller', number))).toBe('nobody');
    expect(await outcomeOf(search('teller', secrets.zhangId))).toBe('LOOK_UP_MISS_LIMIT');
    for (const number of strangers(40, 20))
      expect(await outcomeOf(start('teller', number, PresentedKind.CARD_NUMBER))).toBe('nobody');
    expect(await outcomeOf(start('teller', secrets.zhangId))).toBe('LOOK_UP_MISS_LIMIT');
    expect(await outcomeOf(start('otherTeller', secrets.zhangId))).toBe('found');
    // On the phone nobody shows a document.
    for (const number of strangers(20))
      expect(await outcomeOf(start('agent', number, PresentedKind.CARD_NUMBER, 'phone'))).toBe('nobody');
    expect(await outcomeOf(start('agent', secrets.zhangId, PresentedKind.ID_NUMBER, 'phone'))).toBe('LOOK_UP_MISS_LIMIT');
  });

  it('are those, too, that break before somebody is found', async () => {
    const owner = new pg.Client({ connectionString: bench.urls.owner });
    await owner.connect();
    try {
      await owner.query('ALTER TABLE customer.party RENAME TO party_away');
      await expect(search('hqManager', secrets.zhangMobile)).rejects.toMatchObject({ kind: 'INTERNAL' });
    } finally {
      await owner.query('ALTER TABLE customer.party_away RENAME TO party');
      await owner.end();
    }
    const { rows } = await bench.workers.query('SELECT DISTINCT look_up_id FROM customer.look_up_miss');
    expect(rows).toHaveLength(1);
  });
});

/** The number with the check character that follows from its first 17 digits (GB 11643-1999, ISO 7064 MOD 11-2). */
function withCheck(digits: string): string {
  let remainder = 0;
  for (const digit of digits) remainder = ((remainder + Number(digit)) * 2) % 11;
  return digits + '0123456789X'[(12 - remainder) % 11];
}

describe('guesses at one ID number', () => {
  // Known to who sees the customer: the birth date and digits 16 and 17. The region may be known, too; then digit 15 is left.
  const candidates = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((digit) => withCheck(`11010519491231${digit}02`));

  it('take one person more than 30 days, with the region known and the tries spread over all ways', async () => {
    expect(candidates.at(-1)).toBe(secrets.zhangId);
    // Opens the customer to the search, too.
    await start('agent', secrets.zhangMobile, PresentedKind.PHONE, 'phone');
    const ways = [
      (value: string) => search('agent', value),
      (value: string) => start('agent', value),
      (value: string) => start('agent', value, PresentedKind.ID_NUMBER, 'phone'),
    ];
    let tried = 0;
    let day = 0;
    for (let turn = 0; day < 200 && tried < candidates.length; turn += 1) {
      time = begin + day * dayMs;
      const outcome = await outcomeOf(ways[turn % ways.length]!(candidates[tried]!));
      if (outcome === 'found') break;
      if (outcome === 'nobody') tried += 1;
      else day += 1;
    }
    expect(tried).toBe(9);
    expect(day).toBeGreaterThan(30);
  });

  it('raise an alarm at the third, and end whether or not the next one is right', async () => {
    const before = await bench.workers.query<{ id: string }>('SELECT id FROM events.outbox');
    const raised = async () => {
      const { rows } = await bench.workers.query<{ payload: Buffer }>(
        `SELECT payload FROM events.outbox WHERE topic = 'bankcrm.audit.v1.entries' AND NOT id = ANY ($1::uuid[])`,
        [before.rows.map(({ id }) => id)],
      );
      return rows.map(({ payload }) => Entry.decode(payload)).filter(({ reason }) => reason === 'LOOK_UP_GUESSES');
    };
    for (const number of candidates.slice(0, 2)) await search('hqManager', number);
    expect([alarms, await raised()]).toEqual([[], []]);
    await search('hqManager', candidates[2]!);
    expect(alarms).toEqual([{ operation: 'bankcrm.customer.v1.Customers/SearchCustomers', staff: staffName('hqManager') }]);
    const [entry, ...others] = await raised();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ actor: staffName('hqManager'), operation: 'bankcrm.customer.v1.Customers/SearchCustomers' });
    expect(entry!.queryHash).toHaveLength(32);
    for (const number of [candidates[3]!, secrets.zhangId])
      await expect(search('hqManager', number)).rejects.toMatchObject({ kind: 'EXHAUSTED', reason: 'LOOK_UP_GUESSES' });
    expect(bench.refusals.map(({ queryHash }) => queryHash?.length)).toEqual([32, 32]);
    // Others are looked up as before.
    expect(await search('hqManager', secrets.zhangMobile)).toEqual(['张伟']);
    expect(await search('compliance', secrets.zhangId)).toEqual(['张伟']);
  });

  it('are at most three when many come at once', async () => {
    const outcomes = await Promise.all(candidates.slice(0, 9).map((number) => outcomeOf(search('steward', number))));
    expect(outcomes.filter((outcome) => outcome === 'nobody')).toHaveLength(3);
  });

  it('are no mistakes in typing: who mistypes twice at the counter and then types right is served', async () => {
    for (const mistyped of ['11010519491231002X'.replace('0105', '0150'), '110105194912310020'])
      expect(await outcomeOf(start('teller', mistyped))).toBe('nobody');
    expect(await start('teller', secrets.zhangId)).toBe(`customers/${await bench.customerOf(who.zhang)}`);
    expect(alarms).toEqual([]);
  });

  it('are no repetitions: the number of somebody who is no customer may be typed again', async () => {
    for (let turn = 0; turn < 5; turn += 1) expect(await outcomeOf(search('rm', candidates[0]!))).toBe('nobody');
    expect(await search('rm', secrets.zhangId)).toEqual(['张伟']);
  });

  it('of several people together raise an alarm at the eleventh', async () => {
    const people = ['rm', 'otherRm', 'branchManager', 'hqManager', 'compliance', 'admin'] as const;
    const tries = people.flatMap(
      (name, index) =>
        [
          [name, candidates[index]!],
          [name, candidates[index + 1]!],
        ] as const,
    );
    for (const [name, number] of tries.slice(0, 10)) await search(name, number);
    expect(alarms).toEqual([]);
    await search(...tries[10]!);
    expect(alarms).toHaveLength(1);
  });
});

it('guesses at one phone or card have an end, too', async () => {
  for (const guess of ['13811118000', '13822228000', '13833338000']) expect(await search('hqManager', guess)).toEqual([]);
  expect(await outcomeOf(search('hqManager', secrets.zhangMobile))).toBe('LOOK_UP_GUESSES');
  for (const guess of ['6225880000003344', '6225881111113344', '6225882222223344'])
    expect(await outcomeOf(start('teller', guess, PresentedKind.CARD_NUMBER))).toBe('nobody');
  expect(await outcomeOf(start('teller', secrets.zhangCard, PresentedKind.CARD_NUMBER))).toBe('LOOK_UP_GUESSES');
});

/** Of another customer. */
async function write(value: string, field = 'mobile'): Promise<void> {
  const name = `customers/${await bench.customerOf(who.shan)}`;
  const { etag } = await bench.as('rm', CustomersService.getCustomer, { name });
  await bench.as('rm', CustomersService.supplementCustomer, { name, values: [{ field, value }], etag, requestId: '' });
}

it('guesses at a phone have an end, too, where the caller writes them down for another customer, who is found by them', async () => {
  for (const guess of ['13811118000', '13822228000', '13833338000']) {
    await write(guess);
    expect(await search('rm', guess)).toEqual(['单雄信']);
  }
  await write(secrets.zhangMobile);
  expect(await outcomeOf(search('rm', secrets.zhangMobile))).toBe('LOOK_UP_GUESSES');
  expect((await search('hqManager', secrets.zhangMobile)).sort()).toEqual(['单雄信', '张伟']);
  await write('');
});

it('guesses at a phone have an end, too, where the caller looks up another form than the one written down', async () => {
  await write('+1 212 555 1234');
  expect(await search('rm', '12125551234')).toEqual(['单雄信']);
  const { rows } = await bench.workers.query('SELECT FROM customer.look_up_miss');
  expect(rows).not.toEqual([]);
  await write('');
});

it('guesses have an end, too, where the caller writes them down as the name of a customer', async () => {
  // A German passport: letters stand among its digits.
  await write('C01X00T47', 'short_name');
  expect(await search('rm', 'C01X00T47')).toEqual(['单雄信']);
  expect((await bench.workers.query('SELECT FROM customer.look_up_miss')).rows).not.toEqual([]);
  await write('', 'short_name');
});

it('names with digits in them that find somebody are no misses', async () => {
  await bench.give(
    'customer',
    CustomerSnapshot.fromPartial({
      sourceSystem: 'core',
      sourceId: 'N1688',
      version: 1n,
      state: 1,
      profile: { $case: 'organisation', value: { fullName: '1688.com' } },
      homeBranchCode: 'BJ-CY',
    }),
  );
  for (let turn = 0; turn < 25; turn += 1) expect(await search('hqManager', '1688.com')).toEqual(['1688.com']);
  for (let turn = 0; turn < 20; turn += 1) expect(await outcomeOf(search('hqManager', '1699.com'))).toBe('nobody');
  expect(await outcomeOf(search('hqManager', '1688.com'))).toBe('LOOK_UP_MISS_LIMIT');
});

it('misses are forgotten after 31 days', async () => {
  await search('rm', '13999999999');
  const left = async (days: number) => {
    await inTransaction(bench.workers, nobody, (tx) => sweepLookUpMisses(tx, new Date(begin + days * dayMs)));
    return (await bench.workers.query('SELECT FROM customer.look_up_miss')).rows.length;
  };
  expect(await left(30.5)).toBeGreaterThan(0);
  expect(await left(31.5)).toBe(0);
});

it('a refused look-up carries the hash of what was tried, the same as an allowed one', async () => {
  const { rows: before } = await bench.workers.query<{ id: string }>('SELECT id FROM events.outbox');
  await start('teller', secrets.zhangId);
  const { rows } = await bench.workers.query<{ payload: Buffer }>(
    `SELECT payload FROM events.outbox WHERE topic = 'bankcrm.audit.v1.entries' AND NOT id = ANY ($1::uuid[])`,
    [before.map(({ id }) => id)],
  );
  const [allowed] = rows.map(({ payload }) => Entry.decode(payload));
  expect(allowed!.newValueHash).toHaveLength(32);
  await bench.workers.query(`UPDATE customer.customer SET restricted = true WHERE full_name = '张伟'`);
  expect(await outcomeOf(start('teller', secrets.zhangId))).toBe('nobody');
  await bench.workers.query(`UPDATE customer.customer SET restricted = false WHERE full_name = '张伟'`);
  const [refused] = bench.refusals;
  expect(refused).toMatchObject({ actor: staffName('teller'), reason: 'NOT_FOUND' });
  expect(refused!.queryHash).toEqual(allowed!.queryHash);
  expect(JSON.stringify([bench.refusals, alarms, bench.logLines])).not.toContain(secrets.zhangId);
});
