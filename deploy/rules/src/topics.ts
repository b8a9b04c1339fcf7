import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allTopics, type Manifest, readContractTopics, readManifests } from '@bankcrm/manifest';
import type { Rules } from './rule.ts';

/** A topic's name in quotes. */
const topicName = /\b(corebanking\.[a-z-]+\.v1|bankcrm\.[a-z-]+\.v1\.[a-z-]+)(?=['"`])/g;

/** What a service's code and protos name. */
function namedBy({ name }: Manifest, root: string): Set<string> {
  const files = globSync([`services/${name}/src/**/*.ts`, `proto/bankcrm/${name}/**/*.proto`], { cwd: root });
  const code = files.filter((file) => !/\.i?test\.ts$/.test(file)).map((file) => readFileSync(join(root, file), 'utf8'));
  return new Set(code.flatMap((text) => [...text.matchAll(topicName)].map(([topic]) => topic)));
}

export const topicRules: Rules = {
  'is declared by the manifest of the service that names it': (root) => {
    const manifests = readManifests(root);
    const contract = readContractTopics(root);
    const known = new Set(allTopics(manifests, contract).map(({ name }) => name));
    const ofAll = contract.filter(({ owner }) => owner === 'all services').map(({ name }) => name);
    return manifests.flatMap((manifest) => {
      const declared = new Set([...Object.keys(manifest.publishes), ...Object.values(manifest.consumes).flat(), ...ofAll]);
      // Types of core banking's events look like topics with a hyphen: corebanking.customer-snapshot.v1.
      const isTopic = (name: string): boolean => known.has(name) || !/^corebanking\.\w+-/.test(name);
      return [...namedBy(manifest, root)]
        .filter((topic) => isTopic(topic) && !declared.has(topic))
        .map((topic) => `${manifest.name}: ${topic}`);
    });
  },
};
