import { createCipheriv, createDecipheriv, createHmac, randomFillSync } from 'node:crypto';
import { AppError } from '@bankcrm/kernel';
import type { KeySet } from './keys.ts';

/** Where a sealed value stands. It is authenticated with the value, so a ciphertext moved elsewhere does not open. */
export interface Place {
  table: string;
  column: string;
  /** An id of the row that never changes. */
  rowId: string;
}

export interface FieldCrypto {
  seal(value: string | Uint8Array, place: Place): Buffer;
  /** Throws INTERNAL `SEAL_BROKEN` when the value was changed, moved, or sealed with a key that is gone. */
  open(sealed: Uint8Array, place: Place): Buffer;
}

/** First byte of a sealed value. SM4-GCM can become 2 without touching what is stored. */
const aes256Gcm = 1;
const headerLength = 2;
const nonceLength = 12;
const tagLength = 16;

/** Random bytes drawn 341 nonces at a time: one by one they cost more than the sealing. Each is used once. */
const drawn = Buffer.alloc(341 * nonceLength);
let used = drawn.length;

function nextNonce(): Buffer {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += nonceLength;
  return Buffer.from(drawn.subarray(used - nonceLength, used));
}

const authenticated = ({ table, column, rowId }: Place): Buffer => Buffer.from(`${table}\u0000${column}\u0000${rowId}`);

/**
 * Seals single values: algorithm, key version, nonce, AES-256-GCM tag, ciphertext. Nonces are random 96-bit values
 * (NIST SP 800-38D §8.2.2): a data key may seal 2³² values before it must be followed by a new version.
 */
export function fieldCrypto(dataKeys: KeySet): FieldCrypto {
  return {
    seal(value, place) {
      const nonce = nextNonce();
      const version = dataKeys.currentVersion;
      const cipher = createCipheriv('aes-256-gcm', dataKeys.get(version), nonce);
      cipher.setAAD(authenticated(place));
      const body = cipher.update(value);
      cipher.final();
      const sealed = Buffer.allocUnsafe(headerLength + nonceLength + tagLength + body.length);
      sealed[0] = aes256Gcm;
      sealed[1] = version;
      sealed.set(nonce, headerLength);
      sealed.set(cipher.getAuthTag(), headerLength + nonceLength);
      sealed.set(body, headerLength + nonceLength + tagLength);
      return sealed;
    },
    open(sealed, place) {
      try {
        if (sealed[0] !== aes256Gcm) throw new Error(`unknown algorithm ${sealed[0]}`);
        const nonceEnd = headerLength + nonceLength;
        const decipher = createDecipheriv('aes-256-gcm', dataKeys.get(sealed[1]!), sealed.subarray(headerLength, nonceEnd), {
          // Without it a tag cut to four bytes would do, and four bytes can be guessed.
          authTagLength: tagLength,
        });
        decipher.setAAD(authenticated(place));
        decipher.setAuthTag(sealed.subarray(nonceEnd, nonceEnd + tagLength));
        return Buffer.concat([decipher.update(sealed.subarray(nonceEnd + tagLength)), decipher.final()]);
      } catch (error) {
        throw new AppError('INTERNAL', 'SEAL_BROKEN', { cause: error });
      }
    },
  };
}

/** Keyed hash for exact look-up of a sealed value: 16 bytes of HMAC-SHA-256 over kind and normalised value. */
export function blindIndex(keys: KeySet) {
  const hash = (version: number, kind: string, normalised: string): Buffer => {
    // A digest as a Buffer brings memory of its own, which costs half as much again as the hashing.
    const digest = createHmac('sha256', keys.get(version)).update(`${kind}\u0000${normalised}`).digest('binary');
    return Buffer.from(digest.slice(0, 16), 'binary');
  };
  return {
    /** The version that new rows are indexed with. */
    currentVersion: keys.currentVersion,
    of: (kind: string, normalised: string): Buffer => hash(keys.currentVersion, kind, normalised),
    /** Every hash a row may carry while keys rotate: the current version's and the one before. */
    candidates(kind: string, normalised: string): Buffer[] {
      const versions = keys.previousVersion === undefined ? [keys.currentVersion] : [keys.currentVersion, keys.previousVersion];
      return versions.map((version) => hash(version, kind, normalised));
    },
  };
}

export type BlindIndex = ReturnType<typeof blindIndex>;

/** Keyed hash of a value before or after a change, for audit entries: tells equal from unequal and nothing else. */
export const auditHash = (keys: KeySet, value: string | Uint8Array): Buffer =>
  createHmac('sha256', keys.get(keys.currentVersion)).update(value).digest();
