import { coreTopics } from '@bankcrm/contract';
import { openPool } from '@bankcrm/database';
import { startConsumer } from '@bankcrm/events';
import type { DatabaseUrls } from '@bankcrm/local';
import { childConfig, passGate } from '@bankcrm/testing/child.ts';
import type pg from 'pg';
import type { Incoming } from '../../src/app/sync/incoming.ts';
import { openSync } from './syncing.ts';

/** What the child is told. */
export interface SyncChildConfig {
  urls: DatabaseUrls;
  prefix: string;
  kafkaGroup: string;
}

/** The service's own decode and apply in a process of its own, which a test halts at gates and kills. */
const config = childConfig<SyncChildConfig>();
const sync = await openSync({ urls: config.urls });
const write = (fields: object, message: string) => console.log(message, JSON.stringify(fields));

const workers = openPool({ url: config.urls.worker, name: 'child', maxConnections: 8, statementTimeoutMs: 20_000 });
workers.on('connect', (client) => {
  // A service's pool gives a silent transaction 30 s; a test has less patience.
  void client.query("SET idle_in_transaction_session_timeout = '3s'");
  addGates(client);
});

/** A gate before and one after each statement of a transaction, named after it and the topic that the transaction applies. */
function addGates(client: pg.PoolClient): void {
  const send = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  let topic = '';
  const query = async (statement: string | pg.QueryConfig, ...rest: unknown[]) => {
    const { name = '', values } = typeof statement === 'string' ? { name: statement } : statement;
    if (name === 'events-move-position') topic = values![1];
    passGate(`before ${name} of ${topic}`);
    const result = await send(statement, ...rest);
    passGate(`after ${name} of ${topic}`);
    return result;
  };
  // The pool's own queries have a callback; they are no part of a transaction.
  const gated = (...args: Parameters<typeof query>) => (typeof args.at(-1) === 'function' ? send(...args) : query(...args));
  client.query = gated as typeof client.query;
}

startConsumer<Incoming>({
  kafka: { brokers: sync.stack.kafka.brokers, clientId: 'child' },
  group: 'customer-core-banking',
  kafkaGroup: config.kafkaGroup,
  topics: Object.values(coreTopics),
  topicPrefix: config.prefix,
  workers,
  sealer: sync.sealer,
  clock: sync.clock,
  log: { info: write, warn: write, error: write },
  decode(raw) {
    const result = sync.decode(raw);
    passGate(`after decode of ${raw.topic}`);
    return result;
  },
  apply: sync.apply,
  limits: {
    maxBatchMessages: 20,
    partitionsConcurrently: 4,
    sessionTimeoutMs: 6_000,
    maxWaitMs: 50,
    checkMs: 200,
    maxBackoffMs: 500,
  },
});
