import { createPublicKey, verify as isSignedBy, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileSigner, isSigned, readKeys } from '@bankcrm/access';
import { exactTypes } from '@bankcrm/database';
import type { SignedHead } from '@bankcrm/proto/gen/bankcrm/audit/v1/heads.ts';
import pg from 'pg';
import { signedBytes } from '../../domain/head.ts';

/** Reads a time of an option. Throws for what is none. */
export function timeOf(text: string, option: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time.getTime())) {
    throw new Error(`--${option} must be a time like 2026-11-30T08:00:00Z`);
  }
  return time;
}

/** Who says whether a head is the log's: public keys from PEM files, or, without any, those of the file of keys by their versions. */
export function signatureCheck(pemFiles: readonly string[], keysFile: string): (signed: SignedHead) => boolean {
  if (pemFiles.length === 0) {
    const { publicKeys } = fileSigner(readKeys(keysFile, ['headSigning']).headSigning);
    return (signed) => isSigned(signed, signedBytes(signed.head), publicKeys);
  }
  const keys: KeyObject[] = pemFiles.map((path) => createPublicKey(readFileSync(path)));
  return ({ head, signature }) => keys.some((key) => isSignedBy(null, signedBytes(head), key, signature));
}

/** Runs work with a connection of a command's own, whose statements may take as long as they take. */
export async function withConnection<T>(url: string, name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: name, options: '-c timezone=UTC', types: exactTypes });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs work on one snapshot of the database: all of it sees the same rows. */
export const snapshotOf =
  (client: pg.Client) =>
  async <T>(work: (tx: pg.Client) => Promise<T>): Promise<T> => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    try {
      return await work(client);
    } finally {
      await client.query('ROLLBACK');
    }
  };
