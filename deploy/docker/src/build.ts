import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { docker } from './docker.ts';
import { type Image, labelsOf, type Sources } from './images.ts';

export interface BuildOptions {
  tag: string;
  /** In the place of the Dockerfile's own. */
  base?: string | undefined;
  /** False: every step anew. */
  cached?: boolean;
}

/** What stands in the working copy. `SOURCE_DATE_EPOCH` (https://reproducible-builds.org) goes before the time of the commit. */
export function readSources(root: string, version: string): Sources {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  const { SOURCE_DATE_EPOCH: epoch, GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
  return {
    version,
    revision: `${git('rev-parse', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '-dirty'}`,
    epoch: Number(epoch ?? git('log', '-1', '--format=%ct')),
    url: server && repository && `${server}/${repository}`,
  };
}

/** Builds an image and gives its name with the tag. */
export async function buildImage(
  root: string,
  image: Image,
  sources: Sources,
  { tag, base, cached = true }: BuildOptions,
): Promise<string> {
  const reference = `bankcrm/${image.name}:${tag}`;
  const buildArgs = { ...image.buildArgs, SOURCE_DATE_EPOCH: String(sources.epoch), ...(base && { BASE: base }) };
  const settings = npmSettings();
  await docker(
    'build',
    ...['--file', join(root, 'deploy', 'docker', image.dockerfile), '--tag', reference],
    ...(cached ? [] : ['--no-cache']),
    ...Object.entries(buildArgs).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...Object.entries(labelsOf(image, sources)).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...(settings === undefined ? [] : ['--secret', `id=npmrc,src=${settings}`]),
    root,
  );
  return reference;
}

/** The builder's own settings of npm: a registry, a token. */
function npmSettings(): string | undefined {
  const file = process.env.npm_config_userconfig ?? join(homedir(), '.npmrc');
  return existsSync(file) ? file : undefined;
}

/** Bytes that an image of the Dockerfile adds to its base: its layers as far down as the one that brings /app; below it only something is removed. */
export async function sizeAboveBase(reference: string): Promise<number> {
  const history = await docker('history', '--no-trunc', '--human=false', '--format', '{{.Size}} {{.CreatedBy}}', reference);
  const layers = history.split('\n');
  const last = layers.findIndex((layer) => layer.includes('COPY /app /app'));
  return layers.slice(0, last + 1).reduce((sum, layer) => sum + Number.parseInt(layer, 10), 0);
}
