import { parseArgs } from 'node:util';
import { ensureTopics } from '../ensure-topics.ts';
import { Problem } from '../problem.ts';
import { type Environment, kafkaAccess } from '../settings.ts';
import { type Profile, profiles } from '../topic-config.ts';

/** `topics [--brokers host:port,…] [--profile production|local] [--replication n] [--prefix p.] [--dry-run]` */
export async function topics(args: string[], env: Environment): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      brokers: { type: 'string', default: env.KAFKA_BROKERS ?? '' },
      profile: { type: 'string', default: 'production' },
      replication: { type: 'string' },
      prefix: { type: 'string', default: env.KAFKA_TOPIC_PREFIX ?? '' },
      'dry-run': { type: 'boolean', default: false },
    },
  });
  const { profile, prefix, 'dry-run': dryRun } = values;
  if (values.brokers === '') throw new Problem('Which cluster? Set KAFKA_BROKERS or give --brokers host:port[,host:port].');
  if (!profiles.includes(profile as Profile)) throw new Problem(`--profile is one of: ${profiles.join(', ')}.`);
  const replication = values.replication === undefined ? undefined : Number(values.replication);
  if (replication !== undefined && !(Number.isInteger(replication) && replication >= 1))
    throw new Problem('--replication is a whole number from 1.');
  const brokers = values.brokers.split(',');
  const changes = await ensureTopics({
    brokers,
    access: kafkaAccess(env, brokers),
    profile: profile as Profile,
    replication,
    prefix,
    dryRun,
  });
  for (const { topic, change } of changes) console.log(`${dryRun ? 'would be: ' : ''}${topic}: ${change}`);
  if (changes.length === 0) console.log('The cluster has every topic as it is declared.');
}
