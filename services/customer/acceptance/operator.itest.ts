import { search } from '@bankcrm/acceptance/api.ts';
import { as, type Person, problem } from '@bankcrm/acceptance/client.ts';
import { customerMessage, managerOfOthers, newCustomer } from '@bankcrm/acceptance/core-bank.ts';
import { contentOf, deleteRecordsBefore, send, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import { everybody } from '@bankcrm/acceptance/ledger.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { pauseSync, restartPartition, resumeSync, syncStates } from '@bankcrm/acceptance/sync-api.ts';
import { coreTopics } from '@bankcrm/local';
import { SyncRequested } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

const customers = 'syncStates/core.corebanking.customers.v1';
let operator: Person;
let steward: Person;
let manager: Person;

beforeAll(async () => {
  [operator, steward, manager] = await Promise.all([as(people.operator), as(people.steward), as(managerOfOthers)]);
});
afterEach(async () => {
  await operator.post(`/v1/${customers}:resume`);
});

const stateOf = async (name: string) => {
  const state = (await syncStates(operator)).find((one) => one.name === name);
  if (!state) throw new Error(`there is no ${name}`);
  return state;
};

describe('the state of the sync', () => {
  it('tells for each source and topic what was applied, when, and that nothing waits', async () => {
    await untilApplied();
    const states = await syncStates(operator);
    for (const topic of coreTopics) {
      const state = states.find(({ name }) => name === `syncStates/core.${topic}`);
      expect(state, topic).toMatchObject({ sourceSystem: 'core', topic, paused: false, stoppedPartitions: [] });
      expect(state?.appliedMessages).toBeGreaterThan(0n);
      expect(Date.now() - (state?.lastApplyTime?.getTime() ?? 0)).toBeLessThan(3_600_000);
    }
    const applied = states.find(({ name }) => name === customers)!.appliedMessages;
    expect(applied).toBeGreaterThanOrEqual(BigInt(everybody.length));
    await vi.waitFor(async () => expect(await stateOf(customers)).toMatchObject({ lagMessages: 0n, lagSeconds: 0 }), {
      timeout: 15_000,
    });
  });

  it('counts dead letters', async () => {
    const before = (await stateOf(customers)).deadLetters;
    const message = customerMessage(newCustomer());
    const broken = { ...message, value: Buffer.from('{') };
    await send([
      { ...broken, headers: { ...message.headers, 'content-type': 'application/json' } },
      // From a producer that neither says what it sends nor who it is.
      { ...broken, headers: {} },
    ]);
    await untilApplied();
    expect((await stateOf(customers)).deadLetters).toBe(before + 1n);
    expect((await stateOf('syncStates/.corebanking.customers.v1')).deadLetters).toBeGreaterThan(0n);
  });

  it('is for those who run the platform', async () => {
    for (const number of [people.rm, people.hqManager, people.admin])
      expect(problem(await (await as(number)).get('/v1/syncStates')), number).toMatchObject({
        status: 403,
        reason: 'PERMISSION_MISSING',
      });
    expect(problem(await steward.post(`/v1/${customers}:pause`, { reason: 'x' }))).toMatchObject({ status: 403 });
  });
});

describe('a source', () => {
  it('that is paused waits in Kafka, is shown to lag, and goes on where it was when it is resumed', async () => {
    expect(await pauseSync(operator, customers, 'core release tonight')).toMatchObject({ paused: true });
    const late = newCustomer();
    await vi.waitFor(
      async () => {
        // What comes before the pause is felt is applied at once; what comes after it heaps up and grows old in Kafka.
        await send([customerMessage(newCustomer()), customerMessage(late)]);
        const { lagMessages, lagSeconds, paused } = await stateOf(customers);
        expect({ paused, waits: lagMessages >= 12n, ages: lagSeconds > 1 }).toEqual({ paused: true, waits: true, ages: true });
      },
      { timeout: 15_000, interval: 200 },
    );
    const after = newCustomer();
    await send([customerMessage(after)]);
    expect((await search(manager, after.sourceId)).customers).toEqual([]);
    expect((await stateOf('syncStates/core.corebanking.accounts.v1')).paused).toBe(false);

    expect(await resumeSync(operator, customers)).toMatchObject({ paused: false });
    await untilApplied();
    expect((await search(manager, after.sourceId)).customers.map(({ primaryNumber }) => primaryNumber)).toEqual([after.sourceId]);
    expect((await search(manager, late.sourceId)).customers.length).toBe(1);
  });
});

describe('a partition whose next messages were deleted unread', () => {
  const topic = 'corebanking.rates.v1';
  const rates = `syncStates/core.${topic}`;
  /** Of a currency that nobody holds. */
  const quote = (version: bigint) => {
    const value = {
      sourceSystem: 'core',
      baseCurrencyCode: 'XPF',
      quoteCurrencyCode: 'CNY',
      rateDate: '2020-01-02',
      rate: '0.06',
    };
    return {
      topic,
      key: 'XPF/CNY',
      value: Buffer.from(JSON.stringify({ ...value, version: String(version) })),
      headers: { ...customerMessage(newCustomer(), 'json').headers, ce_type: 'corebanking.rate-quoted.v1' },
    };
  };

  it('stands still, says so, and goes on where the operator says', async () => {
    await pauseSync(operator, rates, 'retention is being shortened');
    try {
      const stopped = await vi.waitFor(
        async () => {
          // What comes before the pause is felt is applied, and then there is nothing to miss.
          const [place] = await send([quote(1n)]);
          await deleteRecordsBefore({ ...place!, offset: place!.offset + 1n });
          const [one] = (await stateOf(rates)).stoppedPartitions;
          expect(one).toMatchObject({ partition: place!.partition, reason: 'OFFSET_OUT_OF_RANGE' });
          return one!;
        },
        { timeout: 60_000, interval: 500 },
      );
      expect(stopped.detail).toContain('deleted unread');
    } finally {
      await resumeSync(operator, rates);
    }
    const { partition } = (await stateOf(rates)).stoppedPartitions[0]!;
    const body = { partition, reason: 'the rates of that day do not matter' };
    const path = `/v1/${rates}:restartPartition`;
    expect(problem(await steward.post(path, body))).toMatchObject({ status: 403, reason: 'PERMISSION_MISSING' });
    expect(problem(await operator.post(path, { ...body, nextOffset: '0' })).status).toBe(400);
    expect(await restartPartition(operator, rates, body)).toMatchObject({ stoppedPartitions: [] });
    expect(problem(await operator.post(path, body))).toMatchObject({ status: 409, reason: 'PARTITION_NOT_STOPPED' });
    await send([quote(2n)]);
    await untilApplied();
    expect(await stateOf(rates)).toMatchObject({ stoppedPartitions: [] });
  });
});

describe('a resync', () => {
  it('that a data steward asks for reaches the core as a message, once however often it is asked', async () => {
    const ids = ['1000000001', '1000000002'];
    const body = { sourceSystem: 'core', topics: ['corebanking.accounts.v1'], customerSourceIds: ids, reason: 'balances differ' };
    const key = { 'idempotency-key': `resync-${Date.now()}` };
    const replies = [await steward.post('/v1/resyncs', body, key), await steward.post('/v1/resyncs', body, key)];
    expect(
      replies.map(({ status }) => status),
      replies[0]!.text,
    ).toEqual([200, 200]);
    expect(replies[1]!.text).toBe(replies[0]!.text);
    const { name } = JSON.parse(replies[0]!.text) as { name: string };
    const asked = await vi.waitFor(
      async () => {
        const requests = (await contentOf('corebanking.sync-requests.v1')).map(({ key: of, value }) => ({
          of,
          ...SyncRequested.decode(value),
        }));
        const ours = requests.filter(({ requestId }) => name.endsWith(requestId));
        expect(ours.length).toBe(1);
        return ours[0]!;
      },
      { timeout: 15_000 },
    );
    expect(asked).toMatchObject({
      of: 'core',
      sourceSystem: 'core',
      topics: body.topics,
      customerSourceIds: ids,
      reason: body.reason,
    });
  });

  it('is refused to others, and for a source or topic that nobody knows', async () => {
    expect(problem(await operator.post('/v1/resyncs', { sourceSystem: 'core', reason: 'x' }))).toMatchObject({ status: 403 });
    expect(problem(await steward.post('/v1/resyncs', { sourceSystem: 'core', topics: ['nothing.v1'], reason: 'x' })).status).toBe(
      400,
    );
  });
});
