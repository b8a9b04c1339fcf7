import { createHash, randomBytes } from 'node:crypto';

export type Outcome = 'signed in' | 'refused' | 'must choose a password';

/** What a person's browser does at Keycloak: keeps cookies, follows redirections, fills in forms. */
export class Browser {
  readonly #cookies = new Map<string, string>();
  #page = '';
  #url = '';

  /** Signs in at the portal's client: authorization code with PKCE. */
  async signIn(portal: { issuer: string; redirectUri: string }, username: string, password: string): Promise<Outcome> {
    const challenge = createHash('sha256').update(randomBytes(32).toString('base64url')).digest('base64url');
    const query = new URLSearchParams({
      client_id: 'portal',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: portal.redirectUri,
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    await this.#visit(`${portal.issuer}/protocol/openid-connect/auth?${query}`);
    await this.#visit(this.#formAction(), { username, password });
    return this.#outcome();
  }

  /** Asks for a mail by "forgot password", from the page that a refused sign-in shows. */
  async forgot(username: string): Promise<void> {
    const link = /<a[^>]*href="([^"]*reset-credentials[^"]*)"/.exec(this.#page)?.[1];
    if (!link) throw new Error('the page has no "forgot password"');
    await this.#visit(new URL(decode(link), this.#url).href);
    await this.#visit(this.#formAction(), { username });
  }

  /** Fills in the form for a new password. */
  async choose(password: string): Promise<Outcome> {
    await this.#visit(this.#formAction(), { 'password-new': password, 'password-confirm': password });
    return this.#outcome();
  }

  /** Follows the link of a mail through the page that asks whether to go on. */
  async chooseByLink(link: string, password: string): Promise<void> {
    await this.#visit(link);
    for (let step = 0; step < 3 && !this.#page.includes('password-new'); step += 1) {
      const next = /<a[^>]*href="([^"]*(?:action-token|login-actions)[^"]*)"/.exec(this.#page)?.[1];
      if (!next) break;
      await this.#visit(new URL(decode(next), this.#url).href);
    }
    await this.choose(password);
  }

  #outcome(): Outcome {
    if (new URL(this.#url).searchParams.has('code')) return 'signed in';
    return this.#page.includes('password-new') ? 'must choose a password' : 'refused';
  }

  #formAction(): string {
    const action = /<form[^>]*action="([^"]+)"/.exec(this.#page)?.[1];
    if (!action) throw new Error(`no form at ${this.#url}: ${this.#page.replaceAll(/<[^>]+>|\s+/g, ' ').slice(0, 500)}`);
    return decode(action);
  }

  async #visit(url: string, form?: Record<string, string>): Promise<void> {
    this.#url = url;
    let body = form && new URLSearchParams(form);
    for (let hop = 0; hop < 10; hop += 1) {
      // The portal itself need not be there: that it is sent back to with a code says enough.
      if (new URL(this.#url).searchParams.has('code') && !this.#url.includes('/realms/')) return;
      const headers = { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
      const response = await fetch(this.#url, { redirect: 'manual', headers, ...(body ? { method: 'POST', body } : {}) });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
        this.#cookies.set(name!, value!);
      }
      const next = response.headers.get('location');
      this.#page = await response.text();
      if (!next) return;
      this.#url = new URL(next, this.#url).href;
      body = undefined;
    }
    throw new Error('too many redirections');
  }
}

const decode = (text: string): string => text.replaceAll('&amp;', '&');
