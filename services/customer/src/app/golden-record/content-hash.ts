import { createHmac } from 'node:crypto';
import type { KeySet } from '@bankcrm/access';

/** Keyed hash of a snapshot's encoded content: tells whether a repair differs, and nothing else. 16 bytes of HMAC-SHA-256. */
export const contentHash = (keys: KeySet, content: Uint8Array): Buffer =>
  // As text first: a digest as a Buffer brings memory of its own.
  Buffer.from(createHmac('sha256', keys.get(keys.currentVersion)).update(content).digest('binary').slice(0, 16), 'binary');
