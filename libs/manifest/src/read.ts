import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { Manifest } from './manifest.ts';
import { readContractTopics, type TopicSpec } from './topics.ts';

/** The tree that this file stands in. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');

/** The manifest in a service's folder. Throws with one line for each thing wrong in it. */
export function readManifest(folder: string): Manifest {
  const path = join(folder, 'service.yaml');
  const result = Manifest.safeParse(parse(readFileSync(path, 'utf8')));
  if (!result.success) throw new Error(`${path} is not a manifest:\n${z.prettifyError(result.error)}`);
  if (result.data.name !== basename(folder)) throw new Error(`${path} names ${result.data.name}, not its folder`);
  return withPlacements(result.data);
}

const placementsTopic = 'bankcrm.customer.v1.placements';
const orgUnitsTopic = 'bankcrm.directory.v1.org-units';

/** Whether a service keeps who sees a customer in its own database: each that shows customers, but the one that says so. */
export const keepsPlacements = ({ scope, publishes }: Manifest): boolean =>
  scope === 'customers' && !(placementsTopic in publishes);

/** Such a service consumes the placements and the org tree without saying so. */
const withPlacements = (manifest: Manifest): Manifest =>
  keepsPlacements(manifest)
    ? { ...manifest, consumes: { ...manifest.consumes, [`${manifest.name}-scope`]: [placementsTopic, orgUnitsTopic] } }
    : manifest;

/**
 * The manifests of all services of a tree by their index. Throws where two services have one index, one topic or one consumer group, or
 * where a service calls or consumes what nobody has.
 */
export function readManifests(root: string = repositoryRoot): readonly Manifest[] {
  const services = join(root, 'services');
  const manifests = readdirSync(services, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(services, entry.name, 'package.json')))
    .map((entry) => readManifest(join(services, entry.name)))
    .sort((a, b) => a.index - b.index);
  const problems = problemsOf(manifests, readContractTopics(root));
  if (problems.length > 0)
    throw new Error(`the manifests do not go together:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  return manifests;
}

function problemsOf(manifests: readonly Manifest[], contract: readonly TopicSpec[]): string[] {
  const names = new Set(manifests.map(({ name }) => name));
  const published = [...contract.map(({ name }) => name), ...manifests.flatMap(({ publishes }) => Object.keys(publishes))];
  const topics = new Set(published);
  return [
    ...repeated(manifests.map(({ index }) => String(index))).map((index) => `two services have the index ${index}`),
    ...(manifests.filter(({ serves }) => serves === 'http').length > 1
      ? ['two serve http, and both would have the public port']
      : []),
    ...repeated(published).map((topic) => `two publish the topic ${topic}`),
    ...repeated(manifests.flatMap(({ consumes }) => Object.keys(consumes))).map((group) => `two consume as ${group}`),
    ...manifests.flatMap(({ name, calls, consumes, publishes }) => [
      ...(calls === 'all' ? [] : calls)
        .filter((called) => !names.has(called))
        .map((called) => `${name} calls ${called}, which is no service`),
      ...Object.values(consumes)
        .flat()
        .filter((topic) => !topic.includes('*') && !topics.has(topic))
        .map((topic) => `${name} consumes ${topic}, which nobody publishes`),
      ...Object.keys(publishes)
        .filter((topic) => topic.startsWith('bankcrm.') && !topic.startsWith(`bankcrm.${name}.v`))
        .map((topic) => `${name} publishes ${topic}, which belongs to another service by its name`),
      ...Object.keys(consumes)
        .filter((group) => !group.startsWith(`${name}-`))
        .map((group) => `${name} consumes as ${group}; its groups begin with ${name}-`),
    ]),
  ];
}

/** The services that a service calls. */
export const calledServices = (manifest: Manifest, manifests: readonly Manifest[]): Manifest[] =>
  manifests.filter(({ name, serves }) => (manifest.calls === 'all' ? serves === 'grpc' : manifest.calls.includes(name)));

const repeated = (values: readonly string[]): string[] => [
  ...new Set(values.filter((value, at) => values.indexOf(value) !== at)),
];
