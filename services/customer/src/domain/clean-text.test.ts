import { expect, it } from 'vitest';
import { cleanText } from './clean-text.ts';

it.each([
  ['\u000e张伟\u000f', '张伟'],
  ['工资\u0000\u0000\u0000', '工资'],
  ['a\u007fb\u0085c\u009fd', 'abcd'],
  ['\u0000\u001f', ''],
])('%j is written as %j', (text, clean) => expect(cleanText(text)).toBe(clean));

it.each(['', '买买提·吐尔逊', '一行\r\n二行\t三', '李𬀩', ' é\u00a0'])('%j is written as it stands', (text) =>
  expect(cleanText(text)).toBe(text),
);
