import { type AppError, newId } from '@bankcrm/kernel';
import { CustomerAssigned } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments.ts';
import { AssignRequest } from '@bankcrm/proto/gen/bankcrm/quota/v1/assignments_service.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assign } from '../src/app/assign.ts';
import { listAssignments } from '../src/app/list-assignments.ts';
import { listPortfolios } from '../src/app/list-portfolios.ts';
import { openQuota, type QuotaBench, type StaffName, staffIdOf, units } from './support/bench.ts';

let bench: QuotaBench;
beforeAll(async () => {
  bench = await openQuota();
  await bench.placeUnits();
});
afterAll(() => bench?.close());

type Asked = Parameters<typeof AssignRequest.fromPartial>[0];
const staff = (name: StaffName): string => `staff/${staffIdOf(name)}`;
const assignAs = (name: StaffName, customerId: string, asked: Asked = {}, deps = bench.deps) =>
  assign(deps)(AssignRequest.fromPartial({ customer: `customers/${customerId}`, ...asked }), bench.callBy(name, 'assign'));
const outcome = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'OK',
    (error: AppError) => error.reason,
  );
const historyOf = async (name: StaffName, customerId: string) =>
  (
    await listAssignments(bench.deps)(
      { pageSize: 0, pageToken: '', filter: `customer = "customers/${customerId}"` },
      bench.callBy(name, 'listAssignments'),
    )
  ).assignments;
const loadOf = async (name: StaffName) =>
  (await listPortfolios(bench.deps)({ pageSize: 0, pageToken: '' }, bench.callBy('hq', 'listPortfolios'))).portfolios.find(
    ({ rm }) => rm === staff(name),
  );
const eventsOf = async (customerId: string) => {
  const { rows } = await bench.workers.query<{ payload: Buffer }>(
    `SELECT payload FROM events.outbox WHERE subject = $1 AND type = 'bankcrm.quota.v1.CustomerAssigned' ORDER BY position`,
    [`customers/${customerId}`],
  );
  return rows.map(({ payload }) => CustomerAssigned.decode(payload));
};

describe('an assignment', () => {
  it('is decided by a manager of the customer’s unit, told to all, and kept with those before it', async () => {
    const [customerId] = await bench.placeCustomers(1, { rm: 'rm' });
    const first = await assignAs('manager', customerId!, { rm: staff('otherRm'), reason: 'moved to the branch' });
    expect(first).toMatchObject({ rm: staff('otherRm'), decidedBy: staff('manager'), reason: 'moved to the branch' });
    const endTime = new Date(Date.now() + 86_400_000);
    await assignAs('hq', customerId!, {
      rm: staff('elsewhereRm'),
      dedicatedRm: staff('otherRm'),
      collaborators: [{ staff: staff('rm'), endTime }],
    });
    await assignAs('manager', customerId!);

    const events = await eventsOf(customerId!);
    expect(events).toMatchObject([
      { sequence: 1n, rmStaffId: staffIdOf('otherRm'), collaborators: [] },
      {
        sequence: 2n,
        rmStaffId: staffIdOf('elsewhereRm'),
        dedicatedRmStaffId: staffIdOf('otherRm'),
        collaborators: [{ staffId: staffIdOf('rm'), endTime }],
      },
      { sequence: 3n, rmStaffId: '', dedicatedRmStaffId: '', collaborators: [] },
    ]);
    const history = await historyOf('manager', customerId!);
    expect(history.map(({ rm, endTime }) => [rm, endTime])).toEqual([
      ['', undefined],
      [staff('elsewhereRm'), events[2]!.effectiveTime],
      [staff('otherRm'), events[1]!.effectiveTime],
    ]);
  });

  it('is made once for a request id', async () => {
    const [customerId] = await bench.placeCustomers(1);
    const asked = { rm: staff('rm'), requestId: newId() };
    expect(await assignAs('manager', customerId!, asked)).toEqual(await assignAs('manager', customerId!, asked));
    expect((await eventsOf(customerId!)).length).toBe(1);
  });

  it('is refused, and nothing is written, where it may not be', async () => {
    const [ours] = await bench.placeCustomers(1);
    const [theirs] = await bench.placeCustomers(1, { unit: units.other });
    const [closed] = await bench.placeCustomers(1, { state: 'CLOSED' });
    const past = new Date(Date.now() - 1_000);
    const far = [new Date(Date.now() + 2_000_000), new Date(Date.now() + 1_000_000)] as const;
    const collaborator = (more: object) => ({ rm: staff('rm'), collaborators: [{ staff: staff('rm'), ...more }] });
    const cases: [string, () => Promise<unknown>][] = [
      ['NOT_FOUND', () => assignAs('manager', theirs!, { rm: staff('rm') })],
      ['NOT_FOUND', () => assignAs('manager', newId(), { rm: staff('rm') })],
      ['CUSTOMER_CLOSED', () => assignAs('manager', closed!, { rm: staff('rm') })],
      ['UNKNOWN_MANAGER', () => assignAs('manager', ours!, { rm: staff('elsewhereRm') })],
      ['UNKNOWN_MANAGER', () => assignAs('manager', ours!, { rm: staff('suspendedRm') })],
      ['UNKNOWN_MANAGER', () => assignAs('manager', ours!, { rm: staff('teller') })],
      ['UNKNOWN_MANAGER', () => assignAs('manager', ours!, { rm: staff('rm'), dedicatedRm: `staff/${newId()}` })],
      ['INVALID_RESOURCE_NAME', () => assignAs('manager', ours!, { rm: 'staff/1' })],
      ['INVALID_RESOURCE_NAME', () => assignAs('manager', 'x', { rm: staff('rm') })],
      ['INVALID_FIELD', () => assignAs('manager', ours!, collaborator({ endTime: past }))],
      ['INVALID_FIELD', () => assignAs('manager', ours!, collaborator({ startTime: far[0], endTime: far[1] }))],
      ['INVALID_FIELD', () => assignAs('manager', ours!, { collaborators: [{ staff: staff('rm') }, { staff: staff('rm') }] })],
      [
        'INVALID_FIELD',
        () => assignAs('manager', ours!, { collaborators: Array.from({ length: 21 }, () => ({ staff: `staff/${newId()}` })) }),
      ],
      ['INVALID_FIELD', () => assignAs('manager', ours!, { rm: staff('rm'), reason: 'x'.repeat(501) })],
      ['IDENTIFYING_TEXT', () => assignAs('manager', ours!, { rm: staff('rm'), reason: 'call 13812345678' })],
    ];
    for (const [at, [reason, work]] of cases.entries()) expect([at, await outcome(work())]).toEqual([at, reason]);
    for (const id of [ours, theirs, closed]) expect(await eventsOf(id!)).toEqual([]);
  });

  it('never moves a restricted customer, not even by a participant', async () => {
    const [customerId] = await bench.placeCustomers(1, { restricted: true });
    expect(await outcome(assignAs('hq', customerId!, { rm: staff('rm') }))).toBe('NOT_FOUND');
    await bench.workers.query('INSERT INTO scope.participant VALUES ($1, $2)', [customerId, staffIdOf('hq')]);
    expect(await outcome(assignAs('hq', customerId!, { rm: staff('rm') }))).toBe('CUSTOMER_RESTRICTED');
  });
});

describe('a quota', () => {
  it('counts what core banking says until there is a decision, and nobody who is closed, restricted or merged', async () => {
    const before = (await loadOf('elsewhereRm'))!.load;
    const [one] = await bench.placeCustomers(3, { rm: 'elsewhereRm', unit: units.other });
    await bench.placeCustomers(1, { rm: 'elsewhereRm', unit: units.other, state: 'CLOSED' });
    await bench.placeCustomers(1, { rm: 'elsewhereRm', unit: units.other, restricted: true });
    expect(await loadOf('elsewhereRm')).toMatchObject({ load: before + 3, quota: 200, headroom: 197 - before });
    await assignAs('hq', one!, { rm: staff('rm') });
    expect((await loadOf('elsewhereRm'))!.load).toBe(before + 2);
    // The echo of the decision in the placements changes nothing, nor does one that is late.
    await bench.workers.query('UPDATE scope.customer SET rm_staff_id = $2 WHERE customer_id = $1', [one, staffIdOf('rm')]);
    expect((await loadOf('elsewhereRm'))!.load).toBe(before + 2);
  });

  it('lets exactly ten of a thousand in that come at once, where ten places are left', async () => {
    const load = (await loadOf('otherRm'))!.load;
    const deps = { ...bench.deps, quota: load + 10 };
    const customers = await bench.placeCustomers(1_000);
    const outcomes: string[] = [];
    const left = customers.values();
    // As many at once as the server lets in.
    const calls = Array.from({ length: 256 }, async () => {
      for (const id of left) outcomes.push(await outcome(assignAs('hq', id, { rm: staff('otherRm') }, deps)));
    });
    await Promise.all(calls);
    const counts = Map.groupBy(outcomes, (one) => one);
    expect([...counts].map(([reason, { length }]) => [reason, length]).sort()).toEqual([
      ['OK', 10],
      ['QUOTA_EXCEEDED', 990],
    ]);
    expect((await loadOf('otherRm'))!.load).toBe(load + 10);
    const { rows } = await bench.workers.query(
      'SELECT count(*)::int AS count FROM quota.decision WHERE customer_id = ANY ($1::uuid[])',
      [customers],
    );
    expect(rows).toEqual([{ count: 10 }]);
  });

  it('does not stand in the way of what is decided about a customer whom the person looks after already', async () => {
    const [customerId] = await bench.placeCustomers(1, { rm: 'rm' });
    const deps = { ...bench.deps, quota: 1 };
    expect(await outcome(assignAs('manager', customerId!, { rm: staff('rm'), dedicatedRm: staff('otherRm') }, deps))).toBe('OK');
    expect(await outcome(assignAs('manager', customerId!, {}, deps))).toBe('OK');
    expect(await outcome(assignAs('manager', customerId!, { rm: staff('rm') }, deps))).toBe('QUOTA_EXCEEDED');
  });

  it('decisions about one customer that come at once follow one another, each with a number of its own', async () => {
    const [customerId] = await bench.placeCustomers(1);
    const names = ['rm', 'otherRm'] as const;
    const deps = { ...bench.deps, quota: 100_000 };
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, at) => outcome(assignAs('hq', customerId!, { rm: staff(names[at % 2]!) }, deps))),
    );
    const made = outcomes.filter((one) => one === 'OK').length;
    expect(made).toBeGreaterThan(0);
    expect(outcomes.every((one) => one === 'OK' || one === 'DECIDED_MEANWHILE')).toBe(true);
    expect((await eventsOf(customerId!)).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: made }, (_, at) => BigInt(at + 1)),
    );
  });
});

describe('portfolios', () => {
  it.each([
    ['rm', ['rm']],
    ['manager', ['otherRm', 'rm']],
    ['hq', ['elsewhereRm', 'otherRm', 'rm']],
  ] as const)('shown to %s are those in reach', async (name, shown) => {
    const { portfolios } = await listPortfolios(bench.deps)({ pageSize: 0, pageToken: '' }, bench.callBy(name, 'listPortfolios'));
    expect(portfolios.map(({ rm }) => rm).sort()).toEqual(shown.map(staff).sort());
  });
});
