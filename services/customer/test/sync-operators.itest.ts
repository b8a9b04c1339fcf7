import { coreTopics } from '@bankcrm/contract';
import { inTransaction, nobody } from '@bankcrm/database';
import { type BankMessage, ledgerOf, simulate } from '@bankcrm/simulator';
import { eventually } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orgUnitsTopic } from '../src/entry/kafka/topics.ts';
import { sweepResyncs } from '../src/store/resyncs.ts';
import { type StaffName, staffIdOf } from './support/reading.ts';
import { expectLedger } from './support/sync-ledger.ts';
import { all, bank, customers, type OperatorBench, openOperators, refusal } from './support/sync-operator-bench.ts';

let bench: OperatorBench;
beforeAll(async () => {
  bench = await openOperators();
});
afterAll(() => bench?.close());

describe('an operator', () => {
  it('reads how far each source has come on each topic, also one that nothing has come from', async () => {
    await bench.stream.publish(all);
    await bench.stream.drained();
    const { syncStates } = await bench.call('operator', 'listSyncStates', {});
    const named = Object.fromEntries(syncStates.map((state) => [state.name, state]));
    expect(named[`syncStates/core.${customers}`]).toMatchObject({
      lagMessages: 0n,
      lagUnknown: false,
      lagSeconds: 0,
      appliedMessages: BigInt(all.filter(({ topic }) => topic === customers).length),
      deadLetters: 0n,
      paused: false,
      stoppedPartitions: [],
      estimatedFinishTime: undefined,
    });
    expect(named[`syncStates/directory.${orgUnitsTopic}`]).toMatchObject({ appliedMessages: 0n, lastApplyTime: undefined });
    await expectLedger(bench.sync, ledgerOf(bank));
  });

  it('reads the rest while Kafka refuses or does not answer, and that the lag is not known', async () => {
    const asked = bench.replaced.lag;
    for (const silent of [() => Promise.reject(new Error('no broker')), () => new Promise<never>(() => {})]) {
      bench.replaced.lag = silent;
      const { syncStates } = await bench.call('operator', 'listSyncStates', {});
      expect(syncStates.length).toBeGreaterThan(0);
      for (const state of syncStates) expect(state).toMatchObject({ lagUnknown: true, lagMessages: 0n });
    }
    bench.replaced.lag = asked;
  });

  it('pauses a source with a reason and resumes it, each recorded with who did it', async () => {
    const name = `syncStates/core.${customers}`;
    await expect(bench.call('operator', 'pauseSync', { name, reason: ' ' })).rejects.toThrow(refusal('INVALID', 'INVALID_FIELD'));
    expect(await bench.call('operator', 'pauseSync', { name, reason: 'core is being moved' })).toMatchObject({
      name,
      paused: true,
    });
    await bench.stream.pauses.refresh();
    expect([...bench.stream.pauses.on(customers)]).toEqual(['core']);
    expect(await bench.call('operator', 'resumeSync', { name })).toMatchObject({ name, paused: false });
    await bench.stream.pauses.refresh();
    expect([...bench.stream.pauses.on(customers)]).toEqual([]);
    const actor = `staff/${staffIdOf('operator')}`;
    expect(await bench.auditEntries('PauseSync')).toEqual([
      expect.objectContaining({ actor, resource: name, reason: 'core is being moved' }),
    ]);
    expect(await bench.auditEntries('ResumeSync')).toEqual([expect.objectContaining({ actor, resource: name })]);
  });

  it('is told of a source that nothing has come from, and nothing is stored', async () => {
    const unknown = refusal('NOT_FOUND', 'UNKNOWN_SOURCE');
    const before = (await bench.call('operator', 'listSyncStates', {})).syncStates.map(({ name }) => name);
    for (const name of [`syncStates/coer.${customers}`, `syncStates/core.${orgUnitsTopic}`, `syncStates/.${customers}`]) {
      await expect(bench.call('operator', 'pauseSync', { name, reason: 'x' })).rejects.toThrow(unknown);
      await expect(bench.call('operator', 'resumeSync', { name })).rejects.toThrow(unknown);
    }
    const resync = { topics: [], customerSourceIds: [], reason: 'x', requestId: '' };
    await expect(bench.call('steward', 'requestResync', { ...resync, sourceSystem: 'coer' })).rejects.toThrow(unknown);
    expect((await bench.call('operator', 'listSyncStates', {})).syncStates.map(({ name }) => name)).toEqual(before);
    const { rows } = await bench.sync.workers.query(
      "SELECT FROM customer.sync_state WHERE source_system IN ('coer', '') OR topic = $1",
      [orgUnitsTopic],
    );
    expect(rows).toEqual([]);
    const sent = await bench.sync.workers.query("SELECT FROM events.outbox WHERE topic = 'corebanking.sync-requests.v1'");
    expect(sent.rowCount).toBe(0);
  });

  it('may pause what the list expects before its first message, but nothing that is not consumed', async () => {
    const name = `syncStates/directory.${orgUnitsTopic}`;
    expect(await bench.call('operator', 'pauseSync', { name, reason: 'not yet' })).toMatchObject({
      paused: true,
      appliedMessages: 0n,
    });
    expect(await bench.call('operator', 'resumeSync', { name })).toMatchObject({ paused: false });
    for (const name of ['syncStates/core.some.other.topic', `syncStates/CORE.${customers}`, 'customers/1', ''])
      await expect(bench.call('operator', 'pauseSync', { name, reason: 'x' })).rejects.toThrow(
        refusal('INVALID', 'INVALID_RESOURCE_NAME'),
      );
  });

  it('sees dead letters by reason and place, but may neither read nor change one', async () => {
    const [first] = (await bench.call('operator', 'listDeadLetters', { pageSize: 1, pageToken: '', filter: '' })).deadLetters;
    expect(first).toBeUndefined();
    for (const who of ['operator', 'rm', 'admin'] as const)
      await expect(
        bench.call(who, 'readDeadLetter', { name: 'deadLetters/0190a3f0-0000-7000-8000-000000000001' }),
      ).rejects.toThrow(refusal('DENIED', 'PERMISSION_MISSING'));
    await expect(bench.call('rm', 'listSyncStates', {})).rejects.toThrow(refusal('DENIED'));
    await expect(bench.call('steward', 'pauseSync', { name: `syncStates/core.${customers}`, reason: 'x' })).rejects.toThrow(
      refusal('DENIED'),
    );
  });
});

describe('a request to send again', () => {
  const again = (repair: boolean, ids: readonly string[]): BankMessage[] =>
    all
      .filter(({ topic, key }) => topic === customers && ids.includes(key!))
      .map((message) => ({
        ...message,
        value: Buffer.from(JSON.stringify({ ...(JSON.parse(message.value.toString()) as object), repair })),
      }));
  const [one, two, other] = [...new Set(all.filter(({ topic }) => topic === customers).map(({ key }) => key!))] as [
    string,
    string,
    string,
  ];
  const request = {
    sourceSystem: 'core',
    topics: [customers],
    customerSourceIds: [one, two, two],
    reason: 'branch merged',
    requestId: '',
  };

  it('tells who asked for what, how much has been answered, and when the last customer was', async () => {
    const asked = await bench.call('steward', 'requestResync', request);
    const said = {
      sourceSystem: 'core',
      topics: [customers],
      askedCustomers: 2,
      reason: 'branch merged',
      requester: `staff/${staffIdOf('steward')}`,
    };
    expect(asked).toMatchObject({
      ...said,
      answeredMessages: 0n,
      answeredCustomers: 0,
      lastAnswerTime: undefined,
      finishTime: undefined,
    });
    const everything = await bench.call('steward', 'requestResync', { ...request, topics: [], customerSourceIds: [] });
    const now = (name: string) => bench.call('operator', 'getResync', { name });

    // Ordinary messages and answers about others are none of it.
    await bench.stream.publish([...again(false, [one]), ...again(true, [other])]);
    await bench.stream.drained();
    expect(await now(asked.name)).toMatchObject({ answeredMessages: 0n, answeredCustomers: 0 });

    const first = again(true, [one]);
    await bench.stream.publish(first);
    await bench.stream.drained();
    expect(await now(asked.name)).toMatchObject({
      ...said,
      answeredMessages: BigInt(first.length),
      answeredCustomers: 1,
      finishTime: undefined,
    });

    await bench.stream.publish(again(true, [two]));
    await bench.stream.drained();
    const done = await now(asked.name);
    expect(done).toMatchObject({ answeredMessages: BigInt(first.length + again(true, [two]).length), answeredCustomers: 2 });
    expect(done.finishTime).toEqual(done.lastAnswerTime);

    const { resyncs } = await bench.call('operator', 'listResyncs', {});
    expect(resyncs.map(({ name }) => name)).toEqual([everything.name, asked.name]);
    expect(resyncs[0]).toMatchObject({
      topics: [],
      askedCustomers: 0,
      answeredMessages: BigInt(again(true, [one, two, other]).length),
      finishTime: undefined,
    });

    await bench.stream.publish(again(true, [two]));
    await bench.stream.drained();
    expect(await now(asked.name)).toEqual(done);
  });

  it('is forgotten with the customers asked for when no answer counts any more, 30 days later', async () => {
    const asked = await bench.call('steward', 'requestResync', request);
    const { workers } = bench.sync;
    const left = async (days: number) => {
      const then = new Date(asked.requestTime!.getTime() + days * 86_400_000);
      await inTransaction(workers, nobody, (tx) => sweepResyncs(tx, then));
      const id = asked.name.split('/')[1];
      return (await workers.query('SELECT FROM customer.resync_customer WHERE resync_id = $1', [id])).rows.length;
    };
    expect(await left(29.9)).toBe(2);
    expect(await left(30.1)).toBe(0);
    await expect(bench.call('operator', 'getResync', { name: asked.name })).rejects.toThrow(refusal('NOT_FOUND'));
  });

  it('that nobody made is not found, and is no matter of a relationship manager', async () => {
    await expect(bench.call('operator', 'getResync', { name: 'resyncs/0190a3f0-0000-7000-8000-000000000001' })).rejects.toThrow(
      refusal('NOT_FOUND'),
    );
    await expect(bench.call('operator', 'getResync', { name: 'resyncs/1' })).rejects.toThrow(refusal('INVALID'));
    await expect(bench.call('rm', 'listResyncs', {})).rejects.toThrow(refusal('DENIED'));
  });
});

describe('a partition that stands still', () => {
  const { rates } = coreTopics;
  const name = `syncStates/core.${rates}`;
  const stateOf = async (which: string) =>
    (await bench.call('operator', 'listSyncStates', {})).syncStates.find((state) => state.name === which);
  const restart = (given: { partition?: number; nextOffset?: bigint; reason?: string }, who: StaffName = 'operator') =>
    bench.call(who, 'restartPartition', { name, partition: 0, nextOffset: undefined, reason: 'made anew', ...given });

  it('goes on where an operator says, among what Kafka holds, recorded with who said so and why', async () => {
    const { rows } = await bench.sync.workers.query<{ partition: number; next_offset: bigint }>(
      'SELECT partition, next_offset FROM events.kafka_offset WHERE topic = $1 AND next_offset > 0 ORDER BY partition',
      [rates],
    );
    const [{ partition, next_offset: end }] = rows as [(typeof rows)[0]];
    const known = async () => (await bench.sync.workers.query('SELECT * FROM customer.rate ORDER BY 1, 2, 3')).rows;
    const before = await known();
    // A topic made anew, or a Kafka restored to an older state.
    await bench.sync.workers.query('UPDATE events.kafka_offset SET next_offset = 5000 WHERE topic = $1 AND partition = $2', [
      rates,
      partition,
    ]);
    await eventually(
      async () => expect((await stateOf(name))?.stoppedPartitions).toMatchObject([{ partition, reason: 'OFFSET_OUT_OF_RANGE' }]),
      { timeoutMs: 20_000, everyMs: 200 },
    );

    for (const wrong of [{ nextOffset: end + 1n }, { nextOffset: -1n }, { partition: 99 }, { reason: ' ' }])
      await expect(restart({ partition, ...wrong })).rejects.toThrow(refusal('INVALID', 'INVALID_FIELD'));
    await expect(restart({ partition }, 'steward')).rejects.toThrow(refusal('DENIED', 'PERMISSION_MISSING'));
    await expect(
      bench.call('operator', 'restartPartition', { name: `syncStates/nobody.${rates}`, partition, nextOffset: 0n, reason: 'x' }),
    ).rejects.toThrow(refusal('NOT_FOUND'));

    expect(await restart({ partition, nextOffset: end - 1n })).toMatchObject({ name, stoppedPartitions: [] });
    await expect(restart({ partition })).rejects.toThrow(refusal('REFUSED', 'PARTITION_NOT_STOPPED'));
    await eventually(
      async () => {
        const { rows } = await bench.sync.workers.query(
          'SELECT next_offset, stopped_reason FROM events.kafka_offset WHERE topic = $1 AND partition = $2',
          [rates, partition],
        );
        expect(rows).toEqual([{ next_offset: end, stopped_reason: null }]);
      },
      { timeoutMs: 20_000, everyMs: 200 },
    );
    expect(await bench.auditEntries('RestartPartition')).toEqual([
      expect.objectContaining({
        actor: `staff/${staffIdOf('operator')}`,
        resource: `${name}/partitions/${partition}`,
        reason: `from 5000 to ${end - 1n}: made anew`,
        highPrivilege: true,
      }),
    ]);
    expect(await known()).toEqual(before);
  });
});

describe('a message whose producer calls itself something else', () => {
  const stranger = (sourceSystem: string, change: object = {}): BankMessage => {
    const message = [...simulate({ customers: 1, seed: 54, months: 0, format: 'json', sourceSystem })].find(
      ({ topic }) => topic === customers,
    )!;
    const value = Buffer.from(JSON.stringify({ ...(JSON.parse(message.value.toString()) as object), ...change }));
    return { ...message, value, headers: { ...message.headers, ce_source: 'https://kcat.example/Somebody' } };
  };
  const stateOf = async (source: string) =>
    (await bench.call('operator', 'listSyncStates', {})).syncStates.find(
      ({ name }) => name === `syncStates/${source}.${customers}`,
    );

  it('waits while the source that it is listed under is paused, and goes on with it', async () => {
    const name = `syncStates/fund.${customers}`;
    await bench.stream.publish([stranger('fund')]);
    await bench.stream.drained();
    expect(await bench.call('operator', 'pauseSync', { name, reason: 'a release' })).toMatchObject({
      alsoWaiting: ['core'],
      waitingFor: [],
    });
    expect(await stateOf('core')).toMatchObject({ paused: false, alsoWaiting: [], waitingFor: ['fund'] });
    await bench.stream.pauses.refresh();
    await bench.stream.publish([stranger('fund')]);
    const held = async () =>
      (
        await bench.sync.workers.query(
          'SELECT 1 FROM events.kafka_offset WHERE topic = $1 AND waiting_message_time IS NOT NULL',
          [customers],
        )
      ).rowCount;
    await eventually(async () => expect(await held()).toBe(1), { timeoutMs: 20_000 });
    expect(await stateOf('fund')).toMatchObject({ paused: true, appliedMessages: 1n });
    await bench.call('operator', 'resumeSync', { name });
    await bench.stream.pauses.refresh();
    await bench.stream.drained();
    expect(await stateOf('fund')).toMatchObject({ paused: false, appliedMessages: 2n, alsoWaiting: [] });
    expect(await stateOf('core')).toMatchObject({ waitingFor: [] });
  });

  it('is applied with a field that the contract does not have yet, which the list counts in either encoding', async () => {
    const extra = (vip: object) => stranger('vip', vip);
    const [known] = [...simulate({ customers: 1, seed: 54, months: 0, sourceSystem: 'vip' })].filter(
      ({ topic }) => topic === customers,
    );
    const more = Buffer.concat([known!.value, Buffer.from([0xfa, 0x01, 1, 0x41])]);
    await bench.stream.publish([
      extra({ vipLevel: '3' }),
      extra({ vipLevel: '4', '13800138000': 1 }),
      { ...known!, value: more },
    ]);
    await bench.stream.drained();
    const { appliedMessages, deadLetters, unknownFields } = (await stateOf('vip'))!;
    expect({ appliedMessages, deadLetters }).toEqual({ appliedMessages: 3n, deadLetters: 0n });
    expect(unknownFields.map(({ path, messages }) => [path, messages])).toEqual([
      ['vipLevel', 2n],
      ['31', 1n],
      ['?', 1n],
    ]);
    expect(unknownFields.every(({ firstTime, lastTime }) => firstTime! <= lastTime!)).toBe(true);
    expect((await stateOf('core'))?.unknownFields).toEqual([]);

    const many = Array.from({ length: 6 }, (_, page) =>
      Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`f${page}_${index}`, 1])),
    );
    await bench.stream.publish(many.map(extra));
    await bench.stream.drained();
    const kept = (await stateOf('vip'))!.unknownFields;
    expect(kept.filter(({ path }) => path !== '')).toHaveLength(50);
    expect(kept.reduce((sum, { messages }) => sum + messages, 0n)).toBe(64n);
  });

  it('is counted under its source when it cannot be applied, and under none when it names none', async () => {
    const { headers: _, ...mute } = stranger('nameless');
    await bench.stream.publish([stranger('risk', { state: 'CUSTOMER_STATE_ASLEEP' }), { ...mute, headers: {} }]);
    await bench.stream.drained();
    expect(await stateOf('risk')).toMatchObject({ sourceSystem: 'risk', deadLetters: 1n, appliedMessages: 0n });
    const unnamed = await stateOf('');
    expect(unnamed).toMatchObject({ sourceSystem: '', deadLetters: 1n, appliedMessages: 0n });
    expect(await bench.call('operator', 'pauseSync', { name: unnamed!.name, reason: 'who is that' })).toMatchObject({
      paused: true,
    });
    await bench.call('operator', 'resumeSync', { name: unnamed!.name });
  });
});

describe('what a steward or operator writes', () => {
  it('holds no identifying number, and selects by a reason that letters can have', async () => {
    const note = 'asked by 110101199003078515';
    const denied = refusal('INVALID', 'IDENTIFYING_TEXT');
    await expect(bench.call('operator', 'pauseSync', { name: `syncStates/core.${customers}`, reason: note })).rejects.toThrow(
      denied,
    );
    await expect(
      bench.call('operator', 'restartPartition', {
        name: `syncStates/core.${customers}`,
        partition: 0,
        nextOffset: 0n,
        reason: note,
      }),
    ).rejects.toThrow(denied);
    await expect(
      bench.call('steward', 'discardDeadLetters', { name: '', reason: 'BAD_JSON', note, pageToken: '' }),
    ).rejects.toThrow(denied);
    await expect(
      bench.call('steward', 'requestResync', {
        sourceSystem: 'core',
        topics: [],
        customerSourceIds: [],
        reason: note,
        requestId: '',
      }),
    ).rejects.toThrow(denied);
    for (const reason of ['bad json', 'X'.repeat(64), 'X'.repeat(1_000_000), '13800138000 '])
      for (const method of ['replayDeadLetters', 'discardDeadLetters'] as const)
        await expect(bench.call('steward', method, { name: '', reason, note: 'x', pageToken: '' })).rejects.toThrow(
          refusal('INVALID', 'INVALID_FIELD'),
        );
  });
});

it('no log line of these calls holds a name or an ID number', () => bench.expectCleanLog());
