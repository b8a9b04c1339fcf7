import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { backoffMs, isAsWanted, refusedBackoffMs, temporaryPassword } from './account.ts';

describe('a temporary password', () => {
  it('always meets the realm policy: 12 or more characters, both cases and a digit, none that looks like another', () => {
    for (let n = 0; n < 2_000; n += 1)
      expect(temporaryPassword(randomBytes(256))).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*[2-9])[a-km-np-zA-HJ-NP-Z2-9]{16}$/);
  });

  it('uses every character alike and is not made from too little', () => {
    const counts = new Map<string, number>();
    for (let n = 0; n < 4_000; n += 1)
      for (const character of temporaryPassword(randomBytes(256))) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(56);
    // 64,000 characters over 56: 1,143 each, standard deviation 34. Digits are a little more likely, as every password has one.
    for (const count of counts.values()) expect(Math.abs(count - 1_143)).toBeLessThan(250);
    expect(() => temporaryPassword(new Uint8Array(10))).toThrow('too few');
  });
});

it('failed attempts wait longer each time, up to half a minute', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 100].map(backoffMs)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

it('an account refused for a field is tried ever less often, down to once a day', () => {
  const minutes = Array.from({ length: 30 }, (_, index) => refusedBackoffMs(index + 1) / 60_000);
  expect(minutes.at(-1)).toBe(24 * 60);
  // Within the first day: 1 s doubled 16 times makes 18 hours.
  let [tries, waited] = [0, 0];
  while (waited < 24 * 60) waited += minutes[tries++]!;
  expect(tries).toBe(17);
});

it('an account is as wanted only when it is there, verified, at the same address and in the same state', () => {
  const wanted = { staffNumber: '100001', email: 'zw@bank.example', enabled: true };
  const held = { email: 'zw@bank.example', emailVerified: true, enabled: true };
  expect(isAsWanted(held, wanted)).toBe(true);
  expect(isAsWanted(undefined, wanted)).toBe(false);
  for (const other of [{ enabled: false }, { emailVerified: false }, { email: 'other@bank.example' }])
    expect(isAsWanted({ ...held, ...other }, wanted)).toBe(false);
  expect(isAsWanted(held, { ...wanted, enabled: false })).toBe(false);
});
