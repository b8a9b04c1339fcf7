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
    // RFC 6749, 5.2: these two are about the client; anything else is no answer of a realm.
    if (response.status === 400 || response.status === 401) throw unavailable('SERVICE_TOKEN_REFUSED');
    const reply = Reply.safeParse(response.ok ? await response.json().catch(() => undefined) : undefined);
    if (!reply.success) throw unavailable('IDENTITY_PROVIDER_UNREACHABLE', new Error(`no token but status ${response.status}`));
    const { access_token: token, expires_in: seconds } = reply.data;
    current = { token, goodUntil: clock.now().getTime() + Math.max(seconds - 30, 1) * 1000 };
    return token;
  };
}
