import { allTopics, type Keep, readContractTopics, readManifests, repositoryRoot, type TopicSpec } from '@bankcrm/manifest';

export const profiles = ['local', 'production'] as const;
export type Profile = (typeof profiles)[number];

const partitionsOf: Record<Profile, number> = { local: 12, production: 48 };
const copiesOf: Record<Profile, number> = { local: 1, production: 3 };

/** What Kafka is told of a topic. */
export type TopicConfig = {
  name: string;
  partitions: number;
  replicationFactor: number;
  /** Kafka's own config names and values; complete: what a cluster holds beside it goes back to the broker's default. */
  config: Record<string, string>;
};

/** Largest message of any topic. */
const maxMessageBytes = 2 * 1024 * 1024;
const dayMs = 86_400_000;

/** Every topic that the manifests and the contract name. */
export const readTopics = (root = repositoryRoot): TopicSpec[] => allTopics(readManifests(root), readContractTopics(root));

/** A topic as a cluster should hold it. `replication`: copies, where the cluster has not as many brokers as the profile wants. */
export function topicConfig(
  { name, keep }: Pick<TopicSpec, 'name' | 'keep'>,
  profile: Profile,
  replication: number = copiesOf[profile],
): TopicConfig {
  return {
    name,
    partitions: partitionsOf[profile],
    replicationFactor: replication,
    config: {
      // One copy may be away, for a broker that restarts, and writing goes on.
      'min.insync.replicas': String(Math.max(replication - 1, 1)),
      'cleanup.policy': keep === 'newest' ? 'compact' : 'delete',
      'retention.ms': retentionMs(keep),
      'retention.bytes': '-1',
      'max.message.bytes': String(maxMessageBytes),
      // Stamped by the broker where others produce: retention counts from arrival, so a producer with a wrong clock, or one that stamps
      // business time, loses nothing.
      'message.timestamp.type': name.startsWith('bankcrm.') ? 'CreateTime' : 'LogAppendTime',
    },
  };
}

const retentionMs = (keep: Keep): string => (typeof keep === 'string' ? '-1' : String(keep.days * dayMs));
