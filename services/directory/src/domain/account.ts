/** What the identity provider must hold of a person. */
export interface WantedAccount {
  staffNumber: string;
  email: string;
  enabled: boolean;
}

/** What the identity provider holds of a person. */
export interface HeldAccount {
  email: string;
  emailVerified: boolean;
  enabled: boolean;
}

/** Whether nobody has altered or removed the account since it was stored. */
export const isAsWanted = (held: HeldAccount | undefined, wanted: WantedAccount): boolean =>
  held !== undefined && held.enabled === wanted.enabled && held.emailVerified && held.email === wanted.email;

const firstMs = 1_000;
const longestMs = 30_000;
const longestRefusedMs = 86_400_000;

const doubled = (attempts: number, atMostMs: number): number => Math.min(firstMs * 2 ** Math.min(attempts - 1, 20), atMostMs);

/** How long to wait after so many failed attempts: one second, doubled each time, at most half a minute. */
export const backoffMs = (attempts: number): number => doubled(attempts, longestMs);

/** The same for an account that is refused for one of its fields, and will be again: at most a day. A change of the person does not wait for it. */
export const refusedBackoffMs = (attempts: number): number => doubled(attempts, longestRefusedMs);

/** Without characters that look like another one when read from paper or over the phone. */
const lower = 'abcdefghijkmnpqrstuvwxyz';
const upper = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const digits = '23456789';
const length = 16;

/**
 * A password to be used once, of 16 characters with lower case, upper case and digits (about 90 bits), from random bytes:
 * at least 64 of them. Bytes that would favour some characters are skipped.
 */
export function temporaryPassword(random: Uint8Array): string {
  const alphabet = lower + upper + digits;
  const fair = 256 - (256 % alphabet.length);
  let password = '';
  for (const byte of random) {
    if (byte >= fair) continue;
    password += alphabet[byte % alphabet.length]!;
    if (password.length === length) break;
  }
  if (password.length < length) throw new Error('too few random bytes for a password');
  const complete = [lower, upper, digits].every((set) => [...password].some((character) => set.includes(character)));
  // One in thirty lacks a digit or a case: the rest of the bytes make another.
  return complete ? password : temporaryPassword(random.subarray(length));
}
