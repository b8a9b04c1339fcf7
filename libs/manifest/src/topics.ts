import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Holds, Keep, type Manifest } from './manifest.ts';

/** A topic and who writes it: one service, a system outside, or all services together. */
const TopicSpec = z.strictObject({
  name: z.string(),
  owner: z.string(),
  key: z.string(),
  value: z.string(),
  keep: Keep,
  holds: Holds.default('c1'),
});
export type TopicSpec = z.infer<typeof TopicSpec>;

/** The topics that belong to no folder: `deploy/kafka/contract-topics.yaml`. */
export function readContractTopics(root: string): readonly TopicSpec[] {
  const path = join(root, 'deploy', 'kafka', 'contract-topics.yaml');
  const result = z.strictObject({ topics: z.array(TopicSpec) }).safeParse(parse(readFileSync(path, 'utf8')));
  if (!result.success) throw new Error(`${path} is not a list of topics:\n${z.prettifyError(result.error)}`);
  return result.data.topics;
}

/** Every topic of the platform. */
export const allTopics = (manifests: readonly Manifest[], contract: readonly TopicSpec[]): TopicSpec[] => [
  ...contract,
  ...manifests.flatMap(({ name: owner, publishes }) =>
    Object.entries(publishes).map(([name, topic]) => ({ name, owner, ...topic })),
  ),
];

/** The topics that a consumer group reads, patterns such as `bankcrm.*.v1.customer-panels` filled in. */
export const topicsOfGroup = (patterns: readonly string[], topics: readonly TopicSpec[]): string[] =>
  patterns.flatMap((pattern) => {
    if (!pattern.includes('*')) return [pattern];
    const matching = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[a-z0-9-]+')}$`);
    return topics.map(({ name }) => name).filter((name) => matching.test(name));
  });

/**
 * `PANEL_TOPICS` for a group `…-panels` that reads every service's: variables with the topics behind a service's patterns, by comma, which its code cannot
 * know.
 */
export const topicsOfPatterns = ({ name, consumes }: Manifest, topics: readonly TopicSpec[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(consumes)
      .filter(([, patterns]) => patterns.some((pattern) => pattern.includes('*')))
      .map(([group, patterns]) => {
        const what = group.slice(name.length + 1).replace(/s$/, '');
        return [`${what.replaceAll('-', '_').toUpperCase()}_TOPICS`, topicsOfGroup(patterns, topics).join(',')];
      }),
  );
