import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Gateway, Reply } from './gateway.ts';

/** An interaction that the gateway said is recorded. */
export interface Written {
  customer: string;
  summary: string;
}

export interface LoadResult {
  requests: number;
  /** What was answered with anything but success, or not at all; nothing is asked again. */
  failed: readonly string[];
  written: readonly Written[];
  seconds: number;
  /** Milliseconds. */
  median: number;
  p99: number;
  slowest: number;
}

/** Who works: a token that is fresh whenever it is asked for. */
export type Token = () => Promise<string>;

/** One in so many requests records an interaction; the others read lists, customers and 360 in turn. */
const writeEvery = 10;

/** Works like so many people at once: each asks, waits for the answer and asks again, until told to stop. */
export function startLoad(options: {
  gateway: Gateway;
  token: Token;
  customers: readonly string[];
  people: number;
  /** Of requests that get no success: told at once. */
  onFailure?: (failure: string) => void;
}): { stop: () => Promise<LoadResult>; count: () => number } {
  const { gateway, token, customers, people, onFailure } = options;
  const failed: string[] = [];
  const written: Written[] = [];
  const durations: number[] = [];
  let stopping = false;
  const began = performance.now();

  const attempt = async (what: string, work: (token: string) => Promise<Reply>): Promise<Reply | undefined> => {
    const current = await token();
    const start = performance.now();
    const reply = await work(current).catch((error: Error) => ({ status: 0, body: error.message }));
    durations.push(performance.now() - start);
    if (reply.status >= 200 && reply.status < 300) return reply;
    const failure = `${new Date().toISOString()} ${what}: ${reply.status} ${JSON.stringify(reply.body).slice(0, 200)}`;
    failed.push(failure);
    onFailure?.(failure);
    return undefined;
  };

  const person = async (): Promise<void> => {
    for (let turn = 0; !stopping; turn += 1) {
      const customer = customers[(turn * 7 + durations.length) % customers.length]!;
      if (turn % writeEvery === 0) {
        const key = randomUUID();
        // In letters: digits may look like somebody's number, which no text may hold.
        const summary = `Call ${key.replaceAll(/[\d-]/g, (digit) => 'ghijklmnopq'['0123456789-'.indexOf(digit)]!)}`;
        const interaction = { kind: 'call', direction: 'outbound', summary, occurTime: new Date().toISOString() };
        const path = `/v1/${customer}/interactions`;
        const reply = await attempt(`POST ${path}`, (t) =>
          gateway.ask(path, { method: 'POST', token: t, body: interaction, headers: { 'idempotency-key': key } }),
        );
        if (reply) written.push({ customer, summary });
        continue;
      }
      const path = [`/v1/customers?pageSize=20`, `/v1/${customer}`, `/v1/${customer}:view360`][turn % 3]!;
      await attempt(`GET ${path}`, (t) => gateway.ask(path, { token: t }));
    }
  };
  const all = Promise.all(Array.from({ length: people }, person));
  return {
    count: () => durations.length,
    stop: async () => {
      stopping = true;
      await all;
      const sorted = durations.toSorted((a, b) => a - b);
      const at = (share: number): number =>
        Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
      const seconds = (performance.now() - began) / 1_000;
      return { requests: sorted.length, failed, written, seconds, median: at(0.5), p99: at(0.99), slowest: at(1) };
    },
  };
}

/** Waits for a fact, asked for every half second. Throws with what was last found. */
export async function until<T>(what: string, seconds: number, look: () => Promise<T | undefined | false>): Promise<T> {
  const end = performance.now() + seconds * 1_000;
  let last: unknown;
  for (;;) {
    const found = await look().catch((error: unknown) => {
      last = error;
      return undefined;
    });
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${what}`, { cause: last });
    await pause(500);
  }
}
