import { CustomersService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { DataClass } from '@bankcrm/proto/gen/bankcrm/options/v1/options.ts';
import { CustomerSnapshot } from '@bankcrm/proto/gen/corebanking/v1/customers.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ActBench, bare, entriesOf, openActs } from './support/read-acts.ts';
import { who } from './support/read-bank.ts';
import { type StaffName, staffIdOf, staffName } from './support/reading.ts';

let bench: ActBench;
let zhang: string;
let pool: string;
let restricted: string;

beforeAll(async () => {
  bench = await openActs();
  ({ zhang, pool, restricted } = bench);
});
afterAll(() => bench?.closeAll());

describe('restrictions', () => {
  const etagOf = async (customer: string): Promise<string> => {
    const { rows } = await bench.workers.query<{ version: bigint }>(
      'SELECT version FROM customer.customer WHERE customer_id = $1',
      [bare(customer)],
    );
    return String(rows[0]!.version);
  };
  const restrict = async (name: StaffName, customer = pool) =>
    bench.as(name, CustomersService.restrictCustomer, { name: customer, reason: '员工亲属', etag: await etagOf(customer) });
  const lift = async (name: StaffName, customer = pool) =>
    bench.as(name, CustomersService.liftRestriction, { name: customer, reason: '不再适用', etag: await etagOf(customer) });
  const add = (name: StaffName, to: StaffName, rest: { expireTime?: Date; parent?: string } = {}) =>
    bench.as(name, CustomersService.addParticipant, {
      parent: rest.parent ?? pool,
      participant: { name: '', staff: staffName(to), reason: '客户经理', expireTime: rest.expireTime },
    });
  const participants = async (name: StaffName, parent = pool) =>
    (await bench.as(name, CustomersService.listParticipants, { parent })).participants.map(({ staff }) => staff);
  const remove = (name: StaffName, whom: StaffName, parent = pool) =>
    bench.as(name, CustomersService.removeParticipant, { name: `${parent}/participants/${staffIdOf(whom)}` });
  const sees = (name: StaffName, customer = pool) =>
    bench.get(name, customer).then(
      () => true,
      (error: { kind: string }) => {
        expect(error.kind).toBe('NOT_FOUND');
        return false;
      },
    );

  it('hide a customer from all but participants, the first being who raised it', async () => {
    const rows = await bench.published(async () => {
      expect((await restrict('compliance')).restricted).toBe(true);
    });
    expect(rows.map(({ type }) => type)).toEqual(['bankcrm.customer.v1.CustomerChanged', 'bankcrm.audit.v1.Entry']);
    expect(entriesOf(rows)[0]).toMatchObject({ highPrivilege: true, reason: '员工亲属' });
    // The reply shows the customer to who restricts it.
    expect(entriesOf(rows)[0]!.fields).toEqual([
      { name: 'restricted', dataClass: DataClass.C1 },
      { name: 'individual.annual_income', dataClass: DataClass.C2_FINANCIAL },
      { name: 'organisation.registered_capital', dataClass: DataClass.C2_FINANCIAL },
    ]);
    expect(await sees('compliance')).toBe(true);
    for (const name of ['cityManager', 'hqManager', 'otherCompliance', 'admin', 'steward'] as const)
      expect(await sees(name)).toBe(false);
    await expect(restrict('otherCompliance')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'ALREADY_RESTRICTED' });
  });

  it('are managed by compliance without sight of what is behind them', async () => {
    expect(await participants('otherCompliance')).toEqual([staffName('compliance')]);
    const named = await bench.published(() => add('otherCompliance', 'cityManager'));
    expect(entriesOf(named)).toMatchObject([{ fields: [{ name: 'participant', dataClass: DataClass.C1 }] }]);
    expect(await sees('cityManager')).toBe(true);
    expect(await sees('otherCompliance')).toBe(false);
    await expect(add('otherCompliance', 'otherCompliance')).rejects.toMatchObject({
      kind: 'REFUSED',
      reason: 'CANNOT_NAME_ONESELF',
    });
    await expect(add('otherCompliance', 'cityManager')).rejects.toMatchObject({ kind: 'ALREADY_EXISTS' });
    await expect(add('otherCompliance', 'rm', { expireTime: new Date('2020-01-01') })).rejects.toMatchObject({ kind: 'INVALID' });
    await expect(add('otherCompliance', 'rm', { parent: zhang })).rejects.toMatchObject({ reason: 'NOT_RESTRICTED' });
    await remove('otherCompliance', 'cityManager');
    expect(await sees('cityManager')).toBe(false);
    await expect(remove('otherCompliance', 'cityManager')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    for (const name of ['rm', 'hqManager', 'admin', 'branchManager'] as const) {
      await expect(participants(name)).rejects.toMatchObject({ kind: 'DENIED' });
      await expect(add(name, 'rm')).rejects.toMatchObject({ kind: 'DENIED' });
    }
  });

  it('let a participant through until the time is over', async () => {
    await add('otherCompliance', 'risk', { expireTime: new Date('2999-01-01') });
    expect(await sees('risk')).toBe(true);
    await bench.workers.query(`UPDATE customer.participant SET expire_time = now() - interval '1 second' WHERE staff_id = $1`, [
      staffIdOf('risk'),
    ]);
    expect(await sees('risk')).toBe(false);
  });

  it('stay up when core banking sends the customer again', async () => {
    const { rows } = await bench.workers.query<{ version: bigint }>(
      'SELECT version FROM customer.customer WHERE customer_id = $1',
      [bare(pool)],
    );
    await bench.give(
      'customer',
      CustomerSnapshot.fromPartial({
        sourceSystem: 'core',
        sourceId: who.pool,
        version: 2n,
        state: 1,
        profile: { $case: 'individual', value: { fullName: '买买提·吐尔逊', occupation: 'baker' } },
        homeBranchCode: 'BJ',
      }),
    );
    const { rows: after } = await bench.workers.query<{ version: bigint; restricted: boolean }>(
      'SELECT version, restricted FROM customer.customer WHERE customer_id = $1',
      [bare(pool)],
    );
    expect(after[0]!.version).toBeGreaterThan(rows[0]!.version);
    expect(after[0]!.restricted).toBe(true);
    expect(await sees('hqManager')).toBe(false);
  });

  it('come down only by somebody who was let through, and by core banking alone where it raised them', async () => {
    await expect(lift('otherCompliance')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'NOT_A_PARTICIPANT' });
    await add('compliance', 'otherCompliance', { expireTime: new Date('2999-01-01') });
    await bench.workers.query(`UPDATE customer.participant SET expire_time = '2026-11-23T08:00:00Z' WHERE staff_id = $1`, [
      staffIdOf('otherCompliance'),
    ]);
    await expect(lift('otherCompliance')).rejects.toMatchObject({ kind: 'REFUSED', reason: 'NOT_A_PARTICIPANT' });
    expect(await sees('hqManager')).toBe(false);
    await add('compliance', 'otherCompliance');
    expect((await lift('otherCompliance')).restricted).toBe(false);
    expect(await sees('hqManager')).toBe(true);
    await expect(lift('otherCompliance')).rejects.toMatchObject({ reason: 'NOT_RESTRICTED' });
    await expect(lift('compliance', restricted)).rejects.toMatchObject({ kind: 'REFUSED', reason: 'RESTRICTED_BY_CORE' });
    await expect(remove('compliance', 'rm', restricted)).rejects.toMatchObject({ kind: 'REFUSED', reason: 'NAMED_BY_CORE' });
    expect(await participants('compliance', restricted)).toEqual([staffName('rm')]);
  });

  it('need the current etag', async () => {
    await expect(
      bench.as('compliance', CustomersService.restrictCustomer, { name: pool, reason: 'x', etag: '1' }),
    ).rejects.toMatchObject({ kind: 'ABORTED' });
  });
});

it('leaves no identifying value in logs, refusals, errors or events', () => bench.expectNoSecrets(10));
