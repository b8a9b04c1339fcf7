import { countryCodeOf, isMainlandMobile, normalisePhone } from './phone.ts';

/**
 * What is shown of an identifying value to callers without `reveal`. Rows keep the masked form beside the sealed value,
 * so that lists and views need no key.
 */
const stars = (count: number): string => '*'.repeat(count);
const tail = (value: string, count: number): string => value.slice(-count);

/** `138****1234`, `+86******0001`, `+852******01`: the fewer digits a number has, the fewer are shown. */
export function maskPhone(value: string): string {
  const number = normalisePhone(value);
  if (isMainlandMobile(number)) return `${number.slice(0, 3)}****${tail(number, 4)}`;
  const code = countryCodeOf(number);
  const rest = number.slice(code.length).replace('+', '');
  const shown = rest.length >= 10 ? 4 : 2;
  return code + stars(Math.max(rest.length - shown, 4)) + tail(rest, shown);
}

/**
 * Of resident numbers (GB 11643; residence permits of foreigners and of Hong Kong, Macau and Taiwan residents have their shape) the two digits before
 * the check character: the birth date is on the profile, and the check character would rule out ten of eleven guesses at the rest. Of other documents
 * the last ones, the fewer the shorter they are.
 */
export function maskIdNumber(value: string): string {
  if (/^\d{17}[\dX]$/.test(value)) return `${stars(15)}${value.slice(15, 17)}*`;
  // Older permanent residence permits hold a birth date too, one digit for the order in it and a check digit.
  if (/^[A-Z]{3}\d{12}$/.test(value)) return `${stars(13)}${value[13]}*`;
  const shown = /^\d{15,17}$/.test(value) || value.length < 8 ? 2 : value.length < 12 ? 3 : 4;
  return stars(Math.max(value.length - shown, 4)) + tail(value, shown);
}

/** Twelve stars whatever the length, and the last four. */
export const maskAccountNumber = (value: string): string => stars(12) + tail(value, value.length > 8 ? 4 : 2);

/** `z***@example.com` */
export function maskEmail(value: string): string {
  const at = value.lastIndexOf('@');
  return at < 1 ? '***' : `${[...value][0]}***${value.slice(at)}`;
}

/** A value that was shown masked and now comes back is no new value: masks contain runs of stars, real values do not. */
export const looksMasked = (value: string): boolean => /\*{2,}|^.{1,2}\*$/u.test(value);
