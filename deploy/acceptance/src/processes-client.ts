import type { ServiceName } from '@bankcrm/local';
import { setUpUrl } from './run.ts';

const limitMs = 90_000;

async function ask(verb: string, target: string, body: string): Promise<void> {
  const response = await fetch(`${setUpUrl}/${verb}/${target}`, { method: 'POST', body, signal: AbortSignal.timeout(limitMs) });
  if (!response.ok) throw new Error(`${verb} ${target}: ${await response.text()}`);
}

/** Ends a service and waits until its process is gone. */
export const end = (service: ServiceName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => ask('end', service, signal);

/** Starts a service (ending it first where it runs) and waits until it is ready. */
export const start = (service: ServiceName, env: Record<string, string> = {}): Promise<void> =>
  ask('start', service, JSON.stringify(env));

/** Keycloak takes connections and answers none until it is thawed. */
export const freezeKeycloak = (): Promise<void> => ask('signal', 'keycloak', 'SIGSTOP');
export const thawKeycloak = (): Promise<void> => ask('signal', 'keycloak', 'SIGCONT');
