import { Entry } from '@bankcrm/proto/gen/bankcrm/audit/v1/entries.ts';
import { CustomersService } from '@bankcrm/proto/gen/bankcrm/customer/v1/customers.ts';
import { expect } from 'vitest';
import { fillBank, secrets, who } from './read-bank.ts';
import { openReads, type StaffName } from './reading.ts';

export const now = new Date('2026-11-23T09:00:00Z');

interface OutboxRow {
  id: string;
  topic: string;
  type: string;
  key: string;
  sequence: bigint | null;
  payload: Buffer;
}

export const entriesOf = (rows: readonly OutboxRow[]): Entry[] =>
  rows.filter(({ topic }) => topic === 'bankcrm.audit.v1.entries').map(({ payload }) => Entry.decode(payload));
export const bare = (customer: string): string => customer.slice('customers/'.length);

export type ActBench = Awaited<ReturnType<typeof openActs>>;

/** The bank of the read suites at one moment, with small limits, and what acts of staff on it leave behind. */
export async function openActs() {
  const bench = await openReads({ clock: { now: () => now }, revealsPerDay: 5, lookupsPerDay: 20 });
  await fillBank(bench);
  const named = async (which: keyof typeof who) => `customers/${await bench.customerOf(who[which])}`;
  const zhang = await named('zhang');
  return {
    ...bench,
    zhang,
    shan: await named('shan'),
    pool: await named('pool'),
    restricted: await named('restricted'),
    get: (name: StaffName, customer = zhang) => bench.as(name, CustomersService.getCustomer, { name: customer }),
    history: async (name: StaffName, parent = zhang) =>
      (await bench.as(name, CustomersService.listHistory, { parent, pageSize: 50, pageToken: '' })).entries,
    /** What an act put into the outbox. */
    async published(act: () => Promise<unknown>): Promise<OutboxRow[]> {
      const { rows: before } = await bench.workers.query<{ id: string }>('SELECT id FROM events.outbox');
      await act();
      const { rows } = await bench.workers.query<OutboxRow>(
        'SELECT id, topic, type, key, sequence, payload FROM events.outbox WHERE NOT id = ANY ($1::uuid[]) ORDER BY position',
        [before.map(({ id }) => id)],
      );
      return rows;
    },
    /** That no identifying value stands in what the acts of a suite logged and published, of which so many were refused. */
    async expectNoSecrets(refusedAtLeast: number): Promise<void> {
      const { rows } = await bench.workers.query<{ text: string }>(
        `SELECT encode(payload, 'escape') || key || subject || headers::text AS text FROM events.outbox`,
      );
      const everything = [
        ...bench.logLines,
        ...bench.refusals.map((refusal) => JSON.stringify(refusal)),
        ...rows.map(({ text }) => text),
      ].join('\n');
      for (const secret of Object.values(secrets)) expect(everything).not.toContain(secret);
      expect(bench.refusals.length).toBeGreaterThanOrEqual(refusedAtLeast);
    },
  };
}
