import { callerSettings, callerThrough, permissionTable } from '@bankcrm/access';
import {
  type Bank,
  banks,
  type Call,
  changed,
  changesOf,
  customersSeen,
  idsWhere,
  openProjection,
  sees,
  throughEach,
} from '@bankcrm/scope/testing';
import fc from 'fast-check';
import { expect } from 'vitest';
import { directoryOf, openOwnBank, staffNumberOf, writeUnits } from './scope-bank.ts';
import { openSync } from './syncing.ts';

/** One of each kind: views, what a grant does not open, and what everybody may do. */
const permissions = ['customer.customers.get', 'customer.customers.reveal', 'customer.interactions.list', 'directory.me.get'];

const callOf = (permission: string): Call => ({
  allows: (role) =>
    permissionTable.everyone.includes(permission) || permissionTable.roles[role]!.permissions.includes(permission),
  byGrant: permissionTable.byGrant.includes(permission),
});

/** A bank, and what happens in it until it is looked at again, so many times. */
const histories = (looks: number) =>
  banks.chain((bank) =>
    fc.record({
      bank: fc.constant(bank),
      steps: fc.array(fc.array(changesOf(bank), { minLength: 1, maxLength: 5 }), { minLength: looks, maxLength: looks }),
    }),
  );

export type TwoDatabases = Awaited<ReturnType<typeof openBoth>>;

/** The customer service's database, and that of a service that projects it. */
export async function openBoth() {
  const [sync, projection] = [await openSync(), await openProjection()];
  const own = openOwnBank(sync);
  return { sync, projection, own, close: () => Promise.all([sync.close(), projection.close(), own.close()]) };
}

/**
 * So many random banks in the customer service's database and in one that projects it, and in each of them changes that stream from one to the other: after each step both
 * name the customers that the model says, for each kind of call, through both walls and each alone.
 */
export async function sameInBoth(both: TwoDatabases, seed: number, numRuns: number, looks: number): Promise<void> {
  const { sync, projection, own } = both;
  const pools = [
    [sync.workers, 'customer'],
    [projection.workers, 'scope'],
  ] as const;
  await fc.assert(
    // Small banks first would be banks in which little is seen.
    fc.asyncProperty(fc.noBias(histories(looks)), async ({ bank: first, steps }) => {
      await Promise.all([own.clear(), projection.clear()]);
      const now = new Date();
      let bank = first;
      for (const [turn, changes] of [[], ...steps].entries()) {
        bank = changes.reduce(changed, bank);
        const sequence = BigInt(turn + 1);
        await writeUnits(bank, pools, sequence);
        await own.write(bank, now);
        expect(await projection.deliver(await own.takeMarked(sequence))).toEqual([]);
        await expectAgreement(both, bank);
      }
    }),
    // To look for a smaller bank would take longer than a test may.
    { seed, numRuns, endOnFailure: true },
  );
}

async function expectAgreement({ sync, projection }: TwoDatabases, bank: Bank): Promise<void> {
  const directory = directoryOf(bank);
  for (const [person, { posts }] of bank.people.entries()) {
    /** By the settings of the call: two permissions of the same posts are one question to the database. */
    const asked = new Map<string, string[]>();
    for (const permission of permissions) {
      const wanted = idsWhere(bank, (which) => sees(bank, person, which, callOf(permission)));
      const hasLeft = posts.length === 0;
      const caller = hasLeft ? undefined : callerThrough(directory.holderOf(staffNumberOf(person), new Date()), permission);
      if (caller === undefined) {
        expect(wanted).toEqual([]);
        continue;
      }
      const settings = callerSettings(caller);
      const question = JSON.stringify(settings);
      const answer = asked.get(question);
      if (answer !== undefined) {
        expect(wanted).toEqual(answer);
        continue;
      }
      asked.set(question, wanted);
      const [customer, projected] = await Promise.all([
        customersSeen(sync, settings, 'customer'),
        customersSeen(projection, settings, 'scope'),
      ]);
      const walls = throughEach(wanted);
      expect({ posts, permission, customer, projected }).toEqual({ posts, permission, customer: walls, projected: walls });
    }
  }
}
