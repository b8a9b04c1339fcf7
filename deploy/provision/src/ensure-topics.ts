import kafkajs, { type Admin, Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { Problem } from './problem.ts';
import { type Profile, readTopics, type TopicConfig, topicConfig } from './topic-config.ts';
import { eventually } from './wait.ts';

// Not among the names Node finds in this CommonJS package.
const { ConfigResourceTypes, ConfigSource } = kafkajs;

export type TopicChange = { topic: string; change: string };

/**
 * Makes a cluster's topics equal to the manifests and the contract: creates, adds partitions, sets configs. Never deletes a topic and never touches
 * one that nobody declares. Running it again changes nothing. Returns what it changed (or would change, with `dryRun`).
 * Throws `Problem` where fewer partitions are declared than there are (keys would move), where the cluster has not the brokers or a topic not the copies
 * that are wanted, and when the cluster cannot be reached.
 */
export async function ensureTopics(options: {
  brokers: string[];
  /** How to speak to the brokers; plainly by default. */
  access?: Pick<KafkaConfig, 'ssl' | 'sasl'>;
  profile: Profile;
  /** Copies of each topic; the profile's by default. */
  replication?: number | undefined;
  prefix?: string;
  dryRun?: boolean;
}): Promise<TopicChange[]> {
  const wanted = readTopics().map((topic) => {
    const config = topicConfig(topic, options.profile, options.replication);
    return { ...config, name: `${options.prefix ?? ''}${config.name}` };
  });
  const admin = new Kafka({
    clientId: 'bankcrm-topics',
    brokers: options.brokers,
    ...options.access,
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    logLevel: logLevel.NOTHING,
    retry: { retries: 5 },
  }).admin();
  await admin.connect().catch((cause: Error) => {
    throw new Problem(`Kafka cannot be used at ${options.brokers.join(',')}: ${cause.message}`, { cause });
  });
  try {
    await requireBrokers(admin, wanted);
    const there = new Set(await admin.listTopics());
    const absent = wanted.filter((topic) => !there.has(topic.name));
    const present = wanted.filter((topic) => there.has(topic.name));
    const changes: TopicChange[] = absent.map((topic) => ({
      topic: topic.name,
      change: `created with ${topic.partitions} partitions`,
    }));
    if (absent.length > 0 && !options.dryRun) {
      await admin.createTopics({
        waitForLeaders: false,
        timeout: 30_000,
        topics: absent.map((topic) => ({
          topic: topic.name,
          numPartitions: topic.partitions,
          replicationFactor: topic.replicationFactor,
          configEntries: Object.entries(topic.config).map(([name, value]) => ({ name, value })),
        })),
      });
      // kafkajs's own wait fails where the broker that it asks does not know a topic yet, and a leader that is named may not be leading yet:
      // only an answer about its offsets says that it is.
      await eventually(() => Promise.all(absent.map((topic) => admin.fetchTopicOffsets(topic.name))), {
        timeoutMs: 30_000,
        what: 'the leaders of new topics',
      });
    }
    if (present.length > 0) {
      changes.push(...(await addPartitions(admin, present, options.dryRun === true)));
      changes.push(...(await setConfigs(admin, present, options.dryRun === true)));
    }
    return changes;
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.name.startsWith('KafkaJS')) throw cause;
    // A broker that wants TLS or a sign-in closes the connection without a word.
    const remedy = 'KAFKA_TLS_CA_FILE and KAFKA_SASL_… say how to speak to it';
    throw new Problem(`Kafka at ${options.brokers.join(',')} does not do what is asked: ${cause.message} (${remedy})`, { cause });
  } finally {
    await admin.disconnect();
  }
}

async function requireBrokers(admin: Admin, [first]: TopicConfig[]): Promise<void> {
  const { brokers } = await admin.describeCluster();
  const copies = first?.replicationFactor ?? 0;
  if (copies > brokers.length)
    throw new Problem(
      `Each topic is to have ${copies} copies and the cluster has ${brokers.length} brokers; give --replication.`,
    );
}

async function addPartitions(admin: Admin, wanted: TopicConfig[], dryRun: boolean): Promise<TopicChange[]> {
  const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map((topic) => topic.name) });
  const counts = new Map(topics.map((topic) => [topic.name, topic.partitions.length]));
  const tooMany = wanted.filter((topic) => (counts.get(topic.name) ?? 0) > topic.partitions);
  if (tooMany.length > 0) {
    const list = tooMany
      .map((topic) => `  ${topic.name}: ${counts.get(topic.name)} there, ${topic.partitions} declared`)
      .join('\n');
    throw new Problem(`Partitions cannot be taken away (keys would move):\n${list}`);
  }
  const fewCopies = topics.filter(({ name, partitions }) => {
    const needed = Number(wanted.find((topic) => topic.name === name)?.config['min.insync.replicas']);
    return partitions.some(({ replicas }) => replicas.length < needed);
  });
  if (fewCopies.length > 0)
    throw new Problem(
      `Nobody could write to topics with fewer copies than must be in sync: ${fewCopies.map(({ name }) => name).join(', ')}. ` +
        'Give --replication as many as they have, or add copies with kafka-reassign-partitions first.',
    );
  const tooFew = wanted.filter((topic) => (counts.get(topic.name) ?? 0) < topic.partitions);
  if (tooFew.length > 0 && !dryRun) {
    await admin.createPartitions({
      topicPartitions: tooFew.map((topic) => ({ topic: topic.name, count: topic.partitions })),
      timeout: 30_000,
    });
  }
  return tooFew.map((topic) => ({ topic: topic.name, change: `partitions ${counts.get(topic.name)} → ${topic.partitions}` }));
}

async function setConfigs(admin: Admin, wanted: TopicConfig[], dryRun: boolean): Promise<TopicChange[]> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: wanted.map((topic) => ({ type: ConfigResourceTypes.TOPIC, name: topic.name })),
  });
  const changed = wanted.flatMap((topic) => {
    const entries = resources.find((resource) => resource.resourceName === topic.name)?.configEntries ?? [];
    const set = new Map(
      entries
        .filter((entry) => entry.configSource === ConfigSource.TOPIC_CONFIG)
        .map((entry) => [entry.configName, entry.configValue]),
    );
    const differences = [
      ...Object.entries(topic.config)
        .filter(([name, value]) => set.get(name) !== value)
        .map(([name, value]) => `${name} = ${value}`),
      ...[...set.keys()].filter((name) => !(name in topic.config)).map((name) => `${name} back to default`),
    ];
    return differences.length === 0 ? [] : [{ topic, change: differences.join(', ') }];
  });
  if (changed.length > 0 && !dryRun) {
    // This request replaces a topic's whole config, which is just what "equal to the file" means.
    await admin.alterConfigs({
      validateOnly: false,
      resources: changed.map(({ topic }) => ({
        type: ConfigResourceTypes.TOPIC,
        name: topic.name,
        configEntries: Object.entries(topic.config).map(([name, value]) => ({ name, value })),
      })),
    });
  }
  return changed.map(({ topic, change }) => ({ topic: topic.name, change }));
}
