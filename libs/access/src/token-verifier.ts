import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { type Clock, unauthenticated } from '@bankcrm/kernel';
import { issuerKeys } from './issuer-keys.ts';

/** Who a verified token speaks for. */
export type Identity = { issuedAt: Date; expiresAt: Date } & (
  | { kind: 'staff'; staffNumber: string }
  | { kind: 'service'; clientId: string }
);

export interface TokenVerifier {
  /**
   * Throws UNAUTHENTICATED `INVALID_TOKEN` for one that is expired, unsigned, or of another issuer, audience, key or type, and UNAVAILABLE
   * `IDENTITY_PROVIDER_UNREACHABLE` when the key to judge it by cannot be had.
   */
  verify(token: string): Promise<Identity>;
}

export interface TokenVerifierOptions {
  /** `https://host/realms/bankcrm`: exactly the token's `iss`. */
  issuer: string;
  audience: string;
  clock: Clock;
}

interface KeycloakToken {
  /** Absent when the text is no token. */
  header?: { kid?: unknown };
  content: { exp?: number; nbf?: number; iat?: number; azp?: string; preferred_username?: string; client_id?: string };
}
interface KeycloakGrantManager {
  validateToken(token: KeycloakToken, expectedType: 'Bearer'): Promise<KeycloakToken>;
}

const require = createRequire(import.meta.url);
const GrantManager = require('keycloak-connect/middleware/auth-utils/grant-manager.js') as new (
  config: Record<string, unknown>,
) => KeycloakGrantManager;
const Token = require('keycloak-connect/middleware/auth-utils/token.js') as new (
  token: string,
  clientId: string,
) => KeycloakToken;

const staffNumberPattern = /^\d{6,12}$/;
const maxTokenLength = 8_192;
const maxRemembered = 10_000;

/**
 * Verifies Keycloak's access tokens (RS256) with keycloak-connect. A token found good is remembered by its hash until it
 * expires: its signature does not change, and what its owner may do is decided anew on every call.
 */
export function keycloakTokenVerifier({ issuer, audience, clock }: TokenVerifierOptions): TokenVerifier {
  const keyOf = issuerKeys(issuer, clock);
  const remembered = new Map<string, Identity>();

  return {
    async verify(text) {
      if (text.length > maxTokenLength) throw unauthenticated('INVALID_TOKEN');
      const now = clock.now();
      const hash = createHash('sha256').update(text).digest('base64');
      const known = remembered.get(hash);
      if (known) {
        if (known.expiresAt <= now) throw unauthenticated('INVALID_TOKEN');
        return known;
      }
      const token = new Token(text, audience);
      const keyId = token.header?.kid;
      if (typeof keyId !== 'string') throw unauthenticated('INVALID_TOKEN');
      // Given the key: keycloak-connect would fetch it without a time limit, and end the process over a reply that is no JSON.
      const publicKey = await keyOf(keyId);
      const manager = new GrantManager({ realmUrl: issuer, clientId: audience, verifyTokenAudience: true, publicKey });
      const { content } = await manager.validateToken(token, 'Bearer').catch((error: unknown) => {
        throw unauthenticated('INVALID_TOKEN', error);
      });
      const identity = identityOf(content, now);
      if (remembered.size >= maxRemembered) remembered.delete(remembered.keys().next().value!);
      remembered.set(hash, identity);
      return identity;
    },
  };
}

function identityOf(content: KeycloakToken['content'], now: Date): Identity {
  const { exp, nbf, iat, azp, preferred_username: username } = content;
  // keycloak-connect takes a token without `exp` for one that never expires, and does not look at `nbf`.
  if (typeof exp !== 'number' || typeof iat !== 'number' || exp * 1000 <= now.getTime()) throw unauthenticated('INVALID_TOKEN');
  if (typeof nbf === 'number' && nbf * 1000 > now.getTime()) throw unauthenticated('INVALID_TOKEN');
  const times = { issuedAt: new Date(iat * 1000), expiresAt: new Date(exp * 1000) };
  if (username && staffNumberPattern.test(username)) return { kind: 'staff', staffNumber: username, ...times };
  if (azp && username === `service-account-${azp}`) return { kind: 'service', clientId: azp, ...times };
  throw unauthenticated('UNKNOWN_PRINCIPAL');
}
