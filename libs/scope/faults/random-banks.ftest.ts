import { afterAll, beforeAll, it } from 'vitest';
import { openProjection, type Projection } from '../test/support/projection.ts';
import { sameAsModel, sameInAnyOrder } from '../test/support/same-as-model.ts';

/** Another one each day; it is printed with what fails. */
const seed = Math.floor(Date.now() / 86_400_000);

let projection: Projection;
beforeAll(async () => {
  projection = await openProjection();
});
afterAll(() => projection?.close());

it('names in 300 random banks the customers that the specification says, for every role', () =>
  sameAsModel(projection, seed, 300));

it('leaves in 100 random banks one state, in whatever order and however often states arrive', () =>
  sameInAnyOrder(projection, seed, 100));
