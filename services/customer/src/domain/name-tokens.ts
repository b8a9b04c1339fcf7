import { personReadings, type Reading, syllablesOf, withoutTone } from './name-readings.ts';
import { afterApostrophe, blankWordsOf, cut, hasHan, normaliseName, passportSpelling, wordsOf } from './name-text.ts';
import { surnameLength } from './surnames.ts';

/** What a token is made of; stored in `name_token.kind`. */
export const tokenKinds = { name: 1, pinyin: 2, initials: 3 } as const;

export interface NameToken {
  token: string;
  kind: (typeof tokenKinds)[keyof typeof tokenKinds];
}

export type NamedKind = 'INDIVIDUAL' | 'ORGANISATION' | 'UNKNOWN';

/** However long and many-voiced a name is, its customer gets no more rows than this. */
export const maxTokensPerName = 40;

/** One way of writing a customer's name, or a part of it. */
interface Form {
  text: string;
  /** `person`: surname and given name; `part`: anything else; `rest`: found by its characters alone. */
  read: 'person' | 'part' | 'rest';
}

/**
 * Everything a name is found by, as rows that a look-up compares for equality or as a prefix: characters, pinyin, initials;
 * the given name, the words of a name, and of a firm's Chinese name what is left without its region and from each character on.
 * Surnames are read in every way that bearers read them (单 shàn, 曾 zēng, 尉迟 yùchí) and in their ordinary reading too: people type both.
 * No token comes twice; the likeliest come first, at most {@link maxTokensPerName}.
 */
export function nameTokens(fullName: string, shortName: string, kind: NamedKind): NameToken[] {
  const tokens = new Map<string, NameToken['kind']>();
  const add = (text: string, tokenKind: NameToken['kind']): void => {
    const token = cut(text);
    if (token !== '' && tokens.size < maxTokensPerName && !tokens.has(token)) tokens.set(token, tokenKind);
  };
  const forms = distinct(kind === 'ORGANISATION' ? organisationForms(fullName, shortName) : personForms(fullName, shortName));
  for (const { text, read } of forms) {
    if (read === 'rest') continue;
    add(normaliseName(text), tokenKinds.name);
    const onPassport = passportSpelling(text);
    if (onPassport !== text) add(normaliseName(onPassport), tokenKinds.name);
    if (read === 'person') add(givenName(normaliseName(text)), tokenKinds.name);
  }
  for (const form of forms) {
    for (const { syllables, given } of readingsOf(form)) {
      const read = syllables.map(withoutTone);
      add(read.join(''), tokenKinds.pinyin);
      if (read.length > 1) add(read.map((syllable) => [...syllable][0]).join(''), tokenKinds.initials);
      add(given.map(withoutTone).join(''), tokenKinds.pinyin);
    }
  }
  for (const { text, read } of forms) if (read === 'rest') add(normaliseName(text), tokenKinds.name);
  return [...tokens].map(([token, tokenKind]) => ({ token, kind: tokenKind }));
}

const distinct = (forms: readonly Form[]): Form[] => [
  ...new Map(forms.map((form) => [`${form.read} ${form.text}`, form])).values(),
];

const parts = (...texts: string[]): Form[] => texts.map((text) => ({ text, read: 'part' }));

/** The whole name, the given name, and each word of a name written in parts. */
function personForms(fullName: string, shortName: string): Form[] {
  const words = wordsOf(fullName);
  const chinese = words.filter(hasHan);
  // 张伟, 张 伟 and `Andy 张伟` have surname and given name; 买买提·吐尔逊 has none that its characters tell.
  if (/^[\p{Script=Han}\s]+$/u.test(fullName) || (chinese.length === 1 && words.length === 1))
    return [{ text: fullName, read: 'person' }, ...parts(shortName)];
  if (chinese.length === 1) return [...parts(fullName), { text: chinese[0]!, read: 'person' }, ...parts(...words, shortName)];
  const written = blankWordsOf(fullName);
  // Passports put the surname first: `Smith John` finds John Smith.
  const surnameFirst = written.length > 1 && chinese.length === 0 ? [...written.slice(1), written[0]].join(' ') : '';
  return parts(fullName, surnameFirst, ...writtenWords(fullName), shortName);
}

/** Each word, what only blanks part, and what follows an apostrophe: angelo, d'angelo, smith, d'angelo-smith. */
function writtenWords(text: string): string[] {
  const words = wordsOf(text);
  return [...words, ...blankWordsOf(text), ...words.map(afterApostrophe)];
}

/** 北京, 上海市浦东新区, （中国） before what distinguishes a firm. */
const regionPrefix =
  /^(?:[（(]?中国[）)]?|(?:\p{Script=Han}{2,8}?(?:特别行政区|自治区|自治州|省|市|新区|区|县))+|北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|台湾|深圳|广州|杭州|南京|苏州|武汉|成都|西安|青岛|厦门|宁波|大连|长沙|郑州|沈阳|济南|合肥|无锡|东莞|佛山)+/u;

function organisationForms(fullName: string, shortName: string): Form[] {
  const core = fullName.trim().replace(regionPrefix, '');
  const forms = parts(
    fullName,
    shortName,
    [...core].length >= 2 ? core : '',
    ...writtenWords(fullName),
    ...writtenWords(shortName),
  );
  return [...forms, ...restsOf(fullName).map((text): Form => ({ text, read: 'rest' }))];
}

/** What follows each character of a Chinese name, for words that nothing parts: 科技有限公司 in 北京星河科技有限公司. */
function restsOf(name: string): string[] {
  const characters = [...normaliseName(name)];
  return characters.slice(1, -1).flatMap((character, index) => (hasHan(character) ? characters.slice(index + 1).join('') : []));
}

/** How a form may be read, likeliest first. */
function readingsOf({ text, read }: Form): Reading[] {
  if (read === 'rest' || !hasHan(text)) return [];
  const plain = normaliseName(text);
  return read === 'person' ? personReadings(plain) : [{ syllables: syllablesOf(plain, 'off'), given: [] }];
}

/** What follows the surname; empty for a name of one character. */
function givenName(name: string): string {
  const characters = [...name];
  return characters.slice(surnameLength(characters)).join('');
}
