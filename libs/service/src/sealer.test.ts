import { randomBytes } from 'node:crypto';
import { fieldCrypto, keySet } from '@bankcrm/access';
import { describe, expect, it } from 'vitest';
import { sealerOf } from './sealer.ts';

describe('a sealed message or reply', () => {
  const sealer = sealerOf(fieldCrypto(keySet({ 1: randomBytes(32) })));

  it.each([
    ['events.dead_letter/sealed_message/7', 'events.dead_letter/sealed_message/8'],
    ['events.dead_letter_correction/sealed_message/7/1', 'events.dead_letter_correction/sealed_message/7/2'],
    ['requests.request/sealed_reply/["staff/1","A/B","r1"]', 'requests.request/sealed_reply/["staff/1","A/B","r2"]'],
  ])('opens at its own place %s and not at %s', (place, elsewhere) => {
    const sealed = sealer.seal(place, Buffer.from('张伟'));
    expect(sealer.open(place, sealed).toString()).toBe('张伟');
    expect(() => sealer.open(elsewhere, sealed)).toThrow('SEAL_BROKEN');
  });
});
