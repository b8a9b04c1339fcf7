import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxTokenLength } from './name-text.ts';
import { maxTokensPerName, nameTokens, tokenKinds } from './name-tokens.ts';

const person = (name: string): string[] => nameTokens(name, '', 'INDIVIDUAL').map(({ token }) => token);

describe('tokens of a person', () => {
  /** Readings of surnames after 《现代汉语词典》 (7th ed.); in brackets of the test data the ordinary reading that people also type. */
  it.each([
    ['单雄信', 'shanxiongxin', 'danxiongxin'],
    ['曾国藩', 'zengguofan', 'cengguofan'],
    ['解晓东', 'xiexiaodong', 'jiexiaodong'],
    ['查良镛', 'zhaliangyong', 'chaliangyong'],
    ['仇英', 'qiuying', 'chouying'],
    ['区伟', 'ouwei', 'quwei'],
    ['尉迟恭', 'yuchigong', 'weichigong'],
    ['盖叫天', 'gejiaotian', 'gaijiaotian'],
    ['朴正熙', 'piaozhengxi', 'puzhengxi'],
    ['种师道', 'chongshidao', 'zhongshidao'],
    ['秘伟', 'biwei', 'miwei'],
    ['谌龙', 'chenlong', 'shenlong'],
    ['覃伟', 'qinwei', 'tanwei'],
    ['乐嘉', 'yuejia', 'lejia'],
    ['万俟伟国', 'moqiweiguo', 'wansiweiguo'],
    ['缪伟', 'miaowei', 'mouwei'],
    ['员伟', 'yunwei', 'yuanwei'],
    ['折伟', 'shewei', 'zhewei'],
    ['隗伟', 'weiwei', 'kuiwei'],
    ['黑伟', 'heiwei', 'hewei'],
    ['纪伟', 'jiwei', 'jiwei'],
    ['翟伟', 'zhaiwei', 'diwei'],
    ['燕伟', 'yanwei', 'yanwei'],
    ['宁伟', 'ningwei', 'ningwei'],
    ['令狐冲', 'linghuchong', 'lhc'],
    ['逄伟', 'pangwei', 'pw'],
    ['冼星海', 'xianxinghai', 'xxh'],
    ['葛伟', 'gewei', 'gw'],
    ['率伟', 'shuaiwei', 'lvwei'],
    ['隽伟', 'juanwei', 'junwei'],
    ['颉伟', 'xiewei', 'jiewei'],
    ['丌伟', 'jiwei', 'qiwei'],
    ['番伟', 'panwei', 'fanwei'],
    ['泌伟', 'biwei', 'miwei'],
    ['呙伟', 'guowei', 'wowei'],
    ['钭伟', 'touwei', 'douwei'],
    ['仝伟', 'tongwei', 'quanwei'],
    ['适伟', 'kuowei', 'shiwei'],
    ['镡伟', 'chanwei', 'tanwei'],
  ])('%s is found by the reading of the surname, %s, and by the ordinary or the other one, %s', (name, surname, ordinary) => {
    expect(person(name)).toEqual(expect.arrayContaining([name, surname, ordinary]));
  });

  it('has the given name, and the initials of the whole', () => {
    expect(nameTokens('尉迟建国', '', 'INDIVIDUAL')).toEqual(
      expect.arrayContaining([
        { token: '建国', kind: tokenKinds.name },
        { token: 'jianguo', kind: tokenKinds.pinyin },
        { token: 'ycjg', kind: tokenKinds.initials },
      ]),
    );
  });

  it('writes ü as v', () => expect(person('吕布')).toContain('lvbu'));

  it('reads a two-voiced given name in both ways', () => {
    expect(person('张乐')).toEqual(expect.arrayContaining(['zhangle', 'zhangyue', 'zl', 'zy']));
  });

  it('keeps characters beyond the Basic Multilingual Plane whole', () => {
    expect(person('李𬀩')).toEqual(expect.arrayContaining(['李𬀩', '𬀩']));
    expect(person('王𫖯').every((token) => token.isWellFormed())).toBe(true);
  });

  it('takes the parts of a transcribed name one by one, whatever the dot', () => {
    for (const dot of ['·', '•', '・', '．'])
      expect(person(`买买提${dot}吐尔逊`)).toEqual(
        expect.arrayContaining(['买买提吐尔逊', '吐尔逊', 'maimaitituerxun', 'tuerxun']),
      );
  });

  it.each([
    ['Łukasz Żółć', ['lukasz', 'zolc']],
    ['Đặng Văn', ['dang', 'van']],
    ['Guðrún', ['gudrun']],
    ['Bjørnsen', ['bjornsen', 'bjoernsen']],
    ['Groß', ['gross']],
    ['Yıldız', ['yildiz']],
    ['Þórsson', ['thorsson']],
    ['Œuvrard', ['oeuvrard']],
    ['Ægir', ['aegir']],
    ['Ħal Għaxaq', ['halghaxaq']],
    ['IJsbrand Ĳ', ['ijsbrand', 'ij']],
    ['ſmith', ['smith']],
    ['Əliyev', ['eliyev']],
    ['Müller Ångström', ['muller', 'mueller', 'angstrom', 'aangstroem']],
    ['Oʻzbekov', ['ozbekov']],
  ])('%s is found by plain letters: %j', (name, tokens) => expect(person(name)).toEqual(expect.arrayContaining(tokens)));

  it('leaves other scripts as they are', () => {
    expect(person('Иванов')).toEqual(['иванов']);
    expect(person('佐々木')).toContain('佐々木');
  });

  it('has each word, and what follows a hyphen, a dot or an apostrophe', () => {
    const tokens = ['dangelo', 'angelo', 'smith', 'dangelosmith', 'mary', 'ann', 'maryanndangelosmith'];
    expect(person("D'Angelo-Smith Mary Ann")).toEqual(expect.arrayContaining(tokens));
    expect(person('J.P. Morgan')).toEqual(expect.arrayContaining(['jp', 'morgan', 'jpmorgan']));
  });

  it('reads the Chinese name beside a Latin one, and one with a blank in it', () => {
    expect(person('单　伟')).toEqual(person('单伟'));
    expect(person('Andy 单伟')).toEqual(expect.arrayContaining(['andy', '单伟', 'shanwei', '伟', 'wei']));
  });

  it('folds Latin names: case, accents, order', () => {
    expect(person('Anna Müller')).toEqual(expect.arrayContaining(['annamuller', 'mulleranna', 'anna', 'muller']));
    expect(person('James O’Neill')).toContain('oneill');
    expect(person('ＺＨＡＮＧ　Ｗｅｉ')).toContain('zhangwei');
  });
});

describe('tokens of an organisation', () => {
  it('has the registered name, the short name, and what follows the region', () => {
    const tokens = nameTokens('北京星河科技有限公司', '星河科技', 'ORGANISATION').map(({ token }) => token);
    expect(tokens).toEqual(
      expect.arrayContaining(['北京星河科技有限公司', '星河科技', '星河科技有限公司', 'xinghekeji', 'xhkj']),
    );
    expect(nameTokens('上海市浦东新区恒信贸易有限公司', '', 'ORGANISATION').map(({ token }) => token)).toContain(
      '恒信贸易有限公司',
    );
  });

  it('has the words of a Latin name, and of a Chinese one what stands in brackets and what follows each character', () => {
    const tokens = (name: string) => nameTokens(name, '', 'ORGANISATION').map(({ token }) => token);
    expect(tokens('HSBC Bank (China) Company Limited')).toEqual(
      expect.arrayContaining(['hsbc', 'bank', 'china', 'company', 'limited', 'hsbcbankchinacompanylimited']),
    );
    expect(tokens('星河（北京）科技有限公司')).toEqual(expect.arrayContaining(['北京', 'beijing', '科技有限公司', '有限公司']));
    expect(tokens('北京星河科技有限公司')).toEqual(expect.arrayContaining(['科技有限公司', '公司']));
    expect(tokens('3M中国有限公司')).toEqual(expect.arrayContaining(['3m', '中国有限公司']));
  });
});

it('gives few distinct tokens of bounded length for any text whatever', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 200 }),
    fc.string({ unit: fc.constantFrom(...'单曾乐行·张 -李𬀩aB'), maxLength: 120 }),
  );
  fc.assert(
    fc.property(text, text, fc.constantFrom('INDIVIDUAL', 'ORGANISATION', 'UNKNOWN'), (fullName, shortName, kind) => {
      const tokens = nameTokens(fullName, shortName, kind);
      expect(tokens.length).toBeLessThanOrEqual(maxTokensPerName);
      expect(new Set(tokens.map(({ token }) => token)).size).toBe(tokens.length);
      for (const { token } of tokens) {
        expect(token).not.toBe('');
        expect([...token].length).toBeLessThanOrEqual(maxTokenLength);
        expect(token).not.toContain('\u0000');
      }
    }),
    { numRuns: 300 },
  );
});
