import { asciiDigits } from '@bankcrm/kernel';

/** One spelling per value before it is indexed or compared, so that what was typed finds what was stored. */

/** Capital letters and digits: `11010519491231002x` → `11010519491231002X`. Most come so already. */
export const normaliseIdNumber = (text: string): string =>
  /^[0-9A-Z]*$/.test(text)
    ? text
    : asciiDigits(text)
        .toUpperCase()
        .replaceAll(/[^0-9A-Z]/g, '');

/** Digits and letters without blanks and hyphens. */
export const normaliseAccountNumber = normaliseIdNumber;

export const normaliseEmail = (text: string): string => text.normalize('NFKC').trim().toLowerCase();
