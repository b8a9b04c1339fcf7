import { normaliseAccountNumber } from '@bankcrm/access/normalise';
import { isPhoneText, phoneForms } from '@bankcrm/access/phone';
import { idNumberForms } from '@bankcrm/contract/domain';
import { asciiDigits, invalid } from '@bankcrm/kernel';
import { hasHan, normaliseName, passportSpelling, wordsOf } from './name-text.ts';
import { Reason } from './reasons.ts';

/** What a typed text may mean. More than one meaning is normal: `E1234567` is a passport, a customer number or an account. */
export interface SearchMeanings {
  /** Spellings to look for among name tokens, whole or as their beginning; the first is the text as typed. */
  names: readonly string[];
  /** Words that must each begin a word of the name, in any order; empty for a single word. */
  words: readonly string[];
  /** Spellings as a customer number. */
  customerNumbers: readonly string[];
  /** Complete identifiers to look up by their keyed hash, in each form that one may be indexed in. */
  idNumbers: readonly string[];
  phones: readonly string[];
  account: string | undefined;
  /** A number and nothing else by its shape, while `1688.com` is a name first. */
  isCompleteNumber: boolean;
}

const least = 2;
const most = 64;

/**
 * Reads what was typed. Throws INVALID for a text too short or too long, for one with nothing to search by, and
 * `MASKED_QUERY` for a masked value: who sees a number masked may look up the complete one, not parts of it.
 */
export function searchMeanings(query: string): SearchMeanings {
  const text = query.trim();
  const length = [...text].length;
  if (length > most || (length < least && !hasHan(text)))
    throw invalid('query', `must have ${least} to ${most} characters; one Chinese character is enough`);
  if (/[*＊]|[•●·]{2,}|…/u.test(text))
    throw invalid('query', 'must be complete: a masked value finds nobody', Reason.maskedQuery);
  const names = nameSpellings(text);
  if (names.length === 0) throw invalid('query', 'must contain a letter or a digit');
  const words = [...new Set(wordsOf(text).map(normaliseName))];
  return { names, words: words.length > 1 ? words : [], customerNumbers: customerNumbersOf(query), ...numbersOf(text) };
}

/** Whether a text is looked up among complete identifiers, which is counted and limited. */
export const isLookUp = ({ idNumbers, phones, account }: SearchMeanings): boolean =>
  idNumbers.length > 0 || phones.length > 0 || account !== undefined;

function nameSpellings(text: string): string[] {
  const plain = normaliseName(text);
  if (plain === '') return [];
  // ü is typed as it is, as v, and on passports as yu after l and n, elsewhere as ue.
  const withV = normaliseName(
    text
      .toLowerCase()
      .normalize('NFC')
      .replaceAll(/[üǖǘǚǜ]/g, 'v'),
  );
  const fromPassport = /^\p{ASCII}+$/u.test(plain) ? plain.replaceAll(/([ln])yu/g, '$1v') : plain;
  return [...new Set([plain, withV, fromPassport, normaliseName(passportSpelling(text))])];
}

/** As typed, blanks included: a number is any text that the source says, without control characters. Chinese characters alone are a name. */
function customerNumbersOf(query: string): string[] {
  const number = query.normalize('NFKC').trim();
  if (/^[\p{Script=Han}\s]+$/u.test(number)) return [];
  return [...new Set([query, query.trim(), number, number.toUpperCase()])].filter((text) => !/\p{Cc}/u.test(text));
}

/** Digits, with up to three letters before and one behind as documents have, or the eighteen characters of a credit code. */
const completeNumber = /^(?:[A-Z]{0,3}\d{5,}[A-Z]?|[0-9A-Z]{2}\d{6}[0-9A-Z]{10})$/i;

function numbersOf(text: string): Pick<SearchMeanings, 'idNumbers' | 'phones' | 'account' | 'isCompleteNumber'> {
  const compact = asciiDigits(text).replaceAll(/(?![@&])[\s\p{P}]/gu, '');
  // Shorter ones are names: no document, account or phone has so few characters.
  const isNumber = /^[A-Za-z0-9]{6,34}$/.test(compact) && (compact.match(/\d/g)?.length ?? 0) >= 4;
  const phones = isPhoneText(text) ? phoneForms(text) : [];
  return {
    idNumbers: isNumber && compact.length <= 20 ? idNumberForms(text) : [],
    phones,
    account: isNumber ? normaliseAccountNumber(text) : undefined,
    isCompleteNumber: phones.length > 0 || completeNumber.test(compact),
  };
}

/** The end of the range of texts that begin with a prefix, in the order of code points: the greatest code point after it. */
export const prefixEnd = (prefix: string): string => `${prefix}\u{10FFFF}`;
