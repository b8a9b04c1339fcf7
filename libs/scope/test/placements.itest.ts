import { randomBytes } from 'node:crypto';
import { inTransaction, nobody } from '@bankcrm/database';
import { listDeadLetters, migrateEvents } from '@bankcrm/events';
import { Heartbeat } from '@bankcrm/proto/gen/bankcrm/heartbeat/v1/heartbeat.ts';
import { eventually, suitePrefix, testStack } from '@bankcrm/testing';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Placements, startPlacements } from '../src/placements.ts';
import { orgUnitsTopic, placementsTopic } from '../src/topics.ts';
import { type Bank, customerId, type Sent, sentBy } from './support/bank.ts';
import { openProjection, type Projection, settingsOf } from './support/projection.ts';

/** An RM with one customer, and a unit. */
const bank: Bank = {
  units: [{ above: undefined, before: undefined }],
  people: [{ posts: [{ role: 'rm', unit: 0 }] }],
  queues: [],
  customers: [
    {
      ...{ unit: 0, rm: 0, dedicated: undefined, restricted: false, mergedInto: undefined },
      ...{ participants: [], collaborators: [], served: [], grants: [], tickets: [] },
    },
  ],
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
    const topics = Object.entries(partitions).map(([topic, numPartitions]) => ({ topic: prefix + topic, numPartitions }));
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

  const send = async ({ topic, type, key, value }: Sent, partition?: number): Promise<void> => {
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
    await send({ topic: placementsTopic, type: 'bankcrm.customer.v1.Unknown', key: 'x', value: Buffer.alloc(0) }, 0);
    const letters = () => inTransaction(projection.workers, nobody, (tx) => listDeadLetters(tx, { filter: {}, limit: 10 }));
    await patiently(async () => expect((await letters()).map(({ reason }) => reason)).toEqual(['UNKNOWN_TYPE']));
    expect(await outcomes()).toEqual(['allowed', 'allowed']);
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
