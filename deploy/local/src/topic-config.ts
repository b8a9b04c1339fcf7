import { allTopics, type Keep, readContractTopics, readManifests, repositoryRoot, type TopicSpec } from '@bankcrm/manifest';

export const profiles = ['local', 'production'] as const;
export type Profile = (typeof profiles)[number];

const profileOf: Record<Profile, { partitions: number; replicationFactor: number; minInSyncReplicas: number }> = {
  local: { partitions: 12, replicationFactor: 1, minInSyncReplicas: 1 },
  production: { partitions: 48, replicationFactor: 3, minInSyncReplicas: 2 },
};

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

export function topicConfig({ name, keep }: Pick<TopicSpec, 'name' | 'keep'>, profile: Profile): TopicConfig {
  const { partitions, replicationFactor, minInSyncReplicas } = profileOf[profile];
  return {
    name,
    partitions,
    replicationFactor,
    config: {
      'min.insync.replicas': String(minInSyncReplicas),
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
