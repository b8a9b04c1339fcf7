import { normaliseIdNumber } from '@bankcrm/access/normalise';
import { isCivilDate } from '@bankcrm/kernel';

/**
 * What a resident identity number says about itself.
 * Source: GB 11643-1999 《公民身份号码》: address code (6), birth date (8), order code (3, odd = male), check character by
 * ISO 7064 MOD 11-2.
 */
export interface ResidentId {
  /** `BAD_SHAPE` is neither 18 nor 15 characters of the standard's; `LEGACY` the 15-digit form of before 1 October 1999, without century and check. */
  form: 'STANDARD' | 'LEGACY' | 'BAD_SHAPE';
  /** True for the 15-digit form, which has no check character. */
  checkHolds: boolean;
  /** `YYYY-MM-DD`; undefined where the digits are no date. */
  birthDate: string | undefined;
}

/** Weights of the first 17 places, 2^(18-i) mod 11, and the check character for each remainder (GB 11643-1999, 4.2). */
const residentWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const residentChecks = '10X98765432';

/** Reads a number already normalised to digits and capital letters. */
export function readResidentId(number: string): ResidentId {
  if (/^\d{15}$/.test(number)) {
    const birthDate = `19${number.slice(6, 8)}-${number.slice(8, 10)}-${number.slice(10, 12)}`;
    return { form: 'LEGACY', checkHolds: true, birthDate: isCivilDate(birthDate) ? birthDate : undefined };
  }
  if (!/^\d{17}[\dX]$/.test(number)) return { form: 'BAD_SHAPE', checkHolds: false, birthDate: undefined };
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  return {
    form: 'STANDARD',
    checkHolds: residentCheck(number) === number[17],
    birthDate: isCivilDate(birthDate) ? birthDate : undefined,
  };
}

function residentCheck(number: string): string {
  let sum = 0;
  for (const [index, weight] of residentWeights.entries()) sum += weight * (number.charCodeAt(index) - 48);
  return residentChecks[sum % 11]!;
}

/**
 * The other form of a resident's number, 15 digits of an 18-character one and the reverse: without century and check, the rest is the same. Order codes
 * 996 to 999 were kept for people over a hundred when 15 digits were given, so theirs is the century before. Undefined for what
 * has no other form, a wrong check among it.
 * Source: GB 11643-1989 and GB 11643-1999.
 */
export function otherResidentForm(number: string): string | undefined {
  const { form, checkHolds, birthDate } = readResidentId(number);
  if (form === 'BAD_SHAPE' || !checkHolds) return undefined;
  const order = form === 'LEGACY' ? number.slice(12) : number.slice(14, 17);
  const century = order >= '996' ? '18' : '19';
  if (form === 'STANDARD')
    return number.slice(6, 8) === century && birthDate ? number.slice(0, 6) + number.slice(8, 17) : undefined;
  const long = `${number.slice(0, 6)}${century}${number.slice(6)}`;
  const whole = long + residentCheck(long);
  return readResidentId(whole).birthDate === undefined ? undefined : whole;
}

/** Characters of a unified social credit code in the order of their values 0 to 30: no I, O, S, V, Z (GB 32100-2015, table 2). */
const creditAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
/** 3^(i-1) mod 31 (GB 32100-2015, annex A). */
const creditWeights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/**
 * Whether a unified social credit code has the standard's 18 characters and its check character holds.
 * Source: GB 32100-2015 《法人和其他组织统一社会信用代码编码规则》.
 */
export function isCreditCode(number: string): boolean {
  if (number.length !== 18) return false;
  let sum = 0;
  for (const [index, weight] of creditWeights.entries()) {
    const value = creditAlphabet.indexOf(number[index]!);
    if (value < 0) return false;
    sum += value * weight;
  }
  return creditAlphabet[(31 - (sum % 31)) % 31] === number[17];
}

/** Weights of an organisation code's eight characters; digits count as themselves, letters from A = 10 (GB 11714-1997, 4.3). */
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2];

/** Whether an organisation code of before 2015, without its hyphen, has nine characters and its check character holds. */
function isOrganisationCode(code: string): boolean {
  if (!/^[0-9A-Z]{8}[0-9X]$/.test(code)) return false;
  let sum = 0;
  for (const [index, weight] of organisationWeights.entries()) sum += weight * Number.parseInt(code[index]!, 36);
  return '0X987654321'[sum % 11] === code[8];
}

/** A credit code holds the organisation's code of before in places 9 to 17 (GB 32100-2015, 4). Other documents have nine characters too: a key of its own. */
const organisationKey = (code: string): string => `organisation ${code}`;

/**
 * What an identifier of a source is indexed by, from its digits and capital letters: a credit code by the organisation's code in it, a travel permit of Hong
 * Kong and Macau residents without the two digits that count its issues, all others as they are.
 */
export function indexedIdNumber(kind: string, number: string): string {
  if (kind === 'unified-social-credit-code' && isCreditCode(number)) return organisationKey(number.slice(8, 17));
  if (kind === 'travel-permit' && /^[HM]\d{10}$/.test(number)) return number.slice(0, 9);
  return number;
}

/** What a typed identifier may be indexed by, the first its own digits and capital letters. */
export function idNumberForms(text: string): string[] {
  const number = normaliseIdNumber(text);
  const forms = [number, otherResidentForm(number), indexedIdNumber('travel-permit', number)];
  // A bare code of nine characters may be a passport: only one written as organisation codes are stands for an organisation.
  if (/^[0-9A-Z]{8}\p{Pd}[0-9X]$/iu.test(text.normalize('NFKC').trim()) && isOrganisationCode(number))
    forms.push(organisationKey(number));
  if (isCreditCode(number)) forms.push(organisationKey(number.slice(8, 17)), number.slice(8, 17));
  return [...new Set(forms.filter((form) => form !== undefined))];
}
