import anyAscii from 'any-ascii';

/** Names are compared in one spelling: what is typed and what is stored go through the same function. */

/** Most names need no folding. */
const isFolded = (text: string): boolean => /^[\p{ASCII}\u4e00-\u9fff]*$/u.test(text);

/** Accents come off; letters that are no letter with an accent (ł, ß, þ) get their usual spelling. Other scripts stay as they are. */
const foldLatin = (text: string): string =>
  isFolded(text)
    ? text
    : text
        .normalize('NFKD')
        .replaceAll(/(?<=\p{Script=Latin})\p{M}+/gu, '')
        .replaceAll(/(?=\P{ASCII})\p{Script=Latin}/gu, anyAscii)
        .normalize('NFC');

/** Longest token, in characters: names of organisations go on for longer, and a search for their beginning still finds them. */
export const maxTokenLength = 64;

/** At most {@link maxTokenLength} characters of a text. */
export const cut = (text: string): string => (text.length <= maxTokenLength ? text : [...text].slice(0, maxTokenLength).join(''));

/** What is neither letter nor digit; and the raised letters that transcriptions write for an apostrophe: Oʻzbek. */
const noLetter = /[^\p{L}\p{N}\p{M}]|[\u02b0-\u02ff]/gu;

/** In lower case, Latin letters without accents, full-width forms as ordinary ones; anything but letters and digits is a blank. */
export const plainText = (text: string): string => foldLatin(text).toLowerCase().replaceAll(noLetter, ' ');

/**
 * Lower case, full-width forms as ordinary ones, Latin letters without accents, and nothing but letters and digits:
 * `Ｚhang Wei` → `zhangwei`, `买买提·吐尔逊` → `买买提吐尔逊`, `O’Neill` → `oneill`, `Łukasz` → `lukasz`. At most 64 characters.
 */
export const normaliseName = (text: string): string => cut(plainText(text).replaceAll(' ', ''));

/** Letters that passports spell in another way than without their accent (ICAO Doc 9303, part 3, section 6). */
const onPassports: Readonly<Record<string, string>> = { ä: 'ae', å: 'aa', ö: 'oe', ø: 'oe', ü: 'ue', ŋ: 'n' };

/** A Latin name as passports spell it: `Müller` → `mueller`. */
export const passportSpelling = (text: string): string =>
  isFolded(text)
    ? text
    : text
        .normalize('NFC')
        .toLowerCase()
        .replaceAll(/[äåöøüŋ]/g, (letter) => onPassports[letter]!);

const apostrophes = String.raw`'’‘ʼʻʾʿ\x60`;
const betweenWords = new RegExp(
  String.raw`[^\p{L}\p{N}\p{M}${apostrophes}]+|(?<=\p{Script=Han})(?=[\p{Script=Latin}\p{N}])|(?<=[\p{Script=Latin}\p{N}])(?=\p{Script=Han})`,
  'u',
);
const isWord = (text: string): boolean => normaliseName(text) !== '';

/**
 * Words of a name as people separate them: by blanks, hyphens, brackets, the middle dots of transcribed names, and where Chinese
 * characters meet Latin letters.
 */
export const wordsOf = (text: string): string[] => text.normalize('NFKC').split(betweenWords).filter(isWord);

/** Words as only blanks separate them: `J.P.`, `D'Angelo-Smith`. */
export const blankWordsOf = (text: string): string[] => text.split(/\s+/u).filter(isWord);

/** What follows the particle of a name that is elided: `D'Angelo` → `Angelo`. */
export const afterApostrophe = (word: string): string => word.match(elided)?.[0] ?? '';
const elided = new RegExp(`(?<=.[${apostrophes}]).{2,}`, 'u');

export const hasHan = (text: string): boolean => /\p{Script=Han}/u.test(text);
