import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifests } from '@bankcrm/manifest';

/** An image that is made from the repository. */
export interface Image {
  /** `customer` is `bankcrm/customer`. */
  name: string;
  /** One sentence. */
  purpose: string;
  /** In deploy/docker. */
  dockerfile: string;
  buildArgs: Readonly<Record<string, string>>;
}

/** Which state of the repository an image is made from. */
export interface Sources {
  version: string;
  /** The commit; with `-dirty` behind it where files differ from it. */
  revision: string;
  /** Seconds since 1970. */
  epoch: number;
  /** Where the repository can be had, as far as that is known. */
  url?: string | undefined;
}

/** Of every service, of what prepares their servers, and of Keycloak, in this order. Only the last has another base than Node. */
export const allImages = (root: string): Image[] => [
  ...readManifests(root).map(({ name, purpose }) => nodeImage(name, purpose, `services/${name}`)),
  nodeImage('provision', 'Prepares what the services need of servers: topics, the realm, databases.', 'deploy/provision'),
  {
    name: 'keycloak',
    purpose: 'Keycloak in which sign-ins of one person take turns.',
    dockerfile: 'keycloak.Dockerfile',
    buildArgs: {},
  },
];

const nodeImage = (name: string, purpose: string, folder: string): Image => ({
  name,
  purpose,
  dockerfile: 'Dockerfile',
  buildArgs: { PACKAGE: folder },
});

/** All that stand on Node, or those that are named. Throws for a name that is none. */
export function chosenImages(all: readonly Image[], names: readonly string[]): Image[] {
  const unknown = names.find((name) => !all.some((image) => image.name === name));
  if (unknown !== undefined)
    throw new Error(`There is no image ${unknown}. There are: ${all.map(({ name }) => name).join(', ')}.`);
  return all.filter(({ name, dockerfile }) => (names.length > 0 ? names.includes(name) : dockerfile === 'Dockerfile'));
}

/** By the names of https://github.com/opencontainers/image-spec/blob/main/annotations.md */
export function labelsOf({ name, purpose }: Image, { version, revision, epoch, url }: Sources): Record<string, string> {
  const labels = {
    title: `BankCRM ${name}`,
    description: purpose,
    version,
    revision,
    created: new Date(epoch * 1000).toISOString(),
    // What SPDX has no name for.
    licenses: 'LicenseRef-UNLICENSED',
    ...(url && { source: url }),
  };
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`org.opencontainers.image.${key}`, value]));
}

export const versionOf = (root: string): string =>
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
