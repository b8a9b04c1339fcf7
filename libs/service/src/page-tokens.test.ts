import { fieldCrypto, keySet } from '@bankcrm/access';
import { describe, expect, it } from 'vitest';
import { maxPageSize, pageSizeOf, pageTokens } from './page-tokens.ts';

const keys = (fill: number) => keySet({ 1: Buffer.alloc(32, fill) });
const tokens = pageTokens(fieldCrypto(keys(1)));
const query = ['Customers/ListCustomers', 'staff/1', 'state = "ACTIVE"'];
const refused = expect.objectContaining({ kind: 'INVALID', reason: 'INVALID_PAGE_TOKEN' });

describe('page tokens', () => {
  it('say where the next page begins, an absent value included', () => {
    const token = tokens.issue(query, ['张伟', null, '7']);
    expect(tokens.read(query, token)).toEqual(['张伟', null, '7']);
    expect(tokens.read(query, '')).toBeUndefined();
  });

  it('fit only the list they were given for: same method, caller and filter', () => {
    const token = tokens.issue(query, ['1']);
    for (const other of [
      ['Customers/ListOther', ...query.slice(1)],
      [query[0]!, 'staff/2', query[2]!],
      [...query.slice(0, 2), ''],
      query.slice(0, 2),
      [query[0]!, query[1]! + query[2]!],
    ])
      expect(() => tokens.read(other, token)).toThrow(refused);
  });

  it('cannot be made up or changed, and show nothing of the position', () => {
    const token = tokens.issue(query, ['13800138000']);
    expect(Buffer.from(token, 'base64url').includes('13800138000')).toBe(false);
    for (const forged of ['x', 'AQEA', token.slice(0, -2), `B${token.slice(1)}`, token.toUpperCase(), 'A'.repeat(5_000)])
      expect(() => tokens.read(query, forged)).toThrow(refused);
    expect(() => pageTokens(fieldCrypto(keys(2))).read(query, token)).toThrow(refused);
  });
});

it('page sizes default to 50 and end at 200', () => {
  expect([pageSizeOf(0), pageSizeOf(1), pageSizeOf(maxPageSize)]).toEqual([50, 1, 200]);
  expect(pageSizeOf(0, 20)).toBe(20);
  for (const size of [-1, 201, 2_147_483_647])
    expect(() => pageSizeOf(size)).toThrow(expect.objectContaining({ reason: 'INVALID_PAGE_SIZE' }));
});
