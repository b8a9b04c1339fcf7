import { callerSettings, callerThrough } from '@bankcrm/access';
import { inTransaction } from '@bankcrm/database';
import { customerScopeSql } from '@bankcrm/scope';
import type pg from 'pg';
import { expect } from 'vitest';
import { type Bank, changeBank, type Random, randomBank, sees } from './random-bank.ts';
import { directoryOf, type openProjection, takeMarked, writeCustomer, writeQueue, writeUnits } from './scope-projection.ts';
import type { SyncBench } from './syncing.ts';

/** One of each kind: views, what a grant does not open, and what everybody may do. */
const permissions = ['customer.customers.get', 'customer.customers.reveal', 'customer.interactions.list', 'directory.me.get'];

type Projection = Awaited<ReturnType<typeof openProjection>>;
let turn = 0n;
const nextTurn = (): bigint => {
  turn += 1n;
  return turn;
};

/**
 * Lets a random bank happen in the customer service's database and in one that projects it, some changes one after the other, and expects after each step that both
 * name the customers that the bank's people would: together, by the predicate alone and by row-level security alone.
 */
export async function expectSameScope(sync: SyncBench, projection: Projection, random: Random, steps: number): Promise<void> {
  const bank = randomBank(random);
  const units = [
    [sync.workers, 'customer'],
    [projection.workers, 'scope'],
  ] as const;
  const project = async (): Promise<void> => {
    await projection.apply('bankcrm.customer.v1.placements', await takeMarked(sync.workers, nextTurn()));
  };
  await writeUnits(bank, units, nextTurn());
  for (const [queue, members] of bank.queues) await writeQueue(sync.workers, queue, members);
  for (const customer of bank.customers) await writeCustomer(sync.workers, customer);
  await project();
  await expectAgreement(sync, projection, bank);
  for (let step = 0; step < steps; step += 1) {
    for (let change = 0; change < 5; change += 1) {
      const { customer, queue, unit } = changeBank(bank, random);
      if (customer) await writeCustomer(sync.workers, customer);
      if (queue) await writeQueue(sync.workers, queue, bank.queues.get(queue)!);
      if (unit) await writeUnits(bank, units, nextTurn());
    }
    await project();
    await expectAgreement(sync, projection, bank);
  }
}

async function expectAgreement(sync: SyncBench, projection: Projection, bank: Bank): Promise<void> {
  const directory = directoryOf(bank);
  const ids = bank.customers.map(({ id }) => id);
  const read = (
    pool: pg.Pool,
    settings: Record<string, string>,
    from: string,
    predicates: readonly string[],
  ): Promise<string[][]> =>
    inTransaction(pool, settings, async (tx) => {
      const found: string[][] = [];
      for (const predicate of predicates) {
        const text = `SELECT c.customer_id FROM ${from} AS c WHERE c.customer_id = ANY ($1::uuid[]) AND ${predicate} ORDER BY 1`;
        found.push((await tx.query<{ customer_id: string }>(text, [ids])).rows.map(({ customer_id }) => customer_id));
      }
      return found;
    });
  for (const member of bank.staff) {
    /** By the settings of the call: two permissions of the same posts are one question to the database. */
    const asked = new Map<string, string>();
    for (const permission of permissions) {
      const expected = bank.customers.filter((customer) => sees(bank, member, permission, customer)).map(({ id }) => id);
      const wanted = [...expected].sort();
      const caller = member.atWork ? callerThrough(directory.holderOf(member.number, new Date()), permission) : undefined;
      if (caller === undefined) {
        expect(wanted).toEqual([]);
        continue;
      }
      const settings = callerSettings(caller);
      const question = JSON.stringify(settings);
      const answer = JSON.stringify(wanted);
      if (asked.has(question)) {
        expect(answer).toBe(asked.get(question));
        continue;
      }
      asked.set(question, answer);
      for (const [at, { requests, workers }, table, schema] of [
        ['customer', sync, 'customer.customer', 'customer'],
        ['projection', projection, 'scope.customer', 'scope'],
      ] as const) {
        const predicate = `(${customerScopeSql({ customer: 'c', schema })})`;
        const [both, policies] = await read(requests, settings, table, [predicate, 'true']);
        const [predicateAlone] = await read(workers, settings, table, [predicate]);
        const roles = member.posts.map(({ role }) => role).join(' and ');
        expect({ at, roles, permission, both, policies, predicateAlone }).toEqual({
          ...{ at, roles, permission },
          ...{ both: wanted, policies: wanted, predicateAlone: wanted },
        });
      }
    }
  }
}
