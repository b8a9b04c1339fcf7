import { SyncRequested } from '@bankcrm/proto/gen/corebanking/v1/control.ts';
import { Kafka, logLevel } from 'kafkajs';
import { answer } from './answer.ts';
import { type PublishOptions, publish } from './publish.ts';
import type { SimulateOptions } from './simulate.ts';

const requestsTopic = 'corebanking.sync-requests.v1';

/** Answers requests to send again that come from now on, one after the other, until stopped. */
export async function answerRequests(
  options: SimulateOptions,
  target: PublishOptions & { signal: AbortSignal },
  onAnswer: (request: SyncRequested, messages: number) => void,
): Promise<void> {
  const brokers = [...target.brokers];
  const kafka = new Kafka({ clientId: 'core-bank-simulator', brokers, ...target.access, logLevel: logLevel.NOTHING });
  const prefix = target.prefix ?? '';
  const consumer = kafka.consumer({ groupId: `${prefix}core-bank-simulator` });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic: prefix + requestsTopic });
    await consumer.run({
      eachMessage: async ({ message: { value } }) => {
        if (value === null) return;
        const request = SyncRequested.decode(value);
        onAnswer(request, (await publish(answer(options, request), target)).messages);
      },
    });
    if (!target.signal.aborted) await new Promise((resolve) => target.signal.addEventListener('abort', resolve, { once: true }));
  } finally {
    await consumer.disconnect();
  }
}
