import { pinyin } from 'pinyin-pro';
import { cut, hasHan, normaliseName, wordsOf } from './name-text.ts';
import { surnameLength } from './surnames.ts';

/** What a token is made of; stored in `name_token.kind`. */
export const tokenKinds = { name: 1, pinyin: 2, initials: 3 } as const;

export interface NameToken {
  token: string;
  kind: (typeof tokenKinds)[keyof typeof tokenKinds];
}

export type NamedKind = 'INDIVIDUAL' | 'ORGANISATION' | 'UNKNOWN';

/** However long and many-voiced a name is, its customer gets no more rows than this. */
export const maxTokensPerName = 24;

/** One way of writing a customer's name, or a part of it. */
interface Form {
  text: string;
  /** `person`: surname and given name; `part`: anything else. */
  read: 'person' | 'part';
}

/**
 * Everything a name is found by, as rows that a look-up compares for equality or as a prefix: characters, pinyin, initials;
 * the given name, the words of a name written in parts, and what is left of a firm's name without its region.
 * Surnames are read as surnames (单 shàn, 曾 zēng, 尉迟 yùchí) and in their ordinary reading too: people type both.
 * No token comes twice; the likeliest come first, at most {@link maxTokensPerName}.
 */
export function nameTokens(fullName: string, shortName: string, kind: NamedKind): NameToken[] {
  const tokens = new Map<string, NameToken['kind']>();
  const add = (text: string, tokenKind: NameToken['kind']): void => {
    const token = cut(text);
    if (token !== '' && tokens.size < maxTokensPerName && !tokens.has(token)) tokens.set(token, tokenKind);
  };
  const forms = kind === 'ORGANISATION' ? organisationForms(fullName, shortName) : personForms(fullName, shortName);
  for (const { text, read } of forms) {
    add(normaliseName(text), tokenKinds.name);
    if (read === 'person') add(givenName([...normaliseName(text)]).join(''), tokenKinds.name);
  }
  for (const form of forms) {
    for (const { syllables, given } of readingsOf(form)) {
      add(syllables.join(''), tokenKinds.pinyin);
      if (syllables.length > 1) add(syllables.map((syllable) => [...syllable][0]).join(''), tokenKinds.initials);
      add(given.join(''), tokenKinds.pinyin);
    }
  }
  return [...tokens].map(([token, tokenKind]) => ({ token, kind: tokenKind }));
}

/** The whole name, the given name, and each word of a name written in parts. */
function personForms(fullName: string, shortName: string): Form[] {
  const words = wordsOf(fullName);
  const parts = (...texts: string[]): Form[] => texts.map((text) => ({ text, read: 'part' }));
  if (words.length === 1 && hasHan(fullName)) return [{ text: fullName, read: 'person' }, ...parts(shortName)];
  if (words.length < 2 || hasHan(fullName)) return parts(fullName, ...words, shortName);
  // Passports put the surname first: `Smith John` finds John Smith.
  return parts(fullName, [...words.slice(1), words[0]].join(' '), ...words, shortName);
}

/** 北京, 上海市浦东新区, （中国） before what distinguishes a firm. */
const regionPrefix =
  /^(?:[（(]?中国[）)]?|(?:\p{Script=Han}{2,8}?(?:特别行政区|自治区|自治州|省|市|新区|区|县))+|北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|台湾|深圳|广州|杭州|南京|苏州|武汉|成都|西安|青岛|厦门|宁波|大连|长沙|郑州|沈阳|济南|合肥|无锡|东莞|佛山)+/u;

function organisationForms(fullName: string, shortName: string): Form[] {
  const core = fullName.trim().replace(regionPrefix, '');
  const words = hasHan(fullName) ? [] : wordsOf(fullName);
  const texts = [fullName, shortName, [...core].length >= 2 ? core : '', ...(words.length > 1 ? words : [])];
  return texts.map((text) => ({ text, read: 'part' }));
}

interface Reading {
  syllables: readonly string[];
  /** Those of the given name; empty where the form has none. */
  given: readonly string[];
}

const syllablesOf = (text: string, surname: 'head' | 'off'): string[] =>
  pinyin(text, { toneType: 'none', type: 'array', surname, v: true, toneSandhi: false });

/** Characters of given names that are commonly read in two ways: 乐 lè yuè, 行 xíng háng, 茜 qiàn xī, 娜 nà nuó. */
const twoVoiced = new Set('乐樂行长長重朝晟茜莘娜柏炅盛乾曾单率传解');
const maxReadings = 4;

/** How a form may be read, likeliest first. A character without a known reading stands for itself. */
function readingsOf({ text, read }: Form): Reading[] {
  if (!hasHan(text)) return [];
  const plain = normaliseName(text);
  const characters = [...plain];
  if (read === 'part') return [{ syllables: syllablesOf(plain, 'off'), given: [] }];
  const given = givenName(characters).length;
  const found = [syllablesOf(plain, 'head'), syllablesOf(plain, 'off')];
  for (const base of [...found]) found.push(...otherReadings(base, characters, characters.length - given));
  const distinct = new Map(found.map((syllables) => [syllables.join(' '), syllables]));
  return [...distinct.values()]
    .slice(0, maxReadings)
    .map((syllables) => ({ syllables, given: given > 0 ? syllables.slice(-given) : [] }));
}

/** The same syllables with the other reading of one character of the given name: 张乐 is zhāng lè or zhāng yuè. */
function otherReadings(syllables: readonly string[], characters: readonly string[], from: number): string[][] {
  if (syllables.length !== characters.length) return [];
  return characters.flatMap((character, index) => {
    if (index < from || !twoVoiced.has(character)) return [];
    const readings = pinyin(character, { multiple: true, toneType: 'none', type: 'array', v: true });
    return readings
      .filter((reading) => reading !== syllables[index])
      .slice(0, 1)
      .map((reading) => syllables.with(index, reading));
  });
}

/** What follows the surname; empty for a name of one character. */
const givenName = (characters: readonly string[]): readonly string[] => characters.slice(surnameLength(characters));
