import { type Clock, unavailable } from '@bankcrm/kernel';
import { z } from 'zod';

const Reply = z.object({ access_token: z.string(), expires_in: z.number() });

/** A service's own access token (client credentials), fetched when needed and kept until shortly before it expires. */
export function serviceToken(options: {
  issuer: string;
  clientId: string;
  clientSecret: string;
  clock: Clock;
}): () => Promise<string> {
  const { issuer, clientId, clientSecret, clock } = options;
  let current: { token: string; goodUntil: number } | undefined;
  return async () => {
    if (current && clock.now().getTime() < current.goodUntil) return current.token;
    const response = await fetch(`${issuer}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }),
      signal: AbortSignal.timeout(5_000),
    }).catch((error: unknown) => {
      throw unavailable('IDENTITY_PROVIDER_UNREACHABLE', error);
    });
    if (!response.ok) throw unavailable('SERVICE_TOKEN_REFUSED');
    const { access_token: token, expires_in: seconds } = Reply.parse(await response.json());
    current = { token, goodUntil: clock.now().getTime() + Math.max(seconds - 30, 1) * 1000 };
    return token;
  };
}
