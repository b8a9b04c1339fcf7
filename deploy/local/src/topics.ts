/**
 * Makes a cluster's topics equal to deploy/kafka/topics.yaml.
 *   node deploy/local/src/topics.ts --brokers host:9092[,host:9092] --profile production [--prefix p.] [--dry-run]
 */
import { parseArgs } from 'node:util';
import { ensureTopics } from './ensure-topics.ts';
import { StackProblem } from './problem.ts';
import { type Profile, profiles } from './topics-file.ts';

const { values } = parseArgs({
  options: {
    brokers: { type: 'string' },
    profile: { type: 'string', default: 'production' },
    prefix: { type: 'string', default: '' },
    'dry-run': { type: 'boolean', default: false },
  },
});

try {
  if (values.brokers === undefined) throw new StackProblem('Which cluster? Give --brokers host:port[,host:port]');
  if (!profiles.includes(values.profile as Profile)) throw new StackProblem(`--profile is one of: ${profiles.join(', ')}`);
  const changes = await ensureTopics({
    brokers: values.brokers.split(','),
    profile: values.profile as Profile,
    prefix: values.prefix,
    dryRun: values['dry-run'],
  });
  for (const { topic, change } of changes) console.log(`${values['dry-run'] ? 'would be: ' : ''}${topic}: ${change}`);
  if (changes.length === 0) console.log('The cluster is as the file says.');
} catch (error) {
  if (!(error instanceof StackProblem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
