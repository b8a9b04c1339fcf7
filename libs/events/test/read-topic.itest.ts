import { testStack } from '@bankcrm/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ReadMessage, readTopic } from '../src/index.ts';
import { type Bench, openBench, silent } from './support/bench.ts';

describe('reading a topic to its end', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench(testStack(), { partitions: 3 });
  });
  afterEach(() => bench.close());

  const topicOf = (topic: string) =>
    readTopic({
      kafka: { brokers: bench.stack.kafka.brokers, clientId: 'reader' },
      log: silent,
      topic,
      topicPrefix: bench.prefix,
    });

  async function readAll(topic: string): Promise<ReadMessage[]> {
    const read: ReadMessage[] = [];
    for await (const message of topicOf(topic)) read.push(message);
    return read;
  }

  const send = (partition: number, values: readonly string[]) =>
    bench.producer.send({
      topic: `${bench.prefix}bookings`,
      messages: values.map((value) => ({ partition, key: 'k', value })),
    });

  const valuesOf = (read: readonly ReadMessage[], partition: number): string[] =>
    read.filter((one) => one.partition === partition).map(({ value }) => String(value));

  it('gives every message of every partition in its order', async () => {
    const [first, third] = [0, 2].map((partition) => Array.from({ length: 1_500 }, (_, at) => `${partition}/${at}`));
    await send(0, first!);
    await send(2, third!);
    const read = await readAll('bookings');
    expect(read.length).toBe(3_000);
    expect(valuesOf(read, 0)).toEqual(first);
    expect(valuesOf(read, 2)).toEqual(third);
    expect(read.filter(({ partition }) => partition === 0).map(({ offset }) => offset)).toEqual(
      first!.map((_, at) => BigInt(at)),
    );
  });

  it('ends at once where the topic is empty', async () => {
    expect(await readAll('bookings')).toEqual([]);
  });

  it('ends where a partition ends with the mark of a transaction, and passes over what was taken back', async () => {
    const producer = bench.kafka.producer({ transactionalId: bench.prefix, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const write = async (value: string, isKept: boolean): Promise<void> => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: `${bench.prefix}bookings`, messages: [{ partition: 1, value }] });
      await (isKept ? transaction.commit() : transaction.abort());
    };
    await write('kept', true);
    await write('taken back', false);
    await producer.disconnect();
    expect(valuesOf(await readAll('bookings'), 1)).toEqual(['kept']);
  });

  it('takes no more than what was there when it began, and leaves nothing behind when it is left early', async () => {
    await send(0, ['one', 'two', 'three']);
    const reading = topicOf('bookings');
    const first = await reading.next();
    expect(String((first.value as ReadMessage).value)).toBe('one');
    await send(0, ['four']);
    const rest: string[] = [];
    for await (const { value } of reading) rest.push(String(value));
    expect(rest).toEqual(['two', 'three']);

    for await (const _ of topicOf('bookings')) break;
    const { groups } = await bench.admin.listGroups();
    expect(groups.filter(({ groupId }) => groupId.startsWith(bench.prefix))).toEqual([]);
  });
});
