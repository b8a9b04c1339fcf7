/** Builds the images: npm run images -- --help */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '@bankcrm/manifest';
import { buildImage, readSources, sizeAboveBase } from './build.ts';
import { docker } from './docker.ts';
import { allImages, chosenImages, type Image, versionOf } from './images.ts';

const all = allImages(repositoryRoot);
const usage = `npm run images -- [NAME…] [--base IMAGE] [--tag TAG] [--sbom FOLDER] [--push REGISTRY]
  NAME    of: ${all.map(({ name }) => name).join(', ')}; without one all but keycloak, whose base is another
  --base  in the place of the official image, by name and tag or digest
  --tag   the version by default
  --sbom  where to write NAME.cdx.json (CycloneDX) and NAME.licences.txt of each
  --push  where to send them: registry.bank.example`;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      base: { type: 'string' },
      tag: { type: 'string' },
      sbom: { type: 'string' },
      push: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) console.log(usage);
  else for (const image of chosenImages(all, positionals)) await make(image, values);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}

interface Wanted {
  base?: string;
  tag?: string;
  sbom?: string;
  push?: string;
}

/** One after the other: they share the packages that npm fetches, and most of a machine. */
async function make(image: Image, { base, tag, sbom, push }: Wanted): Promise<void> {
  const version = versionOf(repositoryRoot);
  const reference = await buildImage(repositoryRoot, image, readSources(repositoryRoot, version), { tag: tag ?? version, base });
  const isOurs = image.dockerfile === 'Dockerfile';
  const size = isOurs ? `${Math.round((await sizeAboveBase(reference)) / 1e6)} MB above its base` : '';
  console.log([reference, size, await docker('image', 'inspect', '--format', '{{.Id}}', reference)].filter(Boolean).join('  '));
  if (sbom !== undefined && isOurs) await writeBom(image.name, reference, sbom);
  if (push !== undefined) console.log(await pushTo(push, reference));
}

/** Takes out of the image what its build has put there. */
async function writeBom(name: string, reference: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const container = await docker('create', reference);
  try {
    await docker('cp', `${container}:/app/sbom.cdx.json`, join(folder, `${name}.cdx.json`));
    await docker('cp', `${container}:/app/LICENSES.txt`, join(folder, `${name}.licences.txt`));
  } finally {
    await docker('rm', container);
  }
}

/** Gives the name with the digest by which the registry knows it. */
async function pushTo(registry: string, reference: string): Promise<string> {
  const target = `${registry}/${reference}`;
  await docker('tag', reference, target);
  await docker('push', target);
  const digests = await docker('image', 'inspect', '--format', '{{join .RepoDigests "\\n"}}', target);
  const pushed = digests.split('\n').find((one) => one.startsWith(`${registry}/`));
  if (pushed === undefined) throw new Error(`${target} was sent, and ${registry} has given it no digest`);
  return pushed;
}
