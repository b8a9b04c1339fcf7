import type { ServiceName } from '@bankcrm/local';
import { optionReader, registry } from '@bankcrm/proto/descriptors';
import { expect, vi } from 'vitest';
import { as } from './client.ts';
import { people } from './people.ts';
import { setUpUrl } from './run.ts';

const limitMs = 90_000;
const http = optionReader<{ pattern: { case: string; value: string } }>('google.api.http');

async function ask(verb: string, target: string, body: string): Promise<void> {
  const response = await fetch(`${setUpUrl()}/${verb}/${target}`, { method: 'POST', body, signal: AbortSignal.timeout(limitMs) });
  if (!response.ok) throw new Error(`${verb} ${target}: ${await response.text()}`);
}

/** Ends a service and waits until its process is gone. */
export const end = (service: ServiceName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => ask('end', service, signal);

/** Starts a service (ending it first where it runs) and waits until it is ready and the gateway has found it again. */
export async function start(service: ServiceName, env: Record<string, string> = {}): Promise<void> {
  await ask('start', service, JSON.stringify(env));
  const probe = probeOf(service);
  if (probe === undefined) return;
  const person = await as(people.admin);
  // Any answer but 503, which would be the gateway's own, is the service's.
  await vi.waitFor(async () => expect((await person.get(probe)).status).not.toBe(503), { timeout: 15_000 });
}

/** Something that the gateway asks of a service by GET and without an id; undefined where there is nothing like it. */
function probeOf(service: ServiceName): string | undefined {
  const methods = [...registry].flatMap((type) =>
    type.kind === 'service' && type.typeName.startsWith(`bankcrm.${service}.`) ? type.methods : [],
  );
  const paths = methods
    .map((method) => http(method)?.pattern)
    .flatMap((pattern) => (pattern?.case === 'get' ? [pattern.value] : []));
  return paths.find((path) => !path.includes('{'));
}

/** Keycloak takes connections and answers none until it is thawed. */
export const freezeKeycloak = (): Promise<void> => ask('signal', 'keycloak', 'SIGSTOP');
export const thawKeycloak = (): Promise<void> => ask('signal', 'keycloak', 'SIGCONT');
