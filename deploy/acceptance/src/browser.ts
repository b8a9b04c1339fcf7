import { createHash, randomBytes } from 'node:crypto';
import { stack } from './run.ts';

/** A page as a browser has it: where it came from and its text. */
export type Page = { url: string; status: number; html: string };

const limitMs = 20_000;
const maxRedirects = 10;

/** As much of a browser as signing in needs: cookies, redirects, forms. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  async open(url: string, form?: Record<string, string>): Promise<Page> {
    let at = url;
    let body = form && new URLSearchParams(form);
    for (let hop = 0; hop < maxRedirects; hop += 1) {
      const response = await fetch(at, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '), 'accept-language': 'en' },
        signal: AbortSignal.timeout(limitMs),
        ...(body ? { body } : {}),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (name !== undefined && value !== undefined) this.#cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) return { url: at, status: response.status, html: await response.text() };
      at = new URL(location, at).href;
      body = undefined;
      // Back at the portal: what counts is the address, nothing listens there for it.
      if (at.startsWith(stack().gateway.url)) return { url: at, status: response.status, html: '' };
    }
    throw new Error(`more than ${maxRedirects} redirects from ${url}`);
  }

  /** Fills in the page's form and sends it. */
  submit(page: Page, fields: Record<string, string>): Promise<Page> {
    const action = /<form[^>]*\saction="([^"]+)"/.exec(page.html)?.[1];
    if (action === undefined) throw new Error(`there is no form at ${new URL(page.url).pathname}`);
    return this.open(new URL(unescaped(action), page.url).href, fields);
  }

  /** Follows the page's link whose address has this text in it. */
  follow(page: Page, part: string): Promise<Page> {
    const links = [...page.html.matchAll(/<a[^>]*\shref="([^"]+)"/g)].map((match) => unescaped(match[1]!));
    const link = links.find((address) => address.includes(part));
    if (link === undefined) throw new Error(`no link with ${part} at ${new URL(page.url).pathname}`);
    return this.open(new URL(link, page.url).href);
  }
}

export const asksForNewPassword = ({ html }: Page): boolean => html.includes('name="password-new"');

/** Opens the sign-in page as the portal does, by authorization code with PKCE. `finish` trades the code in the last address for a token. */
export async function openSignIn(browser: Browser): Promise<{ page: Page; finish: (last: Page) => Promise<string> }> {
  const { keycloak, gateway } = stack();
  const verifier = randomBytes(32).toString('base64url');
  const redirectUri = `${gateway.url}/docs/static/oauth2-redirect.html`;
  const query = new URLSearchParams({
    client_id: 'portal',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const page = await browser.open(`${keycloak.issuer}/protocol/openid-connect/auth?${query}`);
  const finish = async (last: Page): Promise<string> => {
    const code = new URL(last.url).searchParams.get('code');
    if (code === null) throw new Error(`no code at ${last.url}: ${last.html.replaceAll(/<[^>]*>|\s+/g, ' ').slice(0, 500)}`);
    const form = {
      grant_type: 'authorization_code',
      client_id: 'portal',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    };
    const response = await fetch(keycloak.tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  return { page, finish };
}

const unescaped = (text: string): string => text.replaceAll('&amp;', '&');
