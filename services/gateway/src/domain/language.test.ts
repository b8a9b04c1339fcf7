import { describe, expect, it } from 'vitest';
import { languageOf } from './language.ts';

describe('the language of a reply', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['fr-FR', 'en'],
    ['*', 'en'],
    ['zh-CN', 'zh-CN'],
    ['zh-Hans-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['en-GB, zh-CN;q=0.9', 'en'],
    ['en;q=0.2, ZH;q=0.3', 'zh-CN'],
    ['zh;q=0, en;q=0.1', 'en'],
    ['zh;q=x', 'zh-CN'],
    ['zh,'.repeat(1_000), 'en'],
  ])('for %j is %s', (header, language) => {
    expect(languageOf(header)).toBe(language);
  });
});
