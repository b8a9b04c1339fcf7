import { createHash, randomBytes } from 'node:crypto';

/** A new token for a link that is opened without sign-in: 128 random bits as 32 hexadecimal digits, which any address may hold. Only its hash is stored. */
export function newLinkToken(): { token: string; hash: Buffer } {
  const token = randomBytes(16).toString('hex');
  return { token, hash: linkTokenHash(token) };
}

/** What a token is stored and found by: its SHA-256, 32 bytes. Without salt: what has 128 random bits is in no table of guesses. */
export const linkTokenHash = (token: string): Buffer => createHash('sha256').update(token).digest();
