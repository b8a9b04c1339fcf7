import { describe, expect, it } from 'vitest';
import { cleanLines, cleanText, cutText, hasUnseen } from './clean-text.ts';

it.each([
  ['\u000e张伟\u000f', '张伟'],
  ['工资\u0000\u0000\u0000', '工资'],
  ['a\u007fb\u0085c\u009fd', 'abcd'],
  ['\u0000\u001f', ''],
  ['  李某 \n', '李某'],
  ['田\u200b野', '田野'],
  ['张\u200c伟\u200d', '张伟'],
  ['张\u3000\u3000伟', '张 伟'],
  ['a  b\u00a0c\r\nd\te', 'a b c d e'],
  ['\u202eabc\u202c', 'abc'],
  ['\u2066abc\u2069\u061c', 'abc'],
  ['co\u00adop\ufeff', 'coop'],
  ['葛\u{e0100}城\ufe00', '葛城'],
  ['م\u200bن', 'من'],
  ['م\u0000ن\u200c', 'من'],
  ['a \u200b b', 'a b'],
  ['\u2800\u3164', ''],
])('%j is written as %j', (text, clean) => {
  expect(cleanText(text)).toBe(clean);
  expect(cleanText(clean)).toBe(clean);
});

it.each([
  '',
  '买买提·吐尔逊',
  '李𬀩',
  'é',
  'Ｚｈａｎｇ',
  'می\u200cخواهم',
  'क्\u200dष',
  '👨\u200d👩\u200d👧',
  'ᠮᠣᠩ\u180eᠭ',
  '“引号”——（星河）',
  '\ue863姓',
])('%j is written as it stands', (text) => expect(cleanText(text)).toBe(text));

it('a remark keeps its lines', () => {
  expect(cleanLines(' 一行\r\n二行\t 三\u0000\n\n')).toBe('一行\r\n二行 三');
});

it.each([
  ['田\u200b野', true],
  ['张伟\u0000', true],
  ['张  伟 ', false],
  ['می\u200cخواهم', false],
])('in %j somebody could miss a character: %j', (text, unseen) => expect(hasUnseen(text)).toBe(unseen));

describe('a cut text', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'abc'],
    ['𠮷𠮷𠮷', 2, '𠮷𠮷'],
    ['𠮷𠮷', 2, '𠮷𠮷'],
    ['ae\u0301e\u0301', 2, 'a'],
    ['ab👨‍👩‍👧', 5, 'ab'],
    ['ab cd', 3, 'ab'],
  ])('%j of at most %i characters is %j', (text, most, cut) => expect(cutText(text, most)).toBe(cut));

  it('is not empty where one character is longer than all that may be, and is made in a moment of a long one', () => {
    expect(cutText(`a${'\u0301'.repeat(9)}`, 5)).toBe('a\u0301\u0301\u0301\u0301');
    const began = performance.now();
    expect(cutText('租'.repeat(2_000_000), 1_000)).toBe('租'.repeat(1_000));
    expect(performance.now() - began).toBeLessThan(100);
  });
});
