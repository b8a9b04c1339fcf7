import { createHmac } from 'node:crypto';
import type { KeySet } from '@bankcrm/access';

/** Keyed hash of a snapshot's encoded content: tells whether a repair differs, and nothing else. 16 bytes of HMAC-SHA-256. */
export const contentHash = (keys: KeySet, content: Uint8Array): Buffer =>
  createHmac('sha256', keys.get(keys.currentVersion)).update(content).digest().subarray(0, 16);
