import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

let dir: string;
let keep: typeof import('./keep.ts').keep;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bankcrm-keep-'));
  vi.stubEnv('BANKCRM_DIST_DIR', dir);
  vi.resetModules();
  ({ keep } = await import('./keep.ts'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const writing = (text: string) => async (draft: string) => writeFileSync(join(draft, 'what'), text);
const read = (home: string): string => readFileSync(join(home, 'what'), 'utf8');

it('makes a folder once', async () => {
  await keep('tools', writing('first'));
  const again = vi.fn(writing('second'));
  expect(read(await keep('tools', again))).toBe('first');
  expect(again).not.toHaveBeenCalled();
});

it('leaves nothing of what failed, and makes it the next time', async () => {
  const failing = keep('tools', async (draft) => {
    await writing('half')(draft);
    throw new Error('no way out');
  });
  await expect(failing).rejects.toThrow('no way out');
  expect(readdirSync(dir)).toEqual([]);
  expect(read(await keep('tools', writing('whole')))).toBe('whole');
});

it('gives both of two who make it at once the folder of the first', async () => {
  const gate = Promise.withResolvers<void>();
  const slow = keep('tools', async (draft) => {
    await gate.promise;
    await writing('slow')(draft);
  });
  const fast = await keep('tools', writing('fast'));
  gate.resolve();
  expect(await slow).toBe(fast);
  expect(read(fast)).toBe('fast');
  expect(readdirSync(dir)).toEqual(['tools']);
  expect(existsSync(join(fast, 'complete'))).toBe(true);
});
