import fc from 'fast-check';
import { expect } from 'vitest';
import { type Bank, banks, customerId, sentBy } from './bank.ts';
import { sees, seesWhatHangsOn } from './model.ts';
import { type Projection, settingsOf } from './projection.ts';

/** A bank, and an order in which all that it has sent arrives. */
const arriving = banks.chain((bank) => {
  const places = sentBy(bank, new Date(0)).map((_, at) => at);
  return fc.record({
    bank: fc.constant(bank),
    order: fc.shuffledSubarray(places, { minLength: places.length, maxLength: places.length }),
  });
});

/** The same through both walls, and through each alone. */
export const throughEach = (ids: string[]) => ({ both: ids, policy: ids, predicate: ids });

/** The ids of some customers of a bank, sorted. */
export const idsWhere = (bank: Bank, shown: (which: number) => boolean): string[] =>
  bank.customers.flatMap((_, which) => (shown(which) ? [customerId(which)] : [])).sort();

/** So many random banks: everybody in them sees the customers that the model says, through both walls and each alone. */
export async function sameAsModel(projection: Projection, seed: number, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arriving, async ({ bank, order }) => {
      await projection.clear();
      const sent = sentBy(bank, new Date());
      expect(await projection.deliver(order.map((at) => sent[at]!))).toEqual([]);
      await projection.hangOn(bank);
      for (const [person, { posts }] of bank.people.entries()) {
        const settings = settingsOf(bank, person);
        const wanted = idsWhere(bank, (which) => sees(bank, person, which));
        expect({ posts, ...(await projection.seen(settings)) }).toEqual({ posts, ...throughEach(wanted) });
        const hanging = idsWhere(bank, (which) => seesWhatHangsOn(bank, person, which));
        expect({ posts, ...(await projection.seenToHang(settings)) }).toEqual({ posts, ...throughEach(hanging) });
      }
    }),
    { seed, numRuns },
  );
}

/** So many random banks: what has arrived in any order, three times over, leaves the rows that the order of sending leaves. */
export async function sameInAnyOrder(projection: Projection, seed: number, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arriving, fc.gen(), async ({ bank, order }, random) => {
      const sent = sentBy(bank, new Date('2026-11-30T00:00:00Z'));
      await projection.clear();
      expect(await projection.deliver(sent)).toEqual([]);
      const wanted = await projection.state();
      await projection.clear();
      const thrice = [...order, ...order, ...order];
      const again = random(fc.shuffledSubarray, thrice, { minLength: thrice.length, maxLength: thrice.length });
      await projection.deliver(again.map((at) => sent[at]!));
      expect(await projection.state()).toEqual(wanted);
    }),
    { seed, numRuns },
  );
}
