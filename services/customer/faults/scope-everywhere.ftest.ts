import { afterAll, beforeAll, it } from 'vitest';
import { openBoth, sameInBoth, type TwoDatabases } from '../test/support/same-scope.ts';

/** Another one each day; it is printed with what fails. */
const seed = Math.floor(Date.now() / 86_400_000);

let both: TwoDatabases;
beforeAll(async () => {
  both = await openBoth();
});
afterAll(() => both?.close());

it(
  'the customer service and a projection name the same customers in 250 random banks while changes stream',
  {
    timeout: 3_600_000,
  },
  () => sameInBoth(both, seed, 250, 10),
);
