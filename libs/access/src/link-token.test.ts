import { expect, it } from 'vitest';
import { linkTokenHash, newLinkToken } from './link-token.ts';

it('a link’s token fits into an address, is never the same, and is found by its hash alone', () => {
  const made = Array.from({ length: 100 }, newLinkToken);
  for (const { token, hash } of made) {
    expect(token).toMatch(/^[0-9a-f]{32}$/);
    expect(hash).toEqual(linkTokenHash(token));
    expect(hash).toHaveLength(32);
  }
  expect(new Set(made.map(({ token }) => token)).size).toBe(made.length);
});
