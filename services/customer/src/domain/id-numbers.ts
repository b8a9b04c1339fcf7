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
  let sum = 0;
  for (const [index, weight] of residentWeights.entries()) sum += weight * (number.charCodeAt(index) - 48);
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  return {
    form: 'STANDARD',
    checkHolds: residentChecks[sum % 11] === number[17],
    birthDate: isCivilDate(birthDate) ? birthDate : undefined,
  };
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
