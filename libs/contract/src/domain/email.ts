/** A customer's e-mail address in any script (RFC 6531), with a dot in its domain; no longer than RFC 5321 §4.5.3.1 has it. */
export const isEmail = (text: string): boolean =>
  text.length <= 254 && /^[^\s\p{Cc}@]{1,64}@[^\s\p{Cc}@.]+(?:\.[^\s\p{Cc}@.]+)+$/u.test(text);
