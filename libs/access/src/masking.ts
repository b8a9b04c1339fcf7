/**
 * What is shown of an identifying value to callers without `reveal`. Rows keep the masked form beside the sealed value,
 * so that lists and views need no key.
 */
const stars = (count: number): string => '*'.repeat(count);
const tail = (value: string, count: number): string => value.slice(-count);

/** `138****1234`; a number too short to keep both ends shows its last two digits. */
export function maskPhone(value: string): string {
  if (value.length >= 11) return `${value.slice(0, 3)}****${tail(value, 4)}`;
  return stars(Math.max(value.length - 2, 4)) + tail(value, 2);
}

/** The last four; the birth date is on the profile, so the usual first six would give the whole number away. */
export const maskIdNumber = (value: string): string =>
  stars(Math.max(value.length - 4, 4)) + tail(value, value.length > 8 ? 4 : 2);

/** Twelve stars whatever the length, and the last four. */
export const maskAccountNumber = (value: string): string => stars(12) + tail(value, value.length > 8 ? 4 : 2);

/** `z***@example.com` */
export function maskEmail(value: string): string {
  const at = value.lastIndexOf('@');
  return at < 1 ? '***' : `${[...value][0]}***${value.slice(at)}`;
}

/** A value that was shown masked and now comes back is no new value: masks contain runs of stars, real values do not. */
export const looksMasked = (value: string): boolean => /\*{2,}|^.{1,2}\*$/u.test(value);
