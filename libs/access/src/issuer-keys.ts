import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { type Clock, unauthenticated, unavailable } from '@bankcrm/kernel';
import { z } from 'zod';

const Reply = z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })) });

/** How long one fetch may take, and how long the next one waits: a flood of made-up key ids must not become a flood of requests. */
const fetchLimitMs = 3_000;

/**
 * Gives the issuer's public RSA keys by their id, fetched when one is asked for that is not known. Throws UNAVAILABLE
 * `IDENTITY_PROVIDER_UNREACHABLE` when they cannot be had, and UNAUTHENTICATED `INVALID_TOKEN` for an id that the issuer does not name.
 */
export function issuerKeys(issuer: string, clock: Clock): (keyId: string) => Promise<KeyObject> {
  let known: ReadonlyMap<string, KeyObject> = new Map();
  let fetchedMs = Number.NEGATIVE_INFINITY;
  let latest = Promise.resolve();

  async function fetchKeys(): Promise<void> {
    const signal = AbortSignal.timeout(fetchLimitMs);
    const response = await fetch(`${issuer}/protocol/openid-connect/certs`, { redirect: 'error', signal });
    if (!response.ok) throw new Error(`the issuer refused its keys with ${response.status}`);
    const { keys } = Reply.parse(await response.json());
    const ofRsa = keys.filter(({ kty }) => kty === 'RSA');
    known = new Map(ofRsa.map((key) => [key.kid, createPublicKey({ key: key as JsonWebKey, format: 'jwk' })]));
  }

  return async (keyId) => {
    const found = known.get(keyId);
    if (found) return found;
    const nowMs = clock.now().getTime();
    if (Math.abs(nowMs - fetchedMs) >= fetchLimitMs) {
      fetchedMs = nowMs;
      latest = fetchKeys();
    }
    // The one under way, or the last one: within the limit its outcome stands for everybody who asks.
    await latest.catch((error: unknown) => {
      throw unavailable('IDENTITY_PROVIDER_UNREACHABLE', error);
    });
    const key = known.get(keyId);
    if (!key) throw unauthenticated('INVALID_TOKEN');
    return key;
  };
}
