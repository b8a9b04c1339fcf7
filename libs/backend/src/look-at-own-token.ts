import type { TokenVerifier } from '@bankcrm/access';
import { AppError } from '@bankcrm/kernel';
import type { Log } from '@bankcrm/service';
import type { Platform } from './backend.ts';

const lookEveryMs = 2_000;

/** What to look at, by why the look failed. */
const remedies: Readonly<Record<string, string>> = {
  IDENTITY_PROVIDER_UNREACHABLE: 'there is no token to be had: OIDC_ISSUER cannot be reached, or is no realm',
  SERVICE_TOKEN_REFUSED: 'the identity provider of OIDC_ISSUER refuses OIDC_CLIENT_ID with OIDC_CLIENT_SECRET',
  INVALID_TOKEN:
    'a token that the identity provider has issued is not accepted: OIDC_AUDIENCE or OIDC_ISSUER is not that of its tokens',
};

/**
 * Tries a token of the service's own with the check that callers' tokens go through, every few seconds until it passes once: then issuer, audience and the client's
 * secret are right. The function returned says whether it has; what fails is logged.
 */
export function lookAtOwnToken(options: {
  /** Gives a new token each time: one kept from before a mending would be as bad as then. */
  newToken: () => Promise<string>;
  verifier: TokenVerifier;
  log: Pick<Log, 'error'>;
  repeat: Platform<unknown>['repeat'];
}): () => boolean {
  const { newToken, verifier, log, repeat } = options;
  let passed = false;
  let told: string | undefined;
  const look = repeat('look-at-own-token', lookEveryMs, async () => {
    if (passed) return;
    try {
      await verifier.verify(await newToken());
      passed = true;
    } catch (err) {
      const remedy = remedies[err instanceof AppError ? err.reason : ''] ?? 'the own token cannot be checked';
      if (remedy !== told) log.error({ err }, remedy);
      told = remedy;
    }
  });
  look.soon();
  return () => passed;
}
