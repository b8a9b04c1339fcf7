/** One spelling per value before it is indexed or compared, so that what was typed finds what was stored. */

const fullWidthToAscii = (text: string): string => text.normalize('NFKC');

/** Digits of a phone number without the prefix of mainland China: `+86 138-0013-8000` → `13800138000`. */
export function normalisePhone(text: string): string {
  const digits = fullWidthToAscii(text).replaceAll(/[^\d+]/g, '');
  return digits.replace(/^(?:\+|00)86(?=1\d{10}$)/, '').replace(/^86(?=1\d{10}$)/, '');
}

/** Capital letters and digits: `11010519491231002x` → `11010519491231002X`. Most come so already. */
export const normaliseIdNumber = (text: string): string =>
  /^[0-9A-Z]*$/.test(text)
    ? text
    : fullWidthToAscii(text)
        .toUpperCase()
        .replaceAll(/[^0-9A-Z]/g, '');

/** Digits and letters without blanks and hyphens. */
export const normaliseAccountNumber = normaliseIdNumber;

export const normaliseEmail = (text: string): string => fullWidthToAscii(text).trim().toLowerCase();
