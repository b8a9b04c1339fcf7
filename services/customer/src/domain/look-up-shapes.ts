import { maskAccountNumber, maskIdNumber, maskPhone } from '@bankcrm/access/masking';
import { readResidentId } from '@bankcrm/contract/domain';

/** A complete number that somebody is looked up by, normalised, and the kind of its blind index. */
export interface LookedUp {
  kind: 'id-number' | 'phone' | 'account';
  number: string;
}

export interface Shape {
  /** What the numbers of one shape have in common. */
  text: string;
  /** So few people share it that misses of several members of staff say something, too. */
  isRare: boolean;
}

const masks = { 'id-number': maskIdNumber, phone: maskPhone, account: maskAccountNumber };

/** A mask that shows fewer leaves so many numbers that the day's allowance is enough. */
const leastShown = 4;
/** One in ten million numbers has the same seven digits in sight. */
const rarelyShared = 7;

/**
 * What is shown of a number, its owner's birth date included, to everybody who sees the customer: numbers that differ only in what is hidden are guesses at one
 * value. A number of which next to nothing is shown is a shape of its own.
 */
export function shapeOf({ kind, number }: LookedUp): Shape {
  const { form, birthDate } = readResidentId(number);
  // Digits 16 and 17 of a resident ID number (GB 11643-1999), the last two of an older one: the check digit follows from the others.
  if (kind === 'id-number' && birthDate !== undefined)
    return { text: `${kind} ${birthDate} ${number.slice(form === 'STANDARD' ? 15 : 13).slice(0, 2)}`, isRare: true };
  // Older permanent residence permits of foreigners: country (3), region (4), birth date (6), the order digit that the mask shows, check digit.
  if (kind === 'id-number' && /^[A-Z]{3}\d{12}$/.test(number)) return { text: `${kind} ${number.slice(7, 14)}`, isRare: true };
  const shown = masks[kind](number);
  // Whole towns share a country code.
  const telling = shown.replace(/^\+\d+(?=\*)/, '').replaceAll('*', '').length;
  return { text: `${kind} ${telling >= leastShown ? shown : number}`, isRare: kind === 'phone' && telling >= rarelyShared };
}
