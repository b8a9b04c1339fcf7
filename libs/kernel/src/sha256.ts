import { hash } from 'node:crypto';

/** SHA-256 of bytes: 32 bytes. */
// A digest asked for as a Buffer brings memory of its own, which costs three times as much as the hashing.
export const sha256 = (bytes: Uint8Array): Buffer => Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');

/** As {@link sha256}, into a buffer: for many digests in a row. */
export function sha256Into(bytes: Uint8Array, target: Buffer, at: number): void {
  target.write(hash('sha256', bytes, 'binary'), at, 32, 'latin1');
}
