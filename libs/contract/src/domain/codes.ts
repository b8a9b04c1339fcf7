import type { Amount } from '@bankcrm/proto/gen/corebanking/v1/common.ts';
import { cleanText } from './clean-text.ts';

/**
 * Codes of core banking as they are looked up: without the blanks that fixed-width systems fill up with, in letters and digits of normal width, and in
 * the case in which their list is written.
 */
type ReadCode = (text: string) => string;

const isDigitHyphenOrHan = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || unit === 0x2d || (unit >= 0x4e00 && unit <= 0x9fff);
const isSmall = (unit: number): boolean => unit >= 0x61 && unit <= 0x7a;
const isCapital = (unit: number): boolean => unit >= 0x41 && unit <= 0x5a;

/** Nearly every code stands as its list has it, and a posting has three: only the others are rewritten. */
function codeOf(isPlain: (unit: number) => boolean, inCase: ReadCode): ReadCode {
  return (text) => {
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      if (!isDigitHyphenOrHan(unit) && !isPlain(unit)) return inCase(cleanText(text.normalize('NFKC')));
    }
    return text;
  };
}

/** Lists in small letters: segments, kinds and channels of postings, purposes of addresses, ratings of risk, states of hits. */
export const smallCode: ReadCode = codeOf(isSmall, (text) => text.toLowerCase());

/** Lists in capitals: org units, countries, currencies, industries, risk preferences; and numbers of staff and regions. */
export const capitalCode: ReadCode = codeOf(isCapital, (text) => text.toUpperCase());

/** Lists of which the bank says the case: products, grades. */
export const bankCode: ReadCode = codeOf(
  (unit) => isSmall(unit) || isCapital(unit),
  (text) => text,
);

/** An amount with its currency as ISO 4217 writes it. */
export const readAmount = (amount: Amount | undefined): Amount | undefined =>
  amount && { ...amount, currencyCode: capitalCode(amount.currencyCode) };
