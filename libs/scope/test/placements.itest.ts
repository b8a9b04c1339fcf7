import { randomBytes } from 'node:crypto';
import { inTransaction, nobody } from '@bankcrm/database';
import { listDeadLetters, migrateEvents } from '@bankcrm/events';
import { CustomerPlaced, QueueStaffed } from '@bankcrm/proto/gen/bankcrm/customer/v1/placements.ts';
import { Heartbeat } from '@bankcrm/proto/gen/bankcrm/heartbeat/v1/heartbeat.ts';
import { eventually, suitePrefix, testStack } from '@bankcrm/testing';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Placements, startPlacements } from '../src/placements.ts';
import { orgUnitsTopic, placementsTopic } from '../src/topics.ts';
import { type Bank, customerId, nobodys, personId, queueId, type Sent, sentBy } from './support/bank.ts';
import { openProjection, type Projection, settingsOf } from './support/projection.ts';
import { throughEach } from './support/same-as-model.ts';

/** An RM with a customer, and somebody who works on a queue with a ticket of another one. */
const bank: Bank = {
  units: [{ above: undefined, before: undefined }],
  people: [{ posts: [{ role: 'rm', unit: 0 }] }, { posts: [{ role: 'service-agent', unit: 0 }] }],
  queues: [[1]],
  customers: [
    { ...nobodys, rm: 0 },
    { ...nobodys, tickets: [{ who: { queue: 0 }, until: undefined }] },
  ],
};
/** What was sent last under a key. */
const newest = (key: string): Sent => sentBy(bank, new Date()).findLast((sent) => sent.key === key)!;
let sequence = 2n ** 41n;
/** A newer placement, with a part of it changed. */
const later = (sent: Sent, change: Partial<CustomerPlaced>): Sent => {
  sequence += 1n;
  const placed = { ...CustomerPlaced.decode(sent.value), sequence, ...change };
  return { ...sent, value: Buffer.from(CustomerPlaced.encode(placed).finish()) };
};
const partitions = { [placementsTopic]: 2, [orgUnitsTopic]: 1 };

describe('the projection of who sees a customer', () => {
  const prefix = suitePrefix();
  const stack = testStack();
  let projection: Projection;
  let producer: Producer;
  let placements: Placements;
  /** How far the service's clock is before that of this machine. */
  let aheadMs = 0;
  const clock = { now: () => new Date(Date.now() + aheadMs) };
  const start = (): Placements =>
    startPlacements({
      service: 'customer',
      kafka: { brokers: stack.kafka.brokers, clientId: 'test' },
      topicPrefix: prefix,
      workers: projection.workers,
      sealer: { seal: (plain) => Buffer.from(plain), open: (sealed) => Buffer.from(sealed) },
      clock,
      log: { info() {}, warn() {}, error() {} },
      silence: { highPrivilegeAfterMs: 30_000, everythingAfterMs: 600_000 },
    });

  beforeAll(async () => {
    projection = await openProjection();
    await migrateEvents({ ownerUrl: projection.urls.owner, requestRole: 'customer_request', workerRole: 'customer_worker' });
    const kafka = new Kafka({ clientId: 'test', brokers: stack.kafka.brokers, logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    const configEntries = [{ name: 'max.message.bytes', value: '2097152' }];
    const topics = Object.entries(partitions).map(([topic, numPartitions]) => ({
      ...{ topic: prefix + topic, numPartitions, configEntries },
    }));
    await admin.createTopics({ waitForLeaders: false, topics });
    for (const { topic } of topics) await eventually(() => admin.fetchTopicOffsets(topic), { timeoutMs: 30_000 });
    await admin.disconnect();
    producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    placements = start();
  });
  afterAll(async () => {
    await placements?.stop();
    await producer?.disconnect();
    await projection?.close();
  });

  const send = async (
    { topic, type, key, value }: Omit<Sent, 'value'> & { value: Buffer | null },
    partition?: number,
  ): Promise<void> => {
    const headers = {
      ce_id: randomBytes(8).toString('hex'),
      ce_source: '/bankcrm/customer',
      ce_type: type,
      'content-type': 'application/protobuf',
    };
    await producer.send({
      topic: prefix + topic,
      messages: [{ key, value, headers, ...(partition === undefined ? {} : { partition }) }],
    });
  };
  const beat = async (places: [topic: string, partition: number][], asOf = clock.now()): Promise<void> => {
    const value = Buffer.from(Heartbeat.encode({ asOf }).finish());
    for (const [topic, partition] of places)
      await send({ topic, type: 'bankcrm.heartbeat.v1.Heartbeat', key: `heartbeat/${partition}`, value }, partition);
  };
  const everywhere = Object.entries(partitions).flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition): [string, number] => [topic, partition]),
  );
  const outcomes = async (): Promise<string[]> => {
    await placements.look();
    return [true, false].map((highPrivilege) => {
      try {
        placements.requireFresh(highPrivilege);
        return 'allowed';
      } catch (error) {
        return (error as { reason: string }).reason;
      }
    });
  };
  const letters = async (): Promise<string[]> => {
    const found = await inTransaction(projection.workers, nobody, (tx) => listDeadLetters(tx, { filter: {}, limit: 20 }));
    return found.map(({ reason, field }) => `${reason} ${field}`.trim());
  };
  const patiently = (check: () => Promise<void>) => eventually(check, { timeoutMs: 30_000 });

  it('refuses all while nothing has come, and is caught up once each partition has passed the start', async () => {
    expect(await outcomes()).toEqual(['PLACEMENTS_SILENT', 'PLACEMENTS_SILENT']);
    expect((await projection.seen(settingsOf(bank, 0))).both).toEqual([]);
    for (const message of sentBy(bank, new Date())) await send(message);
    await beat(everywhere.slice(1));
    await patiently(async () => expect((await projection.seen(settingsOf(bank, 0))).both).toEqual([customerId(0)]));
    await placements.look();
    expect(placements.caughtUp).toBe(false);
    await beat(everywhere);
    await patiently(async () => {
      expect(await outcomes()).toEqual(['allowed', 'allowed']);
      expect(placements.caughtUp).toBe(true);
    });
  });

  it('refuses decisions when a partition has been silent for 30 s, everything after 10 minutes, and is well again by a heartbeat', async () => {
    aheadMs = 35_000;
    expect(await outcomes()).toEqual(['PLACEMENTS_SILENT', 'allowed']);
    aheadMs = 700_000;
    expect(await outcomes()).toEqual(['PLACEMENTS_SILENT', 'PLACEMENTS_SILENT']);
    await beat(everywhere);
    await patiently(async () => expect(await outcomes()).toEqual(['allowed', 'allowed']));
    // One that stands before it, read again, takes nothing back.
    await beat(everywhere, new Date(Date.now() - 3_600_000));
    for (const [topic, partition] of everywhere)
      await send({ topic, type: 'bankcrm.customer.v1.Unknown', key: 'x', value: Buffer.alloc(0) }, partition);
    await patiently(async () => expect(await letters()).toEqual(everywhere.map(() => 'UNKNOWN_TYPE ce_type')));
    expect(await outcomes()).toEqual(['allowed', 'allowed']);
  });

  it.each<[string, string, (newest: Sent) => Omit<Sent, 'value'> & { value: Buffer | null }]>([
    ['says no kind', 'INVALID_FIELD kind', (sent) => later(sent, { kind: '' })],
    ['is too large', 'INVALID_FIELD state', (sent) => later(sent, { state: '', partyIds: ['x'.repeat(1_048_576)] })],
    ['is no protobuf', 'BAD_PROTOBUF', (sent) => ({ ...sent, value: Buffer.from([0xff]) })],
    ['is a withdrawal', 'INVALID_FIELD value', (sent) => ({ ...sent, value: null })],
  ])('closes a customer whose placement %s, until the next good one', async (_, letter, broken) => {
    await patiently(async () => expect((await projection.seen(settingsOf(bank, 0))).both).toEqual([customerId(0)]));
    expect(await letters()).not.toContain(letter);
    await send(broken(newest(customerId(0))));
    await patiently(async () => expect(await letters()).toContain(letter));
    expect(await projection.seen(settingsOf(bank, 0))).toEqual(throughEach([]));
    await send(later(newest(customerId(0)), {}));
    await patiently(async () => expect(await projection.seen(settingsOf(bank, 0))).toEqual(throughEach([customerId(0)])));
  });

  it('has nobody work on a queue of which a message is rejected, until the next good one', async () => {
    await patiently(async () => expect((await projection.seen(settingsOf(bank, 1))).both).toEqual([customerId(1)]));
    const { value: _, ...queue } = newest(queueId(0));
    const members = (sequence: bigint, staffIds: string[]): Sent => ({
      ...queue,
      value: Buffer.from(QueueStaffed.encode({ queueId: queueId(0), sequence, staffIds }).finish()),
    });
    await send(members(3n, ['x']));
    await patiently(async () => expect(await projection.seen(settingsOf(bank, 1))).toEqual(throughEach([])));
    expect(await letters()).toContain('INVALID_FIELD staff_ids[0].staff_id');
    await send(members(3n, [personId(1)]));
    await patiently(async () => expect(await projection.seen(settingsOf(bank, 1))).toEqual(throughEach([customerId(1)])));
  });

  it('keeps what it knows over a restart, and is caught up anew', async () => {
    await placements.stop();
    placements = start();
    expect(await outcomes()).toEqual(['allowed', 'allowed']);
    expect(placements.caughtUp).toBe(false);
    expect((await projection.seen(settingsOf(bank, 0))).both).toEqual([customerId(0)]);
    aheadMs += 1;
    await beat(everywhere);
    await patiently(async () => {
      await placements.look();
      expect(placements.caughtUp).toBe(true);
    });
  });
});
