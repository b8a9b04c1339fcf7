import { expect, it } from 'vitest';
import { sqlState } from './transaction.ts';

it('a SQLSTATE is told from the code of a socket’s error', () => {
  const ofCode = (code: unknown) => sqlState(Object.assign(new Error('x'), { code }));
  expect(['23505', 'P0001', '57P01', 'XX000'].map(ofCode)).toEqual(['23505', 'P0001', '57P01', 'XX000']);
  expect(['EPIPE', 'EBUSY', 'ECONNRESET', 23505, undefined].map(ofCode)).toEqual(Array(5).fill(undefined));
  expect(sqlState(null)).toBe(undefined);
});
