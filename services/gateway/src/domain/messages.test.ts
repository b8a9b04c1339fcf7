import { expect, it } from 'vitest';
import { kindTitles } from './messages.ts';

it('every kind of error has a title in both languages', () => {
  for (const texts of Object.values(kindTitles)) {
    expect(texts.en).toMatch(/^[A-Z]/);
    expect(texts['zh-CN']).toMatch(/\p{Script=Han}/u);
  }
});
