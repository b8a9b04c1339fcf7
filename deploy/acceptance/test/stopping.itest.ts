import type { ServiceName } from '@bankcrm/local';
import { Agent, setGlobalDispatcher } from 'undici';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { customerByNumber } from '../src/api.ts';
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

type Outcome = { key: string; status: number | 'no connection' | 'connection lost'; text: string };

/** Writes as many clients do, each one request after the other, until told to stop. Every request carries its own key. */
async function writeUntil(stopped: () => boolean, clients: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const client = async () => {
    while (!stopped()) {
      const key = `stop-${uniqueDigits(16)}`;
      const body = { kind: 'message', direction: 'outbound', summary: `停机测试 ${key.slice(-4)}` };
      try {
        const { status, text } = await rm.post(`/v1/${name}/interactions`, body, { 'idempotency-key': key });
        outcomes.push({ key, status, text });
      } catch (error) {
        // Refused before anything was sent, or cut off after: only the first is nobody's loss.
        const code = ((error as Error).cause as { code?: string } | undefined)?.code;
        outcomes.push({ key, status: code === 'ECONNREFUSED' ? 'no connection' : 'connection lost', text: String(code) });
        if (code === 'ECONNREFUSED') return;
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return outcomes;
}

describe.each(['gateway', 'customer'] as const)('SIGTERM to the %s under load', (service: ServiceName) => {
  afterEach(async () => {
    setGlobalDispatcher(new Agent());
    await start(service);
  });

  it('takes readiness down first, answers every request it has accepted, and ends by itself', async () => {
    let over = false;
    const writing = writeUntil(() => over, 8);
    const seen: number[] = [];
    await vi.waitFor(async () => expect((await fetch(`${stack().services[service].healthUrl}/readyz`)).status).toBe(200));
    const stopping = end(service, 'SIGTERM');
    const watching = (async () => {
      for (;;) {
        const status = await fetch(`${stack().services[service].healthUrl}/readyz`).then(
          ({ status: of }) => of,
          () => 0,
        );
        seen.push(status);
        if (status === 0) return;
      }
    })();
    await stopping;
    await watching;
    over = true;
    const outcomes = await writing;

    const answered = outcomes.filter(({ status }) => status === 200);
    expect(answered.length).toBeGreaterThan(8);
    expect(seen, 'readiness on its way down').toContain(503);
    const lost = outcomes.filter(({ status }) => status === 'connection lost' || status === 500);
    expect(lost).toEqual([]);
    const others = outcomes.filter(({ status }) => status !== 200 && status !== 'no connection');
    expect(
      others.every(({ status }) => status === 503),
      JSON.stringify(others.slice(0, 3)),
    ).toBe(true);

    await start(service);
    // What was answered is there: the same key brings the same answer, and nothing is written twice.
    for (const { key, text } of answered.slice(-20)) {
      const { kind, direction, summary } = JSON.parse(text) as Record<string, string>;
      const again = await rm.post(`/v1/${name}/interactions`, { kind, direction, summary }, { 'idempotency-key': key });
      expect(again.text).toBe(text);
    }
  });
});
