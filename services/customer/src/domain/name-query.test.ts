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
      phones: ['13800138000'],
      idNumbers: ['13800138000'],
      account: '13800138000',
      names: ['13800138000'],
    });
    expect(searchMeanings('11010519491231002x').idNumbers[0]).toBe('11010519491231002X');
    expect(searchMeanings('张伟').customerNumbers).toEqual([]);
    expect(searchMeanings('FIELD-QX').customerNumbers).toEqual(['FIELD-QX']);
    expect(searchMeanings(' ab 12 ').customerNumbers).toEqual([' ab 12 ', 'ab 12', 'AB 12']);
    expect(searchMeanings('AB\u0000C\t').customerNumbers).toEqual([]);
    expect(searchMeanings('c0000012').customerNumbers).toEqual(['c0000012', 'C0000012']);
    expect(searchMeanings('E12345678')).toMatchObject({ idNumbers: ['E12345678'], phones: [] });
    expect(searchMeanings('C1')).toMatchObject({ customerNumbers: ['C1'], idNumbers: [], account: undefined });
  });

  it.each(['+852 9000 0001', '+85290000001', '85290000001', '0085290000001'])('%s is a phone number of Hong Kong', (query) => {
    expect(searchMeanings(query).phones[0]).toBe('+85290000001');
  });

  it.each(['010/6000.0001', '010-6000 0001 转 801', '+86 10 6000 0001', '(010) 6000–0001'])(
    '%s is a landline of Beijing',
    (query) => {
      expect(searchMeanings(query).phones[0]).toBe('+861060000001');
      expect(isLookUp(searchMeanings(query))).toBe(true);
    },
  );

  it('is an ID or account number whatever stands between its digits', () => {
    expect(searchMeanings('110105.19491231/002x').idNumbers[0]).toBe('11010519491231002X');
    expect(searchMeanings('6222.0202–0011/2233 445').account).toBe('6222020200112233445');
    expect(isLookUp(searchMeanings('wei1234@example.com'))).toBe(false);
  });

  it.each([
    ['HSBC China', ['hsbc', 'china']],
    ["smith  D'Angelo", ['smith', 'dangelo']],
    ['星河 beijing', ['星河', 'beijing']],
    ['张wei', ['张', 'wei']],
    ['zhang zhang', []],
    ['张伟', []],
  ])('%s is the words %j', (query, words) => expect(searchMeanings(query).words).toEqual(words));

  it.each([
    ['13800138000', true],
    ['010-6000 0001 转 801', true],
    ['110105.19491231/002x', true],
    ['E12345678', true],
    ['CHN110190010112', true],
    ['91110105MA0000001X', true],
    ['1688.com', false],
    ['Studio 1954', false],
    ['Hall 20201234 East', false],
    ['张伟', false],
  ])('%s is a number and nothing else: %s', (query, isComplete) => {
    expect(searchMeanings(query).isCompleteNumber).toBe(isComplete);
  });

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
