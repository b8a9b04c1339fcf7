import { chmodSync, copyFileSync, existsSync, globSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keycloakAdmin, placeOf, type Stack, serviceEnv, signIn } from '@bankcrm/local';
import { bytesOf, type Manifest, readManifests, repositoryRoot, v8Options } from '@bankcrm/manifest';
import { eventually, testStack } from '@bankcrm/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage, readSources, sizeAboveBase } from '../src/build.ts';
import { docker } from '../src/docker.ts';
import { allImages, chosenImages, type Image } from '../src/images.ts';
import type { Bom } from '../src/seal.ts';
import { type Container, type Settings, startContainer } from './container.ts';
import { contentOf, type Tree, treeOf } from './tree.ts';

const buildLimitMs = 600_000;
const readyLimitMs = 60_000;
const mostBytes = 200e6;
const mostStartMs = 3_000;
/** Of the demo bank: may ask every service something. */
const admin = '100042';
/** Depths at which npm puts a package, with a scope and without. */
const installed = ['node_modules/**/node_modules', 'node_modules'].flatMap((folder) => [
  `${folder}/*/package.json`,
  `${folder}/@*/*/package.json`,
]);
const localBase = 'bankcrm-base:local';

/** Why no image can be built here. */
const problem = await docker('version').then(
  () => undefined,
  (error: Error) => error.message,
);
if (problem) console.warn(`The images are not tried: ${problem}`);
/** Where no registry of images can be reached: what local-base.sh has made. */
const base = await docker('image', 'inspect', localBase).then(
  () => localBase,
  () => undefined,
);

const manifests = readManifests();
const images = chosenImages(allImages(repositoryRoot), []);
const sources = problem ? undefined : readSources(repositoryRoot, 'test');
const build = (image: Image, tag: string, cached: boolean) => buildImage(repositoryRoot, image, sources!, { tag, base, cached });
const imageOf = (name: string) => `bankcrm/${name}:test`;

describe.skipIf(problem)('an image', () => {
  beforeAll(async () => {
    for (const image of images) await build(image, 'test', true);
  }, buildLimitMs);
  afterAll(async () => {
    await docker('image', 'rm', ...images.map(({ name }) => imageOf(name)));
  });

  describe.each(images)('of $name', (image) => {
    let tree: Tree;
    beforeAll(async () => {
      tree = await treeOf(imageOf(image.name));
    });
    afterAll(() => tree?.discard());

    const own = () => tree.paths.filter((path) => path.startsWith('app/') && !path.includes('/node_modules/'));
    const bom = () => JSON.parse(readFileSync(join(tree.folder, 'app/sbom.cdx.json'), 'utf8')) as Bom;

    it('adds at most 200 MB to its base', async () => {
      expect(await sizeAboveBase(imageOf(image.name))).toBeLessThan(mostBytes);
    });

    it('holds no test, nothing that people run beside a service, and no key', () => {
      const unwanted =
        /\.(test|itest|ftest|bench)\.ts$|\.(pem|key|log)$|(^|\/)(\.git|\.local|\.npmrc|\.env[^/]*|README\.md|test|acceptance|faults|bench|demo)(\/|$)/;
      expect(own().filter((path) => unwanted.test(path))).toEqual([]);
      expect(tree.paths.filter((path) => /(^|\/)\.npmrc$|^run\/secrets|^npm-cache|^root\/\.npm/.test(path))).toEqual([]);
    });

    it('can install nothing', () => {
      expect(
        tree.paths.filter((path) => /^usr\/(local\/)?s?bin\/(npm|npx|yarn|yarnpkg|corepack|apt|apt-get|dpkg)$/.test(path)),
      ).toEqual([]);
      expect(existsSync(join(tree.folder, 'usr/local/lib/node_modules'))).toBe(false);
    });

    it('belongs to root, and others only read it', () => {
      expect(own().filter((path) => isWritable(join(tree.folder, path)))).toEqual([]);
    });

    it('holds the packages that its bill of materials names, and no others', () => {
      const named = bom().components.map((component) => component['bom-ref']);
      const there = packagesIn(join(tree.folder, 'app'));
      expect(named.filter((name) => !name.startsWith('@bankcrm/')).sort()).toEqual(there);
      const licences = readFileSync(join(tree.folder, 'app/LICENSES.txt'), 'utf8').trim().split('\n');
      expect(licences.map((line) => line.split('\t')[0])).toEqual(there);
      expect(licences.filter((line) => line.endsWith('not stated'))).toEqual([]);
    });

    it('says what it is and what it was made of', async () => {
      const labels = JSON.parse(await docker('inspect', '--format', '{{json .Config.Labels}}', imageOf(image.name)));
      expect(labels).toMatchObject({
        'org.opencontainers.image.title': `BankCRM ${image.name}`,
        'org.opencontainers.image.description': image.purpose,
        'org.opencontainers.image.version': 'test',
        'org.opencontainers.image.revision': sources!.revision,
        'org.opencontainers.image.created': new Date(sources!.epoch * 1000).toISOString(),
      });
    });

    it('has the same content when it is built again', async () => {
      const reference = await build(image, 'again', false);
      const again = await treeOf(reference);
      try {
        expect(contentOf(again)).toEqual(contentOf(tree));
      } finally {
        again.discard();
        await docker('image', 'rm', reference);
      }
    });
  });

  it('of provision says in a sentence what it lacks', async () => {
    const container = await startContainer(imageOf('provision'), {});
    try {
      expect(await container.ended()).toBeGreaterThan(0);
      expect(await container.log()).toMatch(/^[^\n]*topics[^\n]*\n$/);
    } finally {
      await container.remove();
    }
  });

  describe('of a service, on real servers', () => {
    const stack = testStack();
    const folder = mkdtempSync(join(tmpdir(), 'bankcrm-mounts-'));
    const running = new Map<string, Container>();

    const start = async (manifest: Manifest) =>
      running.set(manifest.name, await startContainer(imageOf(manifest.name), settingsOf(manifest, stack, folder)));
    const probe = async ({ name }: Manifest, path: string) => {
      const response = await fetch(`${placeOf(stack, name).healthUrl}${path}`, { signal: AbortSignal.timeout(2_000) });
      return `${response.status} ${await response.text()}`;
    };
    const untilReady = (manifest: Manifest) =>
      eventually(async () => expect(await probe(manifest, '/readyz')).toMatch(/^200/), { timeoutMs: readyLimitMs, everyMs: 100 });

    beforeAll(async () => {
      await Promise.all(manifests.map(start));
      await Promise.all(manifests.map(untilReady));
    }, 2 * readyLimitMs);
    afterAll(async () => {
      for (const container of running.values()) await container.remove();
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(['/v1/me', '/v1/customers:count', '/v1/auditLog'])('answers %s through the gateway', async (path) => {
      const authorization = `Bearer ${await tokenOf(stack, admin)}`;
      await eventually(async () => {
        const response = await fetch(`${stack.gateway.url}${path}`, { headers: { authorization } });
        expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(/^\{.*\}$/)]);
      });
    });

    it.each(manifests)(
      'of $name ends in order when it is told to, and answers probes within 3 s of its next start',
      async (manifest) => {
        const tookMs: number[] = [];
        // What else the machine does can only add to the time.
        while (tookMs.length < 3 && !tookMs.some((ms) => ms <= mostStartMs)) {
          const before = running.get(manifest.name)!;
          expect(await before.stop(), await before.log()).toBe(0);
          await before.remove();
          const began = performance.now();
          await start(manifest);
          await eventually(() => probe(manifest, '/readyz'), { timeoutMs: readyLimitMs, everyMs: 20 });
          tookMs.push(Math.round(performance.now() - began));
          await untilReady(manifest);
        }
        console.log(`${manifest.name} answered its probes after ${tookMs.join(', ')} ms`);
        expect(Math.min(...tookMs)).toBeLessThanOrEqual(mostStartMs);
      },
    );
  });
});

/** What a chart would give it, files and folders with room for nobody's user. */
function settingsOf(manifest: Manifest, stack: Stack, folder: string): Settings {
  const mounts: { path: string; writable: boolean }[] = [];
  const env = Object.entries(serviceEnv(manifest.name, stack)).map(([name, value]) => {
    if (!value.startsWith('/')) return [name, value];
    const path = join(folder, `${manifest.name}-${name}`);
    const isFile = existsSync(value) && lstatSync(value).isFile();
    if (isFile) copyFileSync(value, path);
    else mkdirSync(path, { recursive: true });
    chmodSync(path, isFile ? 0o444 : 0o777);
    mounts.push({ path, writable: !isFile });
    return [name, path];
  });
  const args = [...v8Options(manifest), `/app/services/${manifest.name}/src/main.ts`];
  return { env: Object.fromEntries(env), mounts, memoryBytes: bytesOf(manifest.resources.memory), args };
}

/** A token of a member of the demo bank's staff, whose account the directory makes. */
async function tokenOf(stack: Stack, staffNumber: string): Promise<string> {
  const password = 'Correct-horse-7-battery';
  const keycloak = await keycloakAdmin(stack);
  const id = await eventually(
    async () => {
      const [user] = await keycloak<{ id: string }[]>(`/${stack.keycloak.realm}/users?exact=true&username=${staffNumber}`);
      if (user === undefined) throw new Error(`the directory has not made ${staffNumber} known to Keycloak`);
      return user.id;
    },
    { timeoutMs: readyLimitMs, everyMs: 200 },
  );
  const body = { type: 'password', value: password, temporary: false };
  await keycloak(`/${stack.keycloak.realm}/users/${id}/reset-password`, { method: 'PUT', body });
  return signIn({ ...stack, staff: [{ staffNumber, name: '', roles: [], orgUnits: [], password }] }, staffNumber);
}

const isWritable = (path: string): boolean => {
  const entry = lstatSync(path);
  return !entry.isSymbolicLink() && (entry.mode & 0o022) !== 0;
};

/** `name@version` of what npm has put below a folder, each once; ours are only linked there. */
function packagesIn(app: string): string[] {
  const files = globSync(installed, { cwd: app });
  const names = files.map((file) => {
    const { name, version } = JSON.parse(readFileSync(join(app, file), 'utf8')) as { name: string; version: string };
    return `${name}@${version}`;
  });
  return [...new Set(names)].filter((name) => !name.startsWith('@bankcrm/')).sort();
}
