/**
 * Makes a cluster's topics equal to what the services' manifests and deploy/kafka/contract-topics.yaml declare.
 *   node deploy/local/src/topics.ts --brokers host:9092[,host:9092] --profile production [--prefix p.] [--dry-run]
 * A cluster that wants TLS and a password is spoken to by the settings that the services have: KAFKA_TLS_CA_FILE, KAFKA_SASL_…
 */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import { ensureTopics } from './ensure-topics.ts';
import { StackProblem } from './problem.ts';
import { type Profile, profiles } from './topic-config.ts';

const { values } = parseArgs({
  options: {
    brokers: { type: 'string' },
    profile: { type: 'string', default: 'production' },
    prefix: { type: 'string', default: '' },
    'dry-run': { type: 'boolean', default: false },
  },
});

function accessOf(env: NodeJS.ProcessEnv): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  const { KAFKA_TLS_CA_FILE: caFile, KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username } = env;
  const { KAFKA_SASL_PASSWORD_FILE: passwordFile } = env;
  const ssl = caFile ? { ssl: { ca: readFileSync(caFile) } } : {};
  if (!mechanism) return ssl;
  if (!caFile || !username || !passwordFile)
    throw new StackProblem(
      'KAFKA_SASL_MECHANISM needs KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD_FILE and, so that the password is not sent in the clear, KAFKA_TLS_CA_FILE.',
    );
  const password = readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '');
  return { ...ssl, sasl: { mechanism, username, password } as SASLOptions };
}

try {
  if (values.brokers === undefined) throw new StackProblem('Which cluster? Give --brokers host:port[,host:port]');
  if (!profiles.includes(values.profile as Profile)) throw new StackProblem(`--profile is one of: ${profiles.join(', ')}`);
  const changes = await ensureTopics({
    brokers: values.brokers.split(','),
    access: accessOf(process.env),
    profile: values.profile as Profile,
    prefix: values.prefix,
    dryRun: values['dry-run'],
  });
  for (const { topic, change } of changes) console.log(`${values['dry-run'] ? 'would be: ' : ''}${topic}: ${change}`);
  if (changes.length === 0) console.log('The cluster has every topic as it is declared.');
} catch (error) {
  if (!(error instanceof StackProblem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
