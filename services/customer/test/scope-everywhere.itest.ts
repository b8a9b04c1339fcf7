import { afterAll, beforeAll, it } from 'vitest';
import { openBoth, sameInBoth, type TwoDatabases } from './support/same-scope.ts';

let both: TwoDatabases;
beforeAll(async () => {
  both = await openBoth();
});
afterAll(() => both?.close());

it('a service that projects who sees whom names the customers that this one names, in 20 random banks while changes stream', () =>
  sameInBoth(both, 20261130, 20, 10));
