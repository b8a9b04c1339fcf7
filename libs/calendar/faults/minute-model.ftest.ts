import { expect, it } from 'vitest';
import { expectAgreement } from '../test/support/agreement.ts';

it('every answer about 100,000 calendars is that of a walk over minutes', { timeout: 3_600_000 }, () => {
  const cases = 100_000;
  const answered = expectAgreement({ cases, stretchesAnywhere: 30 });
  console.log(answered);
  expect(Object.keys(answered)).toHaveLength(8);
  expect(Math.min(...Object.values(answered))).toBeGreaterThan(cases / 8);
});
