import { asciiDigits } from '@bankcrm/kernel';
// `min` knows the lengths and first digits of each country's numbers; `max` also the blocks in use, and takes newer ones (+852 9000 0001) for wrong.
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

const mainlandMobile = /^1[3-9]\d{9}$/;
/** Area codes of three digits, without the trunk 0, as the Ministry of Industry and Information Technology gives them, and those given up of late. */
const areaCodes = [
  '3(?:1[0-9]|35|49|5[0-9]|7[0-9]|9[1-68])',
  '4(?:1[0-9]|2[179]|3[0-9]|48|5[0-9]|6[4-9]|7[0-9]|8[23])',
  '5(?:1[0-9]|2[37]|3[0-9]|4[36]|5[0-9]|6[1-6]|7[0-9]|80|9[1-9])',
  '6(?:3[1-5]|6[0238]|9[12])',
  '7(?:01|1[0-9]|2[248]|3[0-9]|4[3-6]|5[0-9]|6[023689]|7[0-9]|9[0-9])',
  '8(?:1[236-8]|2[5-7]|3[0-9]|5[1-9]|7[0-9]|8[3678]|9[0-9])',
  '9(?:0[1-3689]|1[0-9]|3[0-9]|4[13]|5[1-5]|7[0-9]|9[0-9])',
];
/** Area code, and a subscriber's number, which begins with 2 to 8; 400 and 800 services. */
const mainlandLine = new RegExp(String.raw`^(?:(?:10|2[0-57-9])[2-8]\d{7}|(?:${areaCodes.join('|')})[2-8]\d{6,7}|[48]00\d{7})$`);
/** In the form of a mainland mobile a number of America too, whose exchanges begin with 2 to 9 (North American Numbering Plan). */
const alsoAmerican = /^1[3-9]\d{2}[2-9]\d{6}$/;
/** Bare numbers that begin so are Hong Kong's, Macau's and Taiwan's: no mainland line in use has them as its area code and eight digits more. */
const neighbour = /^(?:85[23]\d{8}|886\d{8,9})$/;
/** Bare numbers that may begin with another country code. Eleven digits from 1 on are a mistyped mainland mobile rather than America's. */
const bareAbroad = /^(?!1\d{10}$)[1-9]\d{9,14}$/;
/** What leads on inside a house: `转 801`, `ext. 801`, `#801`. */
const extension = /[\s,;([]*(?:转|轉|分机|分機|内线|內線|ext(?:ension|n)?|x|#)[\s.:=#]*\d{0,6}(?:[\p{Pd}/]\d{1,5})?[\s)\]]*$/iu;
/** Characters of a text that are read; what is longer is no number, and matching an extension takes the square of it. */
const longest = 100;
/** `-801`, `(801)`, `*801`, and the next line of a house: `/2`. */
const shortExtension = /[\s\p{Pd},;(*/]+\d{1,5}[\s)]*$/u;

export const isMainlandMobile = (number: string): boolean => mainlandMobile.test(number);

/**
 * The one spelling of a complete phone number, however it is written: E.164 (`+861060000001`, `+85290000001`), and of mainland mobiles the eleven digits
 * that most rows hold. Without a country code a number is the mainland's where it can be. Undefined for what is no complete number.
 */
export const readPhone = (text: string): string | undefined => (mainlandMobile.test(text) ? text : read(written(text)));

/** What leads on inside a house, its digits: `801` of `010-6000 0001 转 801`; empty where there is nothing. */
export function extensionOf(text: string): string {
  if (mainlandMobile.test(text)) return '';
  const marked = extension.exec(asciiDigits(text.slice(0, longest)))?.[0] ?? '';
  const given = written(text);
  const isDashed = complete(given.digits, given.international) === undefined && read(given) !== undefined;
  const dashed = isDashed ? (shortExtension.exec(given.number)?.[0] ?? '') : '';
  return (dashed + marked).replaceAll(/\D/g, '');
}

/** {@link readPhone}; what is no complete number is known by its digits, with `+` where it begins with a country code. */
export function normalisePhone(text: string): string {
  if (mainlandMobile.test(text)) return text;
  const given = written(text);
  return read(given) ?? (given.international ? `+${given.digits}` : given.digits);
}

/**
 * The spellings under which a typed number may be indexed, the first its own: a bare number may have been stored with its country code, and rows
 * that are not renewed yet have the digits as they came.
 */
export function phoneForms(text: string): string[] {
  const own = normalisePhone(text);
  const { digits, international } = written(text);
  if (mainlandMobile.test(own)) return !international && own === digits && alsoAmerican.test(own) ? [own, `+${own}`] : [own];
  const forms = [own, digits];
  // As a row that has the number without its `+` may have been read.
  if (international) forms.push(normalisePhone(digits));
  else forms.push(digits.startsWith('0') ? `+86${digits.slice(1)}` : `+${digits}`);
  if (own.startsWith('+')) forms.push(own.slice(1), `00${own.slice(1)}`);
  if (own.startsWith('+86')) forms.push(`0${own.slice(3)}`);
  // A number of another country never stands for a mainland mobile of the same digits.
  return [...new Set(forms)].filter((form) => !mainlandMobile.test(form));
}

/** Whether a text is a mobile's complete number; many countries give mobiles and landlines one shape, so abroad any complete number may be one. */
export function isMobile(text: string): boolean {
  const number = readPhone(text);
  return number !== undefined && !number.startsWith('+86');
}

/** Whether a text is nothing but a phone number's digits, signs between them, and an extension. */
export function isPhoneText(text: string): boolean {
  const { number, digits } = written(text);
  return digits.length >= 7 && digits.length <= 32 && !/[\p{L}*@]/u.test(number);
}

/** `+852` of a number in E.164; empty for others. */
export function countryCodeOf(number: string): string {
  if (number.startsWith('+86')) return '+86';
  const code = number.startsWith('+') ? parsePhoneNumberFromString(number)?.countryCallingCode : undefined;
  return code === undefined ? '' : `+${code}`;
}

interface Written {
  /** Without its extension. */
  number: string;
  /** Without what stands before a country code. */
  digits: string;
  international: boolean;
}

function written(text: string): Written {
  const number = asciiDigits(text.slice(0, longest)).replace(extension, '').trim();
  const international = /^\D*\+/.test(number) || /^\D*0\D*0/.test(number);
  return { number, digits: digitsOf(number, international), international };
}

const digitsOf = (number: string, international: boolean): string => {
  const digits = number.replaceAll(/\D/g, '');
  return international ? digits.replace(/^00/, '') : digits;
};

function read({ number, digits, international }: Written): string | undefined {
  const whole = complete(digits, international);
  if (whole !== undefined || !shortExtension.test(number)) return whole;
  return complete(digitsOf(number.replace(shortExtension, ''), international), international);
}

function complete(digits: string, international: boolean): string | undefined {
  // `086` is written too, and is no area code.
  const home = /^0?86/.test(digits) ? mainland(digits.replace(/^0?86/, '')) : undefined;
  if (home !== undefined) return home;
  if (international || neighbour.test(digits)) return abroad(`+${digits}`);
  return mainland(digits) ?? (bareAbroad.test(digits) ? abroad(`+${digits}`) : undefined);
}

function mainland(digits: string): string | undefined {
  const number = digits.replace(/^0/, '');
  if (mainlandMobile.test(number)) return number;
  return mainlandLine.test(number) ? `+86${number}` : undefined;
}

function abroad(number: string): string | undefined {
  if (number.startsWith('+86')) return undefined;
  const parsed = parsePhoneNumberFromString(number, { extract: false });
  return parsed?.isValid() ? parsed.number : undefined;
}
