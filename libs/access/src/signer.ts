import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { KeySet } from './keys.ts';

/** Signs with a key that stays where it is: in a file, a bank's key-management system or a hardware module. Ed25519 (RFC 8032). */
export interface Signer {
  /** Version of the key that signs. */
  readonly keyVersion: number;
  sign(bytes: Uint8Array): Promise<Buffer>;
  /** Of the current version and of earlier ones that are still there. */
  readonly publicKeys: ReadonlyMap<number, KeyObject>;
}

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Signs with keys of the file of keys. */
export function fileSigner(keys: KeySet): Signer {
  const privateKeys = new Map(
    keys.versions.map((version) => {
      const key = Buffer.concat([pkcs8Prefix, keys.get(version).export()]);
      return [version, createPrivateKey({ key, format: 'der', type: 'pkcs8' })];
    }),
  );
  const current = privateKeys.get(keys.currentVersion)!;
  return {
    keyVersion: keys.currentVersion,
    sign: async (bytes) => sign(null, bytes, current),
    publicKeys: new Map([...privateKeys].map(([version, key]) => [version, createPublicKey(key)])),
  };
}

/** Whether a signature is that of the key of this version. False for a version that is not there. */
export function isSigned(
  { keyVersion, signature }: { keyVersion: number; signature: Uint8Array },
  bytes: Uint8Array,
  publicKeys: ReadonlyMap<number, KeyObject>,
): boolean {
  const key = publicKeys.get(keyVersion);
  return key !== undefined && verify(null, bytes, key, signature);
}
