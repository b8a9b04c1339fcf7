import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { otherKeys, readKeys } from './keys.ts';

describe('the file of keys', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'bankcrm-keys-'));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const key = (fill: number, bytes = 32) => Buffer.alloc(bytes, fill).toString('base64');
  const write = (content: Record<string, unknown>) => {
    const path = join(dir, 'keys.json');
    writeFileSync(path, JSON.stringify(content));
    return path;
  };
  const purposes = ['kek', 'index', 'audit', 'pageToken', 'reply'];
  const read = (content: Record<string, unknown>, wanted: readonly string[] = purposes) => readKeys(write(content), wanted);
  const good = { kek: { 1: key(1) }, index: { 1: key(2) }, audit: { 1: key(3) }, pageToken: { 1: key(4) }, reply: { 1: key(5) } };

  it('uses the highest version, numbers not texts deciding, and keeps the others for reading', () => {
    const keys = read({ ...good, kek: { 2: key(2), 10: key(10), 9: key(9) } });
    expect(keys.kek.currentVersion).toBe(10);
    expect(keys.kek.get(9).export()).toEqual(Buffer.alloc(32, 9));
    expect(keys.kek.previousVersion).toBe(9);
    expect(keys.index.previousVersion).toBe(undefined);
    expect(() => keys.kek.get(3)).toThrow('no key of version 3');
  });

  it('is refused as a whole when a key is short, a purpose is missing or unknown, or a set is empty', () => {
    expect(() => read({ ...good, audit: { 1: key(3, 16) } })).toThrow('32 bytes');
    expect(() => read({ ...good, pageToken: {} })).toThrow('at least one version');
    for (const purpose of Object.keys(good)) expect(() => read({ ...good, [purpose]: undefined })).toThrow(purpose);
    expect(() => read({ ...good, other: { 1: key(1) } })).toThrow();
    expect(() => read({ ...good, kek: { latest: key(1) } })).toThrow();
    // It would be written as version 0.
    expect(() => read({ ...good, kek: { 256: key(1) } })).toThrow();
    expect(read({ ...good, kek: { 255: key(1) } }).kek.currentVersion).toBe(255);
  });

  it('gives the keys of the purposes asked for and of no other, and says which purposes it should not hold', () => {
    const keys = read(good, ['audit', 'pageToken']);
    expect(keys.audit.get(1).export()).toEqual(Buffer.alloc(32, 3));
    expect(() => keys.reply).toThrow('reply');
    expect(read({ audit: good.audit }, ['audit']).audit.currentVersion).toBe(1);
    expect(() => read(good, ['audit', 'card'])).toThrow('card');
    expect(otherKeys(write(good), ['kek', 'audit', 'pageToken'])).toEqual(['index', 'reply']);
    expect(otherKeys(write({ audit: good.audit }), ['audit', 'kek'])).toEqual([]);
  });
});
