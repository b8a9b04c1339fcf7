import { randomBytes } from 'node:crypto';
import { placeOf, type ServiceName } from '@bankcrm/local';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { end, start } from '../src/processes-client.ts';
import { logOf, stack } from '../src/run.ts';
import { services, servicesWithCalls } from '../src/services.ts';
import { newKey, type Writing, writingOf } from '../src/writing.ts';

type Outcome = { key: string; trace: string; status: number | 'cut off'; text: string };

/** Clients, each writing one request after the other, until nobody listens any more. Every request has a key and a trace of its own. */
class Load {
  readonly outcomes: Outcome[] = [];
  readonly #writing: Writing;
  readonly #clients: Promise<unknown>;
  #over = false;

  constructor(writing: Writing) {
    this.#writing = writing;
    this.#clients = Promise.all(Array.from({ length: writing.clients }, () => this.#write()));
  }

  get answered(): Outcome[] {
    return this.outcomes.filter(({ status }) => status === 200);
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#clients;
  }

  async #write(): Promise<void> {
    while (!this.#over) {
      const key = newKey();
      const trace = randomBytes(16).toString('hex');
      const headers = { 'idempotency-key': key, traceparent: `00-${trace}-${randomBytes(8).toString('hex')}-00` };
      try {
        const { status, text } = await this.#writing.write(key, headers);
        this.outcomes.push({ key, trace, status, text });
      } catch (error) {
        const code = ((error as Error).cause as { code?: string } | undefined)?.code;
        if (code === 'ECONNREFUSED') return;
        this.outcomes.push({ key, trace, status: 'cut off', text: String(code ?? error) });
      }
    }
  }
}

describe.each(services)('SIGTERM to the %s under load', (service) => {
  // A local stack has no load balancer, so its gateway gives none the time to notice; this one does.
  beforeEach(() => start(service, { DRAIN_WAIT_MS: '1000' }));
  afterEach(() => start(service));

  it('takes readiness down first, answers every request it has accepted, and writes none that it does not answer', async () => {
    const writing = await writingOf(servicesWithCalls.includes(service) ? service : 'customer');
    const { write, written } = writing;
    const load = new Load(writing);
    await vi.waitFor(() => expect(load.answered.length).toBeGreaterThan(50), { timeout: 20_000 });
    const stopping = end(service, 'SIGTERM');
    const readiness: number[] = [];
    const limitMs = performance.now() + 30_000;
    do readiness.push(await readinessOf(service));
    while (readiness.at(-1) !== 0 && performance.now() < limitMs);
    await stopping;
    await load.stop();
    const gatewayLog = logOf('gateway');
    await start(service);

    expect(readiness, 'on its way down').toContain(503);
    const { answered, outcomes } = load;
    const there = await written();
    expect(answered.filter(({ key }) => !there.has(key))).toEqual([]);
    const unanswered = outcomes.filter(({ status }) => status !== 200);
    // A connection may end as a request sets out on it; one that the gateway has read is not dropped.
    const cutOff = unanswered.filter(({ status }) => status === 'cut off');
    expect(cutOff.filter(({ trace }) => gatewayLog.includes(trace))).toEqual([]);
    expect(unanswered.filter(({ key }) => there.has(key))).toEqual([]);
    expect(unanswered.filter(({ status }) => status !== 503 && status !== 'cut off')).toEqual([]);
    const [last] = answered.slice(-1) as [Outcome];
    expect(gatewayLog).toContain(last.trace);
    expect((await write(last.key, { 'idempotency-key': last.key })).text).toBe(last.text);
  });
});

/** 0 when nobody listens any more. */
const readinessOf = (service: ServiceName): Promise<number> =>
  fetch(`${placeOf(stack(), service).healthUrl}/readyz`).then(
    ({ status }) => status,
    () => 0,
  );
