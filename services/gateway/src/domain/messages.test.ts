import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { kindTitles, reasonDetails } from './messages.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** How the code names the reason of an error; see `libs/kernel/src/errors.ts`. */
const mentions = [
  /\b(?:denied|refused|exhausted|unavailable|unauthenticated|alreadyExists)\(\s*'([A-Z][A-Z0-9_]+)'/g,
  /new AppError\(\s*'[A-Z_]+',\s*'([A-Z][A-Z0-9_]+)'/g,
  /\b(?:invalid|invalidFields)\([^;]*?'([A-Z][A-Z0-9_]{3,})',?\s*\)/g,
];
/** A service's reasons, where they stand in one file. */
const listed = /:\s*'([A-Z][A-Z0-9_]+)',/g;
/** Never shown: callers see INTERNAL instead. */
const internal = /new AppError\(\s*'INTERNAL',\s*'([A-Z][A-Z0-9_]+)'/g;

const sources = globSync(['libs/*/src/**/*.ts', 'services/*/src/**/*.ts'], { cwd: root }).filter(
  (path) => !path.endsWith('.test.ts') && !path.includes('/generated/'),
);

describe('the catalogue of messages', () => {
  it('has a text for every reason that the code gives', () => {
    expect(sources.length).toBeGreaterThan(50);
    const missing = new Map<string, string>();
    for (const path of sources) {
      const code = readFileSync(join(root, path), 'utf8').replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, '');
      const hidden = new Set([...code.matchAll(internal)].map(([, reason]) => reason));
      for (const mention of path.endsWith('/domain/reasons.ts') ? [...mentions, listed] : mentions)
        for (const [, reason] of code.matchAll(mention))
          if (!hidden.has(reason) && !reasonDetails.has(reason!)) missing.set(reason!, path);
    }
    expect([...missing].sort()).toEqual([]);
  });

  it('says everything in both languages', () => {
    for (const texts of [...Object.values(kindTitles), ...reasonDetails.values()]) {
      expect(texts.en).toMatch(/^[A-Z]/);
      expect(texts['zh-CN']).toMatch(/\p{Script=Han}/u);
    }
  });

  it('asks for the same facts in both languages', () => {
    const facts = (text: string): string[] => [...text.matchAll(/\{[a-z_]+\}/g)].map(([fact]) => fact).sort();
    for (const texts of reasonDetails.values()) expect(facts(texts.en)).toEqual(facts(texts['zh-CN']));
  });
});
