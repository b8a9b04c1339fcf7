import { afterAll, beforeAll, it } from 'vitest';
import { randomOf } from '../test/support/random-bank.ts';
import { expectSameScope } from '../test/support/same-scope.ts';
import { openProjection } from '../test/support/scope-projection.ts';
import { openSync, type SyncBench } from '../test/support/syncing.ts';

const banks = 250;

let sync: SyncBench;
let projection: Awaited<ReturnType<typeof openProjection>>;
beforeAll(async () => {
  sync = await openSync();
  projection = await openProjection();
});
afterAll(() => Promise.all([sync.close(), projection.close()]));

it(`the customer service and a projection name the same customers in ${banks} random banks`, { timeout: 3_600_000 }, async () => {
  for (let seed = 1_000; seed < 1_000 + banks; seed += 1) await expectSameScope(sync, projection, randomOf(seed), 3);
});
