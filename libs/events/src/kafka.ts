import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import type { Log } from './log.ts';

/** How to reach the cluster. */
export interface KafkaConnection {
  brokers: readonly string[];
  clientId: string;
  /** TLS, with brokers whose certificate is of this CA (PEM) and has the name that they are reached by. Without it all is sent in the clear. */
  ssl?: { ca: Buffer };
  sasl?: SASLOptions;
}

/** Fields of kafkajs's log entries that name places and protocol states. Others may hold payloads. */
const safe = [
  'groupId',
  'memberId',
  'topic',
  'partition',
  'broker',
  'clientId',
  'error',
  'errorName',
  'retryCount',
  'retryTime',
] as const;

/** Said of every producer that does not retry for ever. Ours gives its transaction up instead, and a new producer sends it again. */
const boundedRetries = 'Limiting retries for the idempotent producer';
/** Said when a transaction begins before the broker has written the last one's markers everywhere: kafkajs waits and asks again. */
const lastTransactionEnds = 'another concurrent operation on the same transaction was ongoing';

/** A kafkajs client that writes to our log. Requests give up after 15 s; retrying is for those who call. */
export function openKafka(connection: KafkaConnection, log: Log): Kafka {
  return new Kafka({
    brokers: [...connection.brokers],
    clientId: connection.clientId,
    ...(connection.ssl === undefined ? {} : { ssl: connection.ssl }),
    ...(connection.sasl === undefined ? {} : { sasl: connection.sasl }),
    connectionTimeout: 5_000,
    requestTimeout: 15_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const said = `${entry.log.message} ${entry.log.error ?? ''}`;
      if (said.startsWith(boundedRetries) || said.includes(lastTransactionEnds)) return;
      const fields: Record<string, unknown> = { component: `kafkajs ${entry.namespace}` };
      for (const name of safe) if (['string', 'number'].includes(typeof entry.log[name])) fields[name] = entry.log[name];
      log.warn(fields, `kafkajs: ${entry.log.message}`);
    },
  });
}
