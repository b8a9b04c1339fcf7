import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allTopics, type Manifest, readContractTopics, readManifests } from '@bankcrm/manifest';
import type { Rules } from './rule.ts';

/** A topic's name in quotes. */
const topicName = /\b(corebanking\.[a-z-]+\.v1|bankcrm\.[a-z-]+\.v1\.[a-z-]+)(?=['"`])/g;

/** Types of core banking's events look like topics with a hyphen: corebanking.customer-snapshot.v1. */
const isEventType = (name: string): boolean => /^corebanking\.\w+-/.test(name);

/** What a service's code and protos name. */
function namedBy({ name }: Manifest, root: string): Set<string> {
  const files = globSync([`services/${name}/src/**/*.ts`, `proto/bankcrm/${name}/**/*.proto`], { cwd: root });
  const code = files.filter((file) => !/\.i?test\.ts$/.test(file)).map((file) => readFileSync(join(root, file), 'utf8'));
  return new Set(code.flatMap((text) => [...text.matchAll(topicName)].map(([topic]) => topic)));
}

export const topicRules: Rules = {
  'is declared by somebody where the simulator or a proto names it': (root) => {
    const known = new Set(allTopics(readManifests(root), readContractTopics(root)).map(({ name }) => name));
    const files = globSync(['deploy/simulator/src/**/*.ts', 'proto/{bankcrm,corebanking}/**/*.proto'], { cwd: root });
    const named = files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(topicName)].map(([topic]) => topic),
    );
    return [...new Set(named)].filter((topic) => !known.has(topic) && !isEventType(topic));
  },

  'is declared by the manifest of the service that names it': (root) => {
    const manifests = readManifests(root);
    const contract = readContractTopics(root);
    const known = new Set(allTopics(manifests, contract).map(({ name }) => name));
    const ofAll = contract.filter(({ owner }) => owner === 'all services').map(({ name }) => name);
    return manifests.flatMap((manifest) => {
      const declared = new Set([...Object.keys(manifest.publishes), ...Object.values(manifest.consumes).flat(), ...ofAll]);
      const isTopic = (name: string): boolean => known.has(name) || !isEventType(name);
      return [...namedBy(manifest, root)]
        .filter((topic) => isTopic(topic) && !declared.has(topic))
        .map((topic) => `${manifest.name}: ${topic}`);
    });
  },
};
