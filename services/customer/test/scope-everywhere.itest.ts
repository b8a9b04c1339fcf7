import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomOf } from './support/random-bank.ts';
import { expectSameScope } from './support/same-scope.ts';
import { openProjection } from './support/scope-projection.ts';
import { openSync, type SyncBench } from './support/syncing.ts';

let sync: SyncBench;
let projection: Awaited<ReturnType<typeof openProjection>>;
beforeAll(async () => {
  sync = await openSync();
  projection = await openProjection();
});
afterAll(() => Promise.all([sync.close(), projection.close()]));

it.each(Array.from({ length: 20 }, (_, index) => index + 1))(
  'a service that projects who sees whom names the customers that this one names, in random bank %i',
  async (seed) => {
    await expectSameScope(sync, projection, randomOf(seed), 1);
    expect.hasAssertions();
  },
);
