import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot } from './paths.ts';
import { StackProblem } from './problem.ts';

export const profiles = ['local', 'production'] as const;
export type Profile = (typeof profiles)[number];

export type TopicSpec = {
  name: string;
  owner: string;
  key: string;
  value: string;
  description: string;
  partitions: Record<Profile, number>;
  /** Kafka's own config names and values. */
  config: Record<string, string>;
};
export type TopicsFile = {
  profiles: Record<Profile, { replicationFactor: number; config: Record<string, string> }>;
  topics: TopicSpec[];
};

export const topicsPath = join(repositoryRoot, 'deploy', 'kafka', 'topics.yaml');

/** Every topic must state these itself: a broker's default is nobody's decision. */
const requiredConfig = ['cleanup.policy', 'retention.ms', 'max.message.bytes'];

/** Reads and checks the file; throws `StackProblem` that lists everything missing. */
export function readTopicsFile(path = topicsPath): TopicsFile {
  const file = parse(readFileSync(path, 'utf8')) as TopicsFile;
  const missing = file.topics.flatMap((topic) => [
    ...(['name', 'owner', 'key', 'value', 'description'] as const)
      .filter((field) => !topic[field])
      .map((field) => `${topic.name}: ${field}`),
    ...profiles
      .filter((profile) => !Number.isInteger(topic.partitions?.[profile]))
      .map((profile) => `${topic.name}: partitions.${profile}`),
    ...requiredConfig.filter((name) => topic.config?.[name] === undefined).map((name) => `${topic.name}: config.${name}`),
  ]);
  if (missing.length > 0) throw new StackProblem(`${path} lacks:\n${missing.map((line) => `  ${line}`).join('\n')}`);
  return file;
}
