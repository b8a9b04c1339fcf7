import { join, resolve } from 'node:path';
import { readStack, type Stack } from '@bankcrm/local';
import { repositoryRoot } from '@bankcrm/manifest';
import { run, tryRun } from './shell.ts';

/** One trial: where it is installed, and what stands beside the cluster. */
export interface Site {
  /** Keeps secrets, certificates and the servers' data. */
  dir: string;
  namespace: string;
  release: string;
  /** Registry of the images, as pods name it. */
  registry: string;
  /** Where the front end would be; Keycloak sends people back to it. */
  portalUrl: string;
  /** By what name the gateway is asked. */
  gatewayName: string;
}

export const site: Site = {
  dir: resolve(process.env.BANKCRM_CLUSTER_DIR ?? join(repositoryRoot, '.local', 'cluster')),
  namespace: process.env.BANKCRM_CLUSTER_NAMESPACE ?? 'bankcrm',
  release: 'bankcrm',
  registry: process.env.BANKCRM_CLUSTER_REGISTRY ?? 'registry.bank.example',
  portalUrl: 'https://portal.bank.example',
  gatewayName: 'bankcrm-gateway',
};

/** What `servers` started, as it wrote it down. */
export const serversOf = (): Stack => readStack(site.dir);

export const kubectl = (...args: string[]): Promise<string> => run('kubectl', ['-n', site.namespace, ...args]);
export const tryKubectl = (...args: string[]) => tryRun('kubectl', ['-n', site.namespace, ...args]);

/** Makes objects what these texts or objects say. */
export const apply = (objects: string | readonly object[]): Promise<string> =>
  run('kubectl', ['-n', site.namespace, 'apply', '-f', '-'], {
    input: typeof objects === 'string' ? objects : objects.map((object) => JSON.stringify(object)).join('\n---\n'),
  });

export const secret = (name: string, stringData: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});

export const say = (text: string): void => console.log(`${new Date().toISOString().slice(11, 19)}  ${text}`);
