import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditHash, blindIndex, fieldCrypto } from './field-crypto.ts';
import { fileKeyManagement, type KeySet, keySet } from './keys.ts';

const keysOf = (...keys: number[]): KeySet =>
  keySet(Object.fromEntries(keys.map((key, index) => [String(index + 1), Buffer.alloc(32, key)])));
const place = { table: 'customer.contact', column: 'phone', rowId: '0190a3f0-0000-7000-8000-000000000001' };
const broken = expect.objectContaining({ kind: 'INTERNAL', reason: 'SEAL_BROKEN' });

describe('sealed fields', () => {
  const crypto = fieldCrypto(keysOf(1));

  it('open where they were sealed and nowhere else', () => {
    const sealed = crypto.seal('13800138000', place);
    expect(crypto.open(sealed, place).toString()).toBe('13800138000');
    for (const moved of [
      { ...place, table: 'customer.party' },
      { ...place, column: 'fax' },
      { ...place, rowId: '0190a3f0-0000-7000-8000-000000000002' },
    ])
      expect(() => crypto.open(sealed, moved)).toThrow(broken);
  });

  it('do not open when any byte was changed, nor when cut short', () => {
    const sealed = crypto.seal('13800138000', place);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = changed[at]! ^ 1;
      expect(() => crypto.open(changed, place)).toThrow(broken);
    }
    for (let length = 0; length < sealed.length; length += 1)
      expect(() => crypto.open(sealed.subarray(0, length), place)).toThrow(broken);
  });

  it('do not open with a shortened tag, which could be guessed', () => {
    const sealed = crypto.seal('', place);
    expect(crypto.open(sealed, place)).toHaveLength(0);
    for (const length of [4, 8, 12, 15]) expect(() => crypto.open(sealed.subarray(0, 14 + length), place)).toThrow(broken);
  });

  it('never look the same twice, so that equal values cannot be told', () => {
    expect(crypto.seal('same', place)).not.toEqual(crypto.seal('same', place));
  });

  it('open after a rotation, and not once their key is gone', () => {
    const sealed = crypto.seal('old', place);
    const rotated = fieldCrypto(keysOf(1, 2));
    expect(rotated.open(sealed, place).toString()).toBe('old');
    expect(rotated.seal('new', place)[1]).toBe(2);
    expect(() => crypto.open(rotated.seal('new', place), place)).toThrow(broken);
  });
});

describe('blind indexes', () => {
  it('find the same value by the same hash, apart for every kind and key', () => {
    const index = blindIndex(keysOf(1));
    // The first 16 bytes of HMAC-SHA-256, computed here from the definition.
    const expected = createHmac('sha256', Buffer.alloc(32, 1)).update('phone\u000013800138000').digest().subarray(0, 16);
    expect(index.of('phone', '13800138000')).toEqual(expected);
    expect(index.of('account', '13800138000')).not.toEqual(expected);
    expect(blindIndex(keysOf(9)).of('phone', '13800138000')).not.toEqual(expected);
  });

  it('are looked up by the current key and the one before while keys rotate, and by the current one alone after that', () => {
    const before = blindIndex(keysOf(1));
    const during = blindIndex(keysOf(1, 2));
    expect(before.candidates('phone', '1')).toEqual([before.of('phone', '1')]);
    expect(during.candidates('phone', '1')).toEqual([during.of('phone', '1'), before.of('phone', '1')]);
    const after = blindIndex(keySet({ '2': Buffer.alloc(32, 2) }));
    expect(after.candidates('phone', '1')).toEqual([during.of('phone', '1')]);
  });
});

it('audit hashes tell equal from unequal and need the key', () => {
  expect(auditHash(keysOf(1), 'a')).toEqual(auditHash(keysOf(1), 'a'));
  expect(auditHash(keysOf(1), 'a')).not.toEqual(auditHash(keysOf(1), 'b'));
  expect(auditHash(keysOf(2), 'a')).not.toEqual(auditHash(keysOf(1), 'a'));
  expect(auditHash(keysOf(1), 'a')).toHaveLength(32);
});

describe('wrapped data keys', () => {
  it('unwrap with the version they were wrapped with, and not when changed', async () => {
    const wrapped = await fileKeyManagement(keysOf(1)).wrap(Buffer.alloc(32, 5));
    expect(await fileKeyManagement(keysOf(1, 2)).unwrap(wrapped)).toEqual(Buffer.alloc(32, 5));
    wrapped[40] = wrapped[40]! ^ 1;
    await expect(fileKeyManagement(keysOf(1)).unwrap(wrapped)).rejects.toThrow();
  });
});
