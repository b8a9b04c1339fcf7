import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureKeys } from './secrets.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'bankcrm-keys-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

it('the keys of a stack stay, and purposes that a newer version has get theirs', () => {
  const read = (): Record<string, object> => JSON.parse(readFileSync(ensureKeys(dir), 'utf8'));
  const { reply, ...older } = read();
  expect(reply).toBeDefined();
  writeFileSync(join(dir, 'keys', 'keys.json'), JSON.stringify({ ...older, kek: { 1: 'one', 2: 'two' } }));
  const newer = read();
  expect(newer).toEqual({ ...older, kek: { 1: 'one', 2: 'two' }, reply: { 1: expect.any(String) } });
  expect(read()).toEqual(newer);
});
