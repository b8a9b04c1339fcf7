import { childConfig, passGate } from '@bankcrm/testing/child.ts';
import { startStates } from '../../src/index.ts';
import type { ChildConfig } from './child.ts';
import { thingsFeed } from './things.ts';

/** A publisher of newest states as a process of its own, which the test halts and kills. */
const config = childConfig<ChildConfig>();
const write = (fields: object, message: string) => console.log(message, JSON.stringify(fields));

startStates({
  kafka: { brokers: config.brokers, clientId: 'child-states' },
  service: 'customer',
  databaseUrl: config.workerUrl,
  log: { info: write, warn: write, error: write },
  topicPrefix: config.prefix,
  standbyMs: 50,
  everyMs: 20,
  heartbeatEveryMs: 200,
  feeds: [
    {
      ...thingsFeed,
      async read(...asked) {
        const states = await thingsFeed.read(...asked);
        passGate('read');
        return states;
      },
    },
  ],
});
