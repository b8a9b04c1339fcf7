import { asciiDigits } from './ascii-digits.ts';
import { invalid } from './errors.ts';
import { isList, signs, withoutOrdinaryNumbers } from './ordinary-numbers.ts';

/**
 * Free text is shown to many and kept in the clear, that of the audit log for ever, so identifying numbers have no place in it. Throws
 * INVALID `IDENTIFYING_TEXT`, which names the kind found and never the number.
 */
export function refuseIdentifyingText(field: string, text: string): void {
  const kind = identifyingKindIn(text);
  if (kind !== undefined) throw invalid(field, `must not contain an identifying number (${kind})`, 'IDENTIFYING_TEXT');
}

/**
 * The kind of the first identifying value in a text: an ID, account, card or phone number, or an e-mail address. What separates the digits, and the script that
 * they are written in, make no difference.
 */
export function identifyingKindIn(text: string): 'id-number' | 'account-number' | 'phone' | 'email' | undefined {
  // ー and its like are letters by their class and dashes by their use.
  const plain = withDigits(asciiDigits(text).replaceAll(/\p{Lm}/gu, '-'));
  if (/[\p{L}\p{N}_.+-]@[\p{L}\p{N}_-]+\.[\p{L}\p{N}_.]+/u.test(plain)) return 'email';
  const rest = withoutOrdinaryNumbers(plain);
  const joined = rest.replaceAll(/(?<=\d)[^\p{L}\p{N}+,、;。!?]+(?=[\dX])/giu, '');
  // Enumerations are separate numbers; only a number whose shape is beyond doubt is put together across their commas.
  const enumerated = rest.replaceAll(/(?<=\d)[^\p{L}\p{N}]+(?=[\dX])/giu, '');
  const dated = rest.replaceAll(/(?<=\d)(?:[^\p{L}\p{N}]|[年月日号])+(?=[\dX])/giu, '');
  if (idNumbers.some((shape) => shape.test(joined)) || [enumerated, dated].some((text) => residentId.test(text)))
    return 'id-number';
  if (creditCode.test(rest) || hongKongId.test(rest)) return 'id-number';
  if (phones.some((shape) => shape.test(joined)) || mobile.test(enumerated)) return 'phone';
  if (/\d{12,}/.test(joined)) return 'account-number';
  return kindAcrossCommas(rest);
}

const run = /\+?\d(?:[^\p{L}\p{N}+]*\d)*/gu;
/** More than the greatest amount: 1,101,051,949,123,100. */
const tooGreat = /^\d{1,3}(?:,\d{3}){5,}$/;
const card = /^(?:62\d{14,17}|4\d{15}|5[1-5]\d{14})$/;

function kindAcrossCommas(text: string): 'account-number' | 'phone' | undefined {
  for (const [found] of text.matchAll(run)) {
    if (tooGreat.test(found)) return 'account-number';
    if (isList(found.replace('+', ''))) continue;
    const number = found.replaceAll(/[^\d+]/g, '');
    if (card.test(number)) return 'account-number';
    if (/^(?:\+\d{10,15}|00[1-9]\d{9,14}|0(?:10|2\d|[3-9]\d{2})\d{7,8})$/.test(number)) return 'phone';
  }
  return undefined;
}

const residentId = /(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dX](?!\d)/i;
const idNumbers = [
  /(?<!\d)\d{17}[\dX](?!\d)/i,
  // Passports, and travel permits of Hong Kong and Macau residents with the two digits that count their issues.
  /(?<![A-Z0-9])(?:[EGDSPHM]|E[A-HJ-NP-Z])[^\p{L}\p{N}]?\d{7,8}(?:\d{2})?(?!\d)/iu,
];
// Unified social credit codes (GB 32100-2015) and Hong Kong identity cards have letters too, and letters are not joined: words are separate.
const creditCode = new RegExp(
  String.raw`(?<![0-9A-Z])[159Y]${signs}[1239]${signs}(?:\d${signs}){6}(?:[0-9A-HJ-NP-RTUWXY]${signs}){9}[0-9A-HJ-NP-RTUWXY](?![0-9A-Z])`,
  'iu',
);
const hongKongId = /(?<![A-Z])[A-Z]{1,2}[ -]?\d{3}[ -]?\d{3}\s?\([0-9A]\)/i;

const mobile = /(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)/;
const phones = [
  mobile,
  /(?<!\d)0(?:10|2\d|[3-9]\d{2})\d{7,8}(?!\d)/,
  // With a country code, or begun as those of Hong Kong, Macau and Taiwan are.
  /\+\d{9,15}(?!\d)/,
  /(?<!\d)00[1-9]\d{8,14}(?!\d)/,
  /(?<!\d)(?:852[2-9]\d{7}|8536\d{7}|886[2-9]\d{7,8})(?!\d)/,
];

const numerals = ['〇零', '一幺壹', '二贰貳', '三叁參', '四肆', '五伍', '六陆陸', '七柒', '八捌', '九玖'];
const numeral = new RegExp(`[${numerals.join('')}]`, 'g');
const numeralRun = new RegExp(String.raw`[\d${numerals.join('')}](?:${signs}[\d${numerals.join('')}]){2,}`, 'gu');
const digitOf = (text: string): string => String(numerals.findIndex((written) => written.includes(text)));

/** Three and more Chinese numerals written digit by digit, as `一三八〇〇…`, as digits; amounts in words have 十, 百 or 千 between them. */
const withDigits = (text: string): string =>
  text.replaceAll(numeralRun, (run) => ((run.match(numeral)?.length ?? 0) < 3 ? run : run.replaceAll(numeral, digitOf)));
