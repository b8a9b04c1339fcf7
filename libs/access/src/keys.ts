import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * Where keys are kept: a bank's key-management system or hardware module. Data keys are stored wrapped; only this port
 * can unwrap them.
 */
export interface KeyManagement {
  wrap(dataKey: Buffer): Promise<Buffer>;
  unwrap(wrapped: Buffer): Promise<Buffer>;
}

const versions = z.record(
  z.string().regex(/^\d{1,3}$/),
  z.base64().transform((text) => Buffer.from(text, 'base64')),
);
const KeysFile = z.strictObject({
  /** Key-encryption keys. */
  kek: versions.optional(),
  /** Keys of the blind indexes. */
  index: versions.optional(),
  /** Keys of the hashes in audit entries. */
  audit: versions.optional(),
  /** Keys that seal page tokens: retired as soon as nobody pages on. */
  pageToken: versions.optional(),
  /** Keys that seal stored replies: retired a day after their successors came. */
  reply: versions.optional(),
  /** Seeds of the Ed25519 keys that sign heads of the audit log. Never retired: old heads are checked with their public halves. */
  headSigning: versions.optional(),
});

type Purpose = keyof z.infer<typeof KeysFile>;

/** Keys of one purpose by version; the highest is the current one. */
export interface KeySet {
  readonly currentVersion: number;
  /** The highest below the current one; undefined once the others are retired. */
  readonly previousVersion: number | undefined;
  /** Every one that is there, the current one first. */
  readonly versions: readonly number[];
  /** As a key object, made once: from bytes Node would make one anew at every use. Throws for a version that is not there. */
  get(version: number): KeyObject;
}

/** Reading one of another purpose than those asked for throws. */
export type Keys = Readonly<Record<Purpose, KeySet>>;

/**
 * Reads the keys of some purposes (`secrets` of a manifest) from the file of keys (mode 0600, mounted as a secret). Throws for a purpose that the file does
 * not hold, and when a key is not 32 bytes long.
 */
export function readKeys(path: string, wanted: readonly string[]): Keys {
  const file = readFile(path);
  const keys = {} as Record<Purpose, KeySet>;
  for (const purpose of wanted) {
    const found = file[purpose as Purpose];
    if (found === undefined) throw new Error(`${path} holds no keys of ${purpose}`);
    keys[purpose as Purpose] = keySet(found);
  }
  for (const purpose of KeysFile.keyof().options.filter((one) => !wanted.includes(one))) {
    const get = (): never => {
      throw new Error(`the keys of ${purpose} are not among the secrets of service.yaml`);
    };
    Object.defineProperty(keys, purpose, { get });
  }
  return keys;
}

/** Purposes of keys that the file holds beside those wanted. A service should have no key that it does not use; one that has some starts all the same. */
export const otherKeys = (path: string, wanted: readonly string[]): string[] =>
  Object.keys(readFile(path)).filter((purpose) => !wanted.includes(purpose));

const readFile = (path: string): z.infer<typeof KeysFile> => KeysFile.parse(JSON.parse(readFileSync(path, 'utf8')));

/** Throws when there is no version, one that does not fit the byte in which sealed values name it, or a key that has not 32 bytes. */
export function keySet(byVersion: Readonly<Record<string, Buffer>>): KeySet {
  const entries = Object.entries(byVersion);
  if (entries.length === 0) throw new Error('a key set needs at least one version');
  for (const [version, key] of entries) {
    if (Number(version) > 255) throw new Error(`key version ${version} must be at most 255`);
    if (key.length !== 32) throw new Error(`key version ${version} must have 32 bytes`);
  }
  const keys = new Map(entries.map(([version, key]) => [Number(version), createSecretKey(key)]));
  const versions = [...keys.keys()].sort((a, b) => b - a);
  const [currentVersion, previousVersion] = versions;
  return {
    currentVersion: currentVersion!,
    previousVersion,
    versions,
    get(version) {
      const key = keys.get(version);
      if (!key) throw new Error(`no key of version ${version}`);
      return key;
    },
  };
}

/** Key management by a file of key-encryption keys: one version byte, nonce, AES-256-GCM tag, wrapped key. */
export function fileKeyManagement(kek: KeySet): KeyManagement {
  return {
    async wrap(dataKey) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', kek.get(kek.currentVersion), nonce);
      const body = Buffer.concat([cipher.update(dataKey), cipher.final()]);
      return Buffer.concat([Buffer.from([kek.currentVersion]), nonce, cipher.getAuthTag(), body]);
    },
    async unwrap(wrapped) {
      const decipher = createDecipheriv('aes-256-gcm', kek.get(wrapped[0]!), wrapped.subarray(1, 13), { authTagLength: 16 });
      decipher.setAuthTag(wrapped.subarray(13, 29));
      return Buffer.concat([decipher.update(wrapped.subarray(29)), decipher.final()]);
    },
  };
}
