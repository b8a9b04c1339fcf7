import { expect, it } from 'vitest';
import { expectLawfulHistories } from '../../../faults/support/lawful-histories.ts';

it('random approvals of 5,000 steps are decided by those who may, and time ends each', () => {
  const tally = expectLawfulHistories({ histories: 200 });
  expect(tally.steps).toBeGreaterThan(5_000);
  expect(tally.APPROVED).toBeGreaterThan(20);
});
