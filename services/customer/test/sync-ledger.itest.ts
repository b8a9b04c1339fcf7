import { ledgerOf, simulate } from '@bankcrm/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectLedger } from './sync-ledger.ts';
import { openSync, type SyncBench } from './sync-support.ts';

let sync: SyncBench;
beforeAll(async () => {
  sync = await openSync();
});
afterAll(() => sync.close());

it('holds what the ledger of the bank says after one delivery', async () => {
  const bank = { customers: 100, seed: 7, months: 1 };
  expect(await sync.take(simulate(bank))).toEqual([]);
  await expectLedger(sync, ledgerOf(bank));
});
