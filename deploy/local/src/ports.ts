import { createServer } from 'node:net';
import type { Manifest } from '@bankcrm/manifest';
import { StackProblem } from './problem.ts';

export const defaultPortBase = 18_000;

/** Ports a stack takes from its base. Two stacks on one machine need bases at least this far apart. */
export const portSpan = 100;

const serverPorts = {
  kafkaTls: { offset: 9, label: 'Kafka, encrypted' },
  postgres: { offset: 10, label: 'PostgreSQL' },
  kafka: { offset: 11, label: 'Kafka' },
  kafkaController: { offset: 12, label: 'Kafka controller' },
  keycloak: { offset: 13, label: 'Keycloak' },
  keycloakManagement: { offset: 14, label: 'Keycloak health' },
  smtp: { offset: 15, label: 'mail sink (SMTP)' },
  mail: { offset: 16, label: 'mail sink (HTTP)' },
} as const;

export type PortName = keyof typeof serverPorts;
export type Ports = Record<PortName, number>;

/** A port and what listens there, for messages. */
export type NamedPort = { port: number; label: string };

export const portsFrom = (base: number): Ports =>
  Object.fromEntries(Object.entries(serverPorts).map(([name, { offset }]) => [name, base + offset])) as Ports;

export const namedPorts = (ports: Ports, names: readonly PortName[]): NamedPort[] =>
  names.map((name) => ({ port: ports[name], label: serverPorts[name].label }));

export type ServicePorts = { main: number; health: number; door: number };

/** A service's ports by its index. What people open in a browser, the gateway, has the base itself. */
export function servicePorts({ index, serves }: Pick<Manifest, 'index' | 'serves'>, base: number): ServicePorts {
  const first = base + 20 + 4 * index;
  return { main: serves === 'http' ? base : first, health: first + 1, door: first + 2 };
}

export function namedServicePorts({ name, index, serves, opens }: Manifest, base: number): NamedPort[] {
  const { main, health, door } = servicePorts({ index, serves }, base);
  return [
    { port: main, label: `${name} (${serves})` },
    { port: health, label: `${name} health` },
    ...Object.keys(opens).map((label) => ({ port: door, label: `${name} ${label}` })),
  ];
}

/** The port base of the environment. Throws `StackProblem` for what is not a usable number. */
export function portBaseFromEnv(env: NodeJS.ProcessEnv): number {
  const text = env.BANKCRM_PORT_BASE;
  if (text === undefined || text === '') return defaultPortBase;
  const base = Number(text);
  if (!Number.isInteger(base) || base < 1024 || base > 65_535 - portSpan) {
    throw new StackProblem(`BANKCRM_PORT_BASE is "${text}"; it must be a whole number from 1024 to ${65_535 - portSpan}.`);
  }
  return base;
}

/** Refuses to go on when one of the ports is taken, and names every one that is. */
export async function requireFreePorts(ports: readonly NamedPort[], base: number): Promise<void> {
  const checked = await Promise.all(ports.map(async (named) => ({ ...named, free: await isFree(named.port) })));
  const taken = checked.filter(({ free }) => !free);
  if (taken.length === 0) return;
  const list = taken.map(({ port, label }) => `  port ${port} is taken; it is needed for: ${label}`).join('\n');
  throw new StackProblem(
    `${list}\nStop what listens there, or move all ports at once: BANKCRM_PORT_BASE=${suggestBase(base)} npm start`,
  );
}

const suggestBase = (base: number): number => (base + 1_000 <= 65_535 - portSpan ? base + 1_000 : defaultPortBase);

/** Tries the addresses the servers bind: IPv4 loopback, and every address at once for a listener on `0.0.0.0` or `::`. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', undefined]) {
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'));
      probe.listen({ port, exclusive: true, ...(host === undefined ? {} : { host }) }, () => probe.close(() => resolve(true)));
    });
    if (!free) return false;
  }
  return true;
}
