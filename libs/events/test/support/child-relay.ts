import { childConfig } from '@bankcrm/testing/child.ts';
import { startRelay } from '../../src/index.ts';
import type { ChildConfig } from './child.ts';

/** A relay as a process of its own, which the test halts and kills. */
const config = childConfig<ChildConfig>();
const write = (fields: object, message: string) => console.log(message, JSON.stringify(fields));

startRelay({
  kafka: { brokers: config.brokers, clientId: 'child-relay' },
  service: 'customer',
  databaseUrl: config.workerUrl,
  log: { info: write, warn: write, error: write },
  topicPrefix: config.prefix,
  standbyMs: 50,
});
