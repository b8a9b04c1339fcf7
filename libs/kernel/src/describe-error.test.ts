import { describe, expect, it } from 'vitest';
import { describeError, refused } from './index.ts';

const canary = '13812345678';

describe('an error in a log', () => {
  it('is described without the text that may quote a message', () => {
    const parse = (() => {
      try {
        return JSON.parse(canary.slice(0, 4) + canary);
      } catch (error) {
        return error;
      }
    })();
    const sql = Object.assign(new Error(canary), {
      code: '23505',
      detail: canary,
      constraint: 'booking_pkey',
      cause: new Error(canary),
    });
    for (const error of [parse, sql, canary]) expect(JSON.stringify(describeError(error))).not.toContain(canary);
    expect(describeError(sql)).toMatchObject({
      error: 'Error',
      code: '23505',
      constraint: 'booking_pkey',
      cause: { error: 'Error' },
    });
  });

  it('says who can act on it, and where it arose', () => {
    const facts = describeError(refused('PARTITION_NOT_STOPPED'));
    expect(facts).toMatchObject({ error: 'AppError', kind: 'REFUSED', reason: 'PARTITION_NOT_STOPPED' });
    expect(facts.stack).toMatch(/^\s+at .*describe-error\.test\.ts/m);
  });
});
