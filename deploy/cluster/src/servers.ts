import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaAccess, keycloakAdmin, type Stack, startServers } from '@bankcrm/local';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { say, site } from './site.ts';

/** Starts PostgreSQL, Kafka, Keycloak and a mail sink anew and empty, at an address that pods reach, and stops them at Ctrl-C. */
export async function serveUntilTold(address: string): Promise<void> {
  const stack = await startServers({ dir: site.dir, portBase: 28_000, host: address, fresh: true, onProgress: say });
  await empty(stack);
  say(`PostgreSQL, Kafka and Keycloak answer at ${address}; Ctrl-C ends them`);
  await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
  await stack.stop();
}

/** Takes away what a developer's stack has from the start: here the installation makes databases, topics and realm. */
async function empty(stack: Stack): Promise<void> {
  rmSync(join(site.dir, 'secrets.yaml'), { force: true });
  await (await keycloakAdmin(stack))(`/${stack.keycloak.realm}`, { method: 'DELETE' });
  const { brokers, access } = kafkaAccess(stack);
  const kafka = new Kafka({ brokers, ...access, logLevel: logLevel.NOTHING }).admin();
  await kafka.connect();
  await kafka.deleteTopics({ topics: (await kafka.listTopics()).filter((topic) => !topic.startsWith('__')) });
  await kafka.disconnect();
  const client = new pg.Client({ connectionString: stack.postgres.superuserUrl });
  await client.connect();
  for (const name of Object.keys(stack.databases)) {
    await client.query(`DROP DATABASE bankcrm_${name}`);
    for (const role of ['owner', 'request', 'worker']) await client.query(`DROP ROLE ${name}_${role}`);
  }
  await client.end();
}
