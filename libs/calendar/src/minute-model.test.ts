import { expect, it } from 'vitest';
import { expectAgreement } from '../test/support/agreement.ts';

it('every answer is that of a walk over minutes, in zones with odd rules', () => {
  const cases = 300;
  const answered = expectAgreement({ cases, stretchesAnywhere: 0 });
  expect(Object.keys(answered)).toHaveLength(8);
  expect(Math.min(...Object.values(answered))).toBeGreaterThan(cases / 8);
});
