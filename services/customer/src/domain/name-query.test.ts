import { describe, expect, it } from 'vitest';
import { isLookUp, prefixEnd, searchMeanings } from './name-query.ts';

describe('what was typed', () => {
  it.each([
    ['zhang wei', ['zhangwei']],
    ['ＺｈａｎｇＷｅｉ', ['zhangwei']],
    ['张伟', ['张伟']],
    ['lü bu', ['lubu', 'lvbu', 'luebu']],
    ['LYU BU', ['lyubu', 'lvbu']],
    ['买买提·吐尔逊', ['买买提吐尔逊']],
    ['Müller', ['muller', 'mvller', 'mueller']],
    ['360', ['360']],
    ['58', ['58']],
    ['100%', ['100']],
    ['7-11', ['711']],
    ['3M', ['3m']],
    ['1号店', ['1号店']],
    ['12306', ['12306']],
  ])('%s is a name in the spellings %s', (query, names) => {
    expect(searchMeanings(query).names).toEqual(names);
    expect(isLookUp(searchMeanings(query))).toBe(false);
  });

  it('is a number of each kind that it can be', () => {
    expect(searchMeanings('138 0013 8000')).toMatchObject({
      phone: '13800138000',
      idNumber: '13800138000',
      account: '13800138000',
      names: ['13800138000'],
    });
    expect(searchMeanings('11010519491231002x')).toMatchObject({ idNumber: '11010519491231002X', phone: undefined });
    expect(searchMeanings('张伟').customerNumbers).toEqual([]);
    expect(searchMeanings('FIELD-QX').customerNumbers).toEqual(['FIELD-QX']);
    expect(searchMeanings(' ab 12 ').customerNumbers).toEqual([' ab 12 ', 'ab 12', 'AB 12']);
    expect(searchMeanings('AB\u0000C\t').customerNumbers).toEqual([]);
    expect(searchMeanings('c0000012').customerNumbers).toEqual(['c0000012', 'C0000012']);
    expect(searchMeanings('E12345678')).toMatchObject({ idNumber: 'E12345678', phone: undefined });
    expect(searchMeanings('C1')).toMatchObject({ customerNumbers: ['C1'], idNumber: undefined, account: undefined });
  });

  it.each([
    ['HSBC China', ['hsbc', 'china']],
    ["smith  D'Angelo", ['smith', 'dangelo']],
    ['星河 beijing', ['星河', 'beijing']],
    ['张wei', ['张', 'wei']],
    ['zhang zhang', []],
    ['张伟', []],
  ])('%s is the words %j', (query, words) => expect(searchMeanings(query).words).toEqual(words));

  it('says what is wrong with a text that has nothing to search by', () => {
    expect(() => searchMeanings('?!')).toThrow(
      expect.objectContaining({ fields: [{ field: 'query', description: 'must contain a letter or a digit' }] }),
    );
  });

  it('is refused when it is a mask, or nothing', () => {
    for (const query of ['138****1234', '**************1234', '张*', '欧阳＊', 'z***@example.com', '138••••1234'])
      expect(() => searchMeanings(query)).toThrow(expect.objectContaining({ reason: 'MASKED_QUERY' }));
    for (const query of ['', ' ', 'x', '?!', 'y'.repeat(65)])
      expect(() => searchMeanings(query)).toThrow(expect.objectContaining({ kind: 'INVALID' }));
    expect(searchMeanings('张').names).toEqual(['张']);
  });

  it('ends before the first text that does not begin with it, in code point order', () => {
    const bytes = (text: string) => Buffer.from(text);
    for (const [inside, prefix] of [
      ['张伟', '张'],
      ['张𬀩', '张'],
      ['zhangz', 'zhang'],
    ] as const)
      expect(Buffer.compare(bytes(inside), bytes(prefixEnd(prefix)))).toBeLessThan(0);
    expect(Buffer.compare(bytes('zhanh'), bytes(prefixEnd('zhang')))).toBeGreaterThan(0);
  });
});
