import { expect, it } from 'vitest';
import { expectLawfulHistories } from './support/lawful-histories.ts';

it('random approvals of 100,000 steps are decided by those who may, and time ends each', { timeout: 3_600_000 }, () => {
  const tally = expectLawfulHistories({ histories: 5_000 });
  console.log(tally);
  expect(tally.steps).toBeGreaterThan(100_000);
  expect(tally['approved by several']).toBeGreaterThan(400);
  expect(tally['approved through deputies']).toBeGreaterThan(50);
});
