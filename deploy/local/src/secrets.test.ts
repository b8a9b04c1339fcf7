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

const read = (name: string, secrets: string[]): Record<string, object> =>
  JSON.parse(readFileSync(ensureKeys(dir, { name, secrets })!, 'utf8'));

it('the keys of a service stay, and purposes that a newer version has get theirs', () => {
  const older = read('customer', ['kek', 'index']);
  writeFileSync(join(dir, 'keys', 'customer.json'), JSON.stringify({ ...older, kek: { 1: 'one', 2: 'two' } }));
  const newer = read('customer', ['kek', 'index', 'reply']);
  expect(newer).toEqual({ ...older, kek: { 1: 'one', 2: 'two' }, reply: { 1: expect.any(String) } });
  expect(read('customer', ['kek', 'index', 'reply'])).toEqual(newer);
});

it('a service has its own keys and nobody else the same', () => {
  expect(Object.keys(read('directory', ['audit']))).toEqual(['audit']);
  expect(read('ticketing', ['audit'])).not.toEqual(read('directory', ['audit']));
  expect(ensureKeys(dir, { name: 'gateway', secrets: [] })).toBeUndefined();
});
