import { describe, expect, it } from 'vitest';
import { closing, type Run } from './closing.ts';
import type { FileResult, FlakyTest } from './results.ts';

const file = (name: string, changes: Partial<FileResult> = {}): FileResult => ({
  file: name,
  seconds: 1,
  passed: 1,
  failed: 0,
  skipped: 0,
  flaky: [],
  ...changes,
});
const run = (changes: Partial<Run>): Run => ({ files: [], problems: [], parts: [], stretches: [], ...changes });
const lastLine = (text: string) => text.split('\n').at(-1);
const flaky = (test: string): FlakyTest => ({ test, firstError: 'expected 1 to be 2' });

describe('the end of a run', () => {
  it('says alone on its last line how many tests passed, failed and were skipped', () => {
    const files = [file('a', { passed: 2 }), file('b', { failed: 1, skipped: 3 })];
    expect(lastLine(closing(run({ files })).text)).toBe('3 passed, 1 failed, 3 skipped');
    expect(lastLine(closing(run({ files: [file('a')] })).text)).toBe('1 passed, 0 failed');
  });

  it('is bad where a test failed, a set-up failed or no test ran, and good otherwise', () => {
    expect(closing(run({ files: [file('a')] })).good).toBe(true);
    expect(closing(run({ files: [file('a', { failed: 1 })] })).good).toBe(false);
    expect(closing(run({})).good).toBe(false);
    expect(closing(run({ files: [file('a', { passed: 0, skipped: 1 })] })).good).toBe(false);
    const { good, text } = closing(run({ files: [file('a')], problems: [{ where: 'integration', text: 'no port is free' }] }));
    expect(good).toBe(false);
    expect(text).toContain('integration: no port is free');
    expect(lastLine(text)).toBe('1 passed, 1 failed');
  });

  it('names the fifteen slowest files, the slowest first', () => {
    const files = Array.from({ length: 20 }, (_, index) => file(`file-${index}.`, { seconds: index }));
    const { text } = closing(run({ files }));
    const named = [...text.matchAll(/file-(\d+)\./g)].map(([, index]) => Number(index));
    expect(named).toEqual(Array.from({ length: 15 }, (_, index) => 19 - index));
  });

  it('warns of a part over its budget without failing', () => {
    const parts = [
      { name: 'customer', seconds: 130, budgetSeconds: 120 },
      { name: 'gateway', seconds: 20, budgetSeconds: 60 },
    ];
    const { good, text } = closing(run({ files: [file('a')], parts }));
    expect(text.match(/^warning: .*$/gm)).toEqual(['warning: customer took 130 s of 120 s']);
    expect(good).toBe(true);
  });

  it('lists what passed only at the second try with its first error, and is bad when they are more than three', () => {
    const three = closing(run({ files: [file('a', { flaky: [flaky('one'), flaky('two'), flaky('three')] })] }));
    expect(three.text).toContain('a > two: expected 1 to be 2');
    expect(three.good).toBe(true);
    const files = [file('a', { flaky: [flaky('one'), flaky('two')] }), file('b', { flaky: [flaky('three'), flaky('four')] })];
    expect(closing(run({ files })).good).toBe(false);
  });
});
