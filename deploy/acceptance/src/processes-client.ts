import type { ServiceName } from '@bankcrm/local';
import { expect, vi } from 'vitest';
import { as } from './client.ts';
import { people } from './people.ts';
import { setUpUrl } from './run.ts';

const limitMs = 90_000;

async function ask(verb: string, target: string, body: string): Promise<void> {
  const response = await fetch(`${setUpUrl()}/${verb}/${target}`, { method: 'POST', body, signal: AbortSignal.timeout(limitMs) });
  if (!response.ok) throw new Error(`${verb} ${target}: ${await response.text()}`);
}

/** Ends a service and waits until its process is gone. */
export const end = (service: ServiceName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => ask('end', service, signal);

/** Something small that the gateway asks of each service for an administrator. */
const probes: Partial<Record<ServiceName, string>> = { directory: '/v1/me', customer: '/v1/customers:count' };

/** Starts a service (ending it first where it runs) and waits until it is ready and the gateway has found it again. */
export async function start(service: ServiceName, env: Record<string, string> = {}): Promise<void> {
  await ask('start', service, JSON.stringify(env));
  const probe = probes[service];
  if (probe === undefined) return;
  const person = await as(people.admin);
  await vi.waitFor(async () => expect((await person.get(probe)).status).toBe(200), { timeout: 15_000 });
}

/** Keycloak takes connections and answers none until it is thawed. */
export const freezeKeycloak = (): Promise<void> => ask('signal', 'keycloak', 'SIGSTOP');
export const thawKeycloak = (): Promise<void> => ask('signal', 'keycloak', 'SIGCONT');
