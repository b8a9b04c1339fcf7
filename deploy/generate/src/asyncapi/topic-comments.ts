import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '@bankcrm/manifest';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';

/** The comments above topics where they are declared, in one line each, by topic. */
export function topicComments(manifests: readonly Manifest[], root: string): ReadonlyMap<string, string> {
  const read = (path: string, key: string): unknown => parseDocument(readFileSync(join(root, path), 'utf8')).get(key);
  return new Map(
    [
      ...inList(read('deploy/kafka/contract-topics.yaml', 'topics')),
      ...manifests.flatMap(({ name }) => [...inMap(read(`services/${name}/service.yaml`, 'publishes'))]),
    ].map(([topic, comment]) => [topic, comment.trim().replaceAll(/\s*\n\s*/g, ' ')]),
  );
}

type Commented = [topic: string, comment: string];

// The library gives the comment above the first element to the collection.
function* inList(topics: unknown): Generator<Commented> {
  if (!isSeq(topics)) return;
  for (const [index, topic] of topics.items.entries()) {
    if (!isMap(topic)) continue;
    const comment = topic.commentBefore ?? (index === 0 ? topics.commentBefore : undefined);
    if (comment) yield [String(topic.get('name')), comment];
  }
}

function* inMap(topics: unknown): Generator<Commented> {
  if (!isMap(topics)) return;
  for (const [index, { key }] of topics.items.entries()) {
    if (!isScalar(key)) continue;
    const comment = key.commentBefore ?? (index === 0 ? topics.commentBefore : undefined);
    if (comment) yield [String(key.value), comment];
  }
}
