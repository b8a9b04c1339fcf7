import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { isFree } from './ports.ts';
import { StackProblem } from './problem.ts';

/** Ports from the base on that nobody else has; the last one is the mark by which they are held. */
const span = 100;
/** Above the usual places of `npm start`. */
const firstBase = 20_000;

/**
 * The first of 100 ports of the machine that are free, all of them below those that outgoing connections take theirs from. They are held against
 * all who ask in the same way, for as long as this process lives. Throws `StackProblem` where there are none.
 */
export async function freePortBase(): Promise<number> {
  const end = firstEphemeralPort();
  for (let base = firstBase; base + span <= end; base += span) {
    const mark = await hold(base + span - 1);
    if (mark === undefined) continue;
    if (await areFree(base, span - 1)) return base;
    mark.close();
  }
  throw new StackProblem(`No ${span} ports in a row are free between ${firstBase} and ${end}. Stop what listens there.`);
}

/** Undefined where somebody else listens on the port. Does not keep the process alive. */
function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.unref();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });
}

async function areFree(base: number, count: number): Promise<boolean> {
  const free = await Promise.all(Array.from({ length: count }, (_, offset) => isFree(base + offset)));
  return free.every(Boolean);
}

/** Linux says it; elsewhere it is IANA's 49152, and this stays below Linux's usual one. */
function firstEphemeralPort(): number {
  const file = '/proc/sys/net/ipv4/ip_local_port_range';
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(/\s+/)[0]) : 32_768;
}
