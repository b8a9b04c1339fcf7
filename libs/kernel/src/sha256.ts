import { hash } from 'node:crypto';

/** SHA-256 of bytes: 32 bytes. */
export function sha256(bytes: Uint8Array): Buffer {
  // A digest as a Buffer brings memory of its own, which costs three times as much as hashing a short text.
  const digest = hash('sha256', bytes, 'binary');
  const buffer = Buffer.allocUnsafe(32);
  for (let index = 0; index < 32; index += 1) buffer[index] = digest.charCodeAt(index);
  return buffer;
}
