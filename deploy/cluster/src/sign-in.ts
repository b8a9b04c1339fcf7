import { createHash, randomBytes } from 'node:crypto';

/**
 * An access token got as the portal gets it: the sign-in page of Keycloak, the form with staff number and password, the code that comes back, and its exchange
 * (RFC 6749 with PKCE, RFC 7636). Throws where Keycloak shows the page again.
 */
export async function signIn(
  realm: { issuer: string; portalUrl: string },
  staffNumber: string,
  password: string,
): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const endpoint = `${realm.issuer}/protocol/openid-connect`;
  const query = new URLSearchParams({
    client_id: 'portal',
    redirect_uri: `${realm.portalUrl}/`,
    response_type: 'code',
    scope: 'openid',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const page = await fetch(`${endpoint}/auth?${query}`, { redirect: 'manual' });
  const action = /action="([^"]+)"/.exec(await page.text())?.[1]?.replaceAll('&amp;', '&');
  if (!action) throw new Error(`Keycloak shows no sign-in form (${page.status})`);
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const answer = await fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie },
    body: new URLSearchParams({ username: staffNumber, password }),
  });
  const code = new URL(answer.headers.get('location') ?? 'http://nowhere').searchParams.get('code');
  if (!code) throw new Error(`Keycloak does not let ${staffNumber} in (${answer.status})`);
  const exchanged = await fetch(`${endpoint}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'portal',
      redirect_uri: `${realm.portalUrl}/`,
      code,
      code_verifier: verifier,
    }),
  });
  const { access_token: token } = (await exchanged.json()) as { access_token?: string };
  if (!token) throw new Error(`Keycloak gives ${staffNumber} no token (${exchanged.status})`);
  return token;
}
