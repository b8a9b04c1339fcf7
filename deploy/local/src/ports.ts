import { createServer } from 'node:net';
import { StackProblem } from './problem.ts';

export const defaultPortBase = 18_000;

/** Ports a stack takes from its base. Two stacks on one machine need bases at least this far apart. */
export const portSpan = 20;

const offsets = {
  gateway: 0,
  gatewayHealth: 1,
  directory: 2,
  directoryHealth: 3,
  customer: 4,
  customerHealth: 5,
  kafkaTls: 9,
  postgres: 10,
  kafka: 11,
  kafkaController: 12,
  keycloak: 13,
  keycloakManagement: 14,
  smtp: 15,
  mail: 16,
} as const;

export type PortName = keyof typeof offsets;
export type Ports = Record<PortName, number>;

const labels: Record<PortName, string> = {
  gateway: 'gateway',
  gatewayHealth: 'gateway health',
  directory: 'directory service (gRPC)',
  directoryHealth: 'directory service health',
  customer: 'customer service (gRPC)',
  customerHealth: 'customer service health',
  postgres: 'PostgreSQL',
  kafka: 'Kafka',
  kafkaController: 'Kafka controller',
  kafkaTls: 'Kafka, encrypted',
  keycloak: 'Keycloak',
  keycloakManagement: 'Keycloak health',
  smtp: 'mail sink (SMTP)',
  mail: 'mail sink (HTTP)',
};

export function portsFrom(base: number): Ports {
  return Object.fromEntries(Object.entries(offsets).map(([name, offset]) => [name, base + offset])) as Ports;
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
export async function requireFreePorts(ports: Ports, names: readonly PortName[]): Promise<void> {
  const checked = await Promise.all(names.map(async (name) => ({ name, free: await isFree(ports[name]) })));
  const taken = checked.filter((port) => !port.free);
  if (taken.length === 0) return;
  const list = taken.map(({ name }) => `  port ${ports[name]} is taken; it is needed for: ${labels[name]}`).join('\n');
  throw new StackProblem(
    `${list}\nStop what listens there, or move all ports at once: BANKCRM_PORT_BASE=${suggestBase(ports)} npm start`,
  );
}

function suggestBase(ports: Ports): number {
  return ports.gateway + 1_000 <= 65_535 - portSpan ? ports.gateway + 1_000 : defaultPortBase;
}

/** Tries the addresses the servers bind: IPv4 loopback, and every address at once for a listener on `0.0.0.0` or `::`. */
async function isFree(port: number): Promise<boolean> {
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
