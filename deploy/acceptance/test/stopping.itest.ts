import type { ServiceName } from '@bankcrm/local';
import { ListInteractionsResponse } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { customerByNumber, pages } from '../src/api.ts';
import { as, type Person } from '../src/client.ts';
import { customerMessage, managerOfOthers, newCustomer, uniqueDigits } from '../src/core-bank.ts';
import { send, untilApplied } from '../src/kafka.ts';
import { end, start } from '../src/processes-client.ts';
import { stack } from '../src/run.ts';

let rm: Person;
let name: string;

beforeAll(async () => {
  rm = await as(managerOfOthers);
  const snapshot = newCustomer();
  await send([customerMessage(snapshot)]);
  await untilApplied();
  ({ name } = await customerByNumber(rm, snapshot.sourceId));
});

type Outcome = { key: string; status: number | 'cut off'; text: string };

/** Letters only: a text with a long number in it would be refused. */
const newKey = (): string => `stop-${uniqueDigits(20).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)]!)}`;

/** Many clients, each writing one request after the other, until nobody listens any more. Every request has a key and a text of its own. */
class Load {
  readonly outcomes: Outcome[] = [];
  readonly #clients: Promise<unknown>;
  #over = false;

  constructor(clients: number) {
    this.#clients = Promise.all(Array.from({ length: clients }, () => this.#write()));
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
      try {
        const { status, text } = await rm.post(`/v1/${name}/interactions`, bodyOf(key), { 'idempotency-key': key });
        this.outcomes.push({ key, status, text });
      } catch (error) {
        const code = ((error as Error).cause as { code?: string } | undefined)?.code;
        if (code === 'ECONNREFUSED') return;
        this.outcomes.push({ key, status: 'cut off', text: String(code ?? error) });
      }
    }
  }
}

const bodyOf = (key: string) => ({ kind: 'message', direction: 'outbound', summary: key });

async function written(): Promise<Set<string>> {
  const type = 'bankcrm.customer.v1.ListInteractionsResponse';
  const all = await pages(rm, `/v1/${name}/interactions`, type, ListInteractionsResponse, { pageSize: 200 });
  return new Set(all.flatMap(({ interactions }) => interactions).map(({ summary }) => summary));
}

describe.each(['gateway', 'customer'] as const)('SIGTERM to the %s under load', (service: ServiceName) => {
  // A local stack has no load balancer, so its gateway gives none the time to notice; this one does.
  beforeEach(() => start(service, { DRAIN_WAIT_MS: '1000' }));
  afterEach(() => start(service));

  it('takes readiness down first, answers every request it has accepted, and writes none that it does not answer', async () => {
    const load = new Load(8);
    await vi.waitFor(() => expect(load.answered.length).toBeGreaterThan(50), { timeout: 20_000 });
    const stopping = end(service, 'SIGTERM');
    const readiness: number[] = [];
    const limitMs = performance.now() + 30_000;
    do readiness.push(await readinessOf(service));
    while (readiness.at(-1) !== 0 && performance.now() < limitMs);
    await stopping;
    await load.stop();
    await start(service);

    expect(readiness, 'on its way down').toContain(503);
    const { answered, outcomes } = load;
    const there = await written();
    expect(answered.filter(({ key }) => !there.has(key))).toEqual([]);
    const unanswered = outcomes.filter(({ status }) => status !== 200);
    expect(unanswered.filter(({ key }) => there.has(key))).toEqual([]);
    expect(unanswered.filter(({ status }) => status !== 503 && status !== 'cut off')).toEqual([]);
    const [last] = answered.slice(-1) as [Outcome];
    expect((await rm.post(`/v1/${name}/interactions`, bodyOf(last.key), { 'idempotency-key': last.key })).text).toBe(last.text);
  });
});

/** 0 when nobody listens any more. */
const readinessOf = (service: ServiceName): Promise<number> =>
  fetch(`${stack().services[service].healthUrl}/readyz`).then(
    ({ status }) => status,
    () => 0,
  );
