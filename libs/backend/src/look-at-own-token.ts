import type { TokenVerifier } from '@bankcrm/access';
import { AppError } from '@bankcrm/kernel';
import type { Log } from '@bankcrm/service';
import type { Platform } from './backend.ts';

const lookEveryMs = 2_000;

/** What to look at, by why the look failed. */
const remedies: Readonly<Record<string, string>> = {
  IDENTITY_PROVIDER_UNREACHABLE: 'the identity provider of OIDC_ISSUER cannot be reached',
  SERVICE_TOKEN_REFUSED: 'the identity provider of OIDC_ISSUER refuses OIDC_CLIENT_ID with OIDC_CLIENT_SECRET',
  INVALID_TOKEN:
    'a token that the identity provider has issued is not accepted: OIDC_AUDIENCE or OIDC_ISSUER is not that of its tokens',
};

/**
 * Tries a token of the service's own with the check that callers' tokens go through, every few seconds until it passes once: then issuer, audience and the client's
 * secret are right. The function returned says whether it has; what fails is logged.
 */
export function lookAtOwnToken(options: {
  token: () => Promise<string>;
  verifier: TokenVerifier;
  log: Pick<Log, 'error'>;
  repeat: Platform<unknown>['repeat'];
}): () => boolean {
  const { token, verifier, log, repeat } = options;
  let passed = false;
  let told = '';
  const look = repeat('look-at-own-token', lookEveryMs, async () => {
    if (passed) return;
    try {
      await verifier.verify(await token());
      passed = true;
    } catch (err) {
      const reason = err instanceof AppError ? err.reason : '';
      if (reason !== told || reason === '') log.error({ err }, remedies[reason] ?? 'the own token cannot be checked');
      told = reason;
    }
  });
  look.soon();
  return () => passed;
}
