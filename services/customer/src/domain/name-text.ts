/** Names are compared in one spelling: what is typed and what is stored go through the same function. */

const foldLatin = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/(?<=\p{Script=Latin})\p{M}+/gu, '')
    .normalize('NFC');

/** Longest token, in characters: names of organisations go on for longer, and a search for their beginning still finds them. */
export const maxTokenLength = 64;

/** At most {@link maxTokenLength} characters of a text. */
export const cut = (text: string): string => (text.length <= maxTokenLength ? text : [...text].slice(0, maxTokenLength).join(''));

/**
 * Lower case, full-width forms as ordinary ones, Latin letters without accents, and nothing but letters and digits:
 * `Ｚhang Wei` → `zhangwei`, `买买提·吐尔逊` → `买买提吐尔逊`, `O’Neill` → `oneill`. At most 64 characters.
 */
export const normaliseName = (text: string): string =>
  cut(
    foldLatin(text)
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}]/gu, ''),
  );

/** Words of a name as people separate them: by blanks, hyphens and the middle dots of transcribed names. */
export const wordsOf = (text: string): string[] =>
  text
    .normalize('NFKC')
    .split(/[\s·•‧・∙\u2027\u00b7\uff65\u30fb.\-‐–—/]+/u)
    .filter((word) => normaliseName(word) !== '');

export const hasHan = (text: string): boolean => /\p{Script=Han}/u.test(text);
