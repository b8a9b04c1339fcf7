import { describe, expect, it } from 'vitest';
import { findContainers, type ImageStore } from './containers.ts';
import { wantsContainers } from './servers.ts';

const store = (changes: Partial<ImageStore>): (() => Promise<ImageStore>) => {
  const all: ImageStore = { exists: async () => false, pull: async () => undefined };
  return async () => ({ ...all, ...changes });
};
async function find(openStore: () => Promise<ImageStore>) {
  const told: string[] = [];
  const containers = await findContainers((text) => told.push(text), openStore);
  return { containers, told };
}
const native = 'PostgreSQL, Kafka and Keycloak run as processes of this machine instead.';

describe('servers of tests as containers', () => {
  it('are not to be had without an engine, which is said in a sentence', async () => {
    const { containers, told } = await find(() => Promise.reject(new Error('no strategy')));
    expect(containers).toBeUndefined();
    expect(told).toEqual([`BANKCRM_TEST_SERVERS is containers, and no Docker engine answers here: ${native}`]);
  });

  it('are not to be had where an image cannot be pulled, which names the image and why', async () => {
    const { containers, told } = await find(store({ pull: () => Promise.reject(new Error('registry unreachable')) }));
    expect(containers).toBeUndefined();
    expect(told).toEqual([
      expect.stringMatching(
        /^BANKCRM_TEST_SERVERS is containers, and the image docker\.io\/library\/postgres:[\d.]+ cannot be pulled/,
      ),
    ]);
    expect(told[0]).toContain(`(registry unreachable): ${native}`);
  });

  it('are not to be had where the image of this repository is not built, which says how to', async () => {
    const { containers, told } = await find(store({}));
    expect(containers).toBeUndefined();
    expect(told[0]).toContain('is not built (docker build -f deploy/docker/keycloak.Dockerfile -t bankcrm/keycloak:');
  });

  it('take from registries the images of PostgreSQL and Kafka, and none besides', async () => {
    const pulled: string[] = [];
    await find(store({ pull: async (image) => void pulled.push(image) }));
    expect(pulled).toEqual([expect.stringContaining('/postgres:'), expect.stringContaining('/kafka:')]);
  });

  it('are to be had where every image is there', async () => {
    const pull = () => Promise.reject(new Error('is not asked for'));
    const { containers, told } = await find(store({ exists: async () => true, pull }));
    expect(containers).toBeDefined();
    expect(told).toEqual([]);
  });
});

it('are asked for by BANKCRM_TEST_SERVERS, of which another value is refused with those there are', () => {
  expect(wantsContainers({})).toBe(false);
  expect(wantsContainers({ BANKCRM_TEST_SERVERS: 'native' })).toBe(false);
  expect(wantsContainers({ BANKCRM_TEST_SERVERS: 'containers' })).toBe(true);
  expect(() => wantsContainers({ BANKCRM_TEST_SERVERS: 'docker' })).toThrow(/"docker"; set it to native or containers/);
});
