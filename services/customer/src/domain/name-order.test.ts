import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastName, nameOrder } from './name-order.ts';
import type { NamedKind } from './name-tokens.ts';

const sorted = (names: readonly string[], kind: NamedKind = 'INDIVIDUAL'): string[] =>
  names
    .map((name) => ({ name, key: nameOrder(name, kind) }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
    .map(({ name }) => name);

describe('the order of names', () => {
  it.each([
    ['syllables of the alphabet', ['安心', '李娜', '王芳', '张伟']],
    ['a whole syllable before a longer one', ['占山', '张山']],
    ['tones, then characters, surname by surname', ['黎明', '李明', '李雪', '栗明', '张三', '张伟', '章三']],
    // 单 shàn, 盛 shèng, 尉迟 yùchí, 乐 yuè, 曾 zēng, 查 zhā.
    ['the reading of the surname', ['单雄信', '盛典', '尉迟恭', '乐嘉', '曾国藩', '查良镛']],
    ['shorter before longer', ['张', '张伟', '张伟国']],
    ['digits, then Latin letters among the syllables', ['360', 'Anna Smith', '白云', '路遥', 'Łukasz', 'Zoe']],
    ['Latin names without accents and case', ['álvarez', 'Alvarez B', 'Ålvarez C']],
    ['names before none', ['张伟', 'Zoe', '']],
  ])('goes by %s', (_, names) => expect(sorted(names.toReversed())).toEqual(names));

  it('reads a firm as its characters are read, not as a surname', () => {
    expect(sorted(['曾经文化', '单车租赁', '重庆钢铁'].toReversed(), 'ORGANISATION')).toEqual([
      '曾经文化',
      '重庆钢铁',
      '单车租赁',
    ]);
  });

  it('puts customers without a name last', () => expect(nameOrder('  ', 'INDIVIDUAL')).toBe(lastName));

  it('gives a bounded text that PostgreSQL takes, for any name', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.constantFrom('INDIVIDUAL', 'ORGANISATION'),
        (name, kind) => {
          const key = nameOrder(name, kind);
          expect(key).not.toBe('');
          expect(key.isWellFormed()).toBe(true);
          expect(key).not.toContain('\u0000');
          // An entry of an index in PostgreSQL has at most 2,704 bytes.
          expect(Buffer.byteLength(key)).toBeLessThan(2_000);
        },
      ),
    );
  });
});
