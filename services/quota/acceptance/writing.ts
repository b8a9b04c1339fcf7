import { customerByNumber } from '@bankcrm/acceptance/api.ts';
import { as } from '@bankcrm/acceptance/client.ts';
import { branchOfOthers, customerMessage, managerOfOthers, newCustomer } from '@bankcrm/acceptance/core-bank.ts';
import { send, untilApplied } from '@bankcrm/acceptance/kafka.ts';
import { people } from '@bankcrm/acceptance/people.ts';
import { database } from '@bankcrm/acceptance/postgres.ts';
import { stack } from '@bankcrm/acceptance/run.ts';
import type { Writing } from '@bankcrm/acceptance/writing.ts';
import { expect, vi } from 'vitest';

/** Decisions about a customer of their own, each with a reason of its own. One after the other: of those that come in one moment only one is made. */
export async function writing(): Promise<Writing> {
  const manager = await as(people.hqManager);
  const snapshot = newCustomer({ homeBranchCode: branchOfOthers, rmStaffNumber: managerOfOthers });
  await send([customerMessage(snapshot)]);
  await untilApplied();
  const { name } = await customerByNumber(manager, snapshot.sourceId);
  const history = `/v1/assignments?filter=${encodeURIComponent(`customer = "${name}"`)}`;
  await vi.waitFor(async () => expect((await manager.get(history)).status).toBe(200), { timeout: 10_000 });
  return {
    clients: 1,
    write: (key, headers) => manager.post('/v1/assignments:assign', { customer: name, reason: key }, headers),
    written: () =>
      database(stack(), 'quota', async (query) => {
        const { rows } = await query(`SELECT reason FROM quota.decision WHERE customer_id = $1`, [
          name.slice('customers/'.length),
        ]);
        return new Set(rows.map(({ reason }) => String(reason)));
      }),
  };
}
