import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { keycloakAdmin } from '@bankcrm/local';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Chromium, type Context, openChromium, type Page } from '../src/chromium.ts';
import { as, type Person } from '../src/client.ts';
import { mailsTo } from '../src/keycloak.ts';
import { people } from '../src/people.ts';
import { portalPort, portalUrl, stack } from '../src/run.ts';
import { act, createStaff, orgUnits, staffByNumber } from '../src/staff-api.ts';

const opened = await openChromium();
if ('problem' in opened) console.warn(`skipped: ${opened.problem}`);

const limitMs = 15_000;
const chosen = 'Correct-horse-7-battery';
const wrong = 'Wrong-horse-7-battery';
/** An origin that nobody has allowed. */
const foreignUrl = portalUrl().replace('localhost', '127.0.0.1');

describe.skipIf('problem' in opened)('in a real browser', () => {
  const { browser } = opened as { browser: Chromium };
  let pages: Server;
  let admin: Person;
  let context: Context;
  /** What the browser had to say about pages and scripts that it held back, or that failed. */
  let complaints: string[];

  beforeAll(async () => {
    admin = await as(people.admin);
    // Stands for a front end: the portal's origin and, by another name, a foreign one.
    pages = createServer((_req, res) =>
      res.writeHead(200, { 'content-type': 'text/html' }).end('<link rel="icon" href="data:,">'),
    );
    await new Promise<void>((resolve) => pages.listen(portalPort(stack()), '127.0.0.1', resolve));
    await allowAtKeycloak((urls) => [...urls, `${portalUrl()}/*`]);
  });
  afterAll(async () => {
    await allowAtKeycloak((urls) => urls.filter((url) => url !== `${portalUrl()}/*`));
    pages?.close();
    await browser.close();
  });
  afterEach(() => context.close());

  async function openPage(locale: 'zh-CN' | 'en-GB'): Promise<Page> {
    context = await browser.newContext({ locale });
    context.setDefaultTimeout(limitMs);
    complaints = [];
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => complaints.push(String(error.error())));
    return context.newPage();
  }

  const demoPassword = (staffNumber: string) => stack().staff.find((one) => one.staffNumber === staffNumber)!.password;

  async function fillIn(page: Page, staffNumber: string, password: string): Promise<void> {
    await page.locator('#username').fill(staffNumber);
    await page.locator('#password').fill(password);
    await page.locator('#kc-login').click();
  }

  const choose = async (page: Page): Promise<void> => {
    await page.locator('#password-new').fill(chosen);
    await page.locator('#password-confirm').fill(chosen);
    await page.locator('#kc-submit').click();
  };

  const backAtPortal = (page: Page) => page.waitForURL((url) => url.origin === portalUrl() && url.searchParams.has('code'));

  it.each([
    { locale: 'zh-CN', asksFor: '员工工号' },
    { locale: 'en-GB', asksFor: 'Staff number' },
  ] as const)('the API docs sign somebody in and call the API for them ($locale)', async ({ locale, asksFor }) => {
    const page = await openPage(locale);
    await page.goto(stack().gateway.docsUrl);
    expect(await page.title()).toBe('BankCRM API');
    await page.locator('.btn.authorize').first().click();
    const popup = page.waitForEvent('popup');
    await page.locator('.modal-btn.authorize').first().click();
    const signIn = await popup;
    expect(await signIn.locator('label[for=username]').textContent()).toContain(asksFor);
    const closed = signIn.waitForEvent('close');
    await fillIn(signIn, people.teller, demoPassword(people.teller));
    await closed;
    await page.locator('.modal-btn:has-text("Logout")').waitFor();
    await page.locator('.btn-done').click();

    await page.locator('#operations-tag-Staff').click();
    await page.locator('#operations-Staff-Staff_GetMe').click();
    await page.locator('#operations-Staff-Staff_GetMe .execute').click();
    const reply = page.locator('#operations-Staff-Staff_GetMe .live-responses-table');
    await reply.waitFor();
    expect(await reply.locator('tbody .response-col_status').first().textContent()).toContain('200');
    expect(await reply.textContent()).toContain(`"staffNumber": "${people.teller}"`);
    expect(complaints).toEqual([]);
  });

  let next = 790_001;
  async function newcomer() {
    const staffNumber = String(next++);
    const branch = (await orgUnits(admin)).get('SH-XH')!.name;
    const email = `s${staffNumber}@bank.example`;
    const posts = [{ orgUnit: branch, role: 'rm' }];
    const { temporaryPassword } = await createStaff(admin, { staffNumber, displayName: '新员工', email, posts });
    return { staffNumber, email, temporaryPassword };
  }

  const words = {
    'zh-CN': { asksFor: '员工工号', refused: /员工工号或密码不正确.*五次/, forgotten: /员工工号/ },
    'en-GB': {
      asksFor: 'Staff number',
      refused: /Staff number or password is wrong.*Five/,
      forgotten: /staff number/,
    },
  } as const;

  describe.each(Object.entries(words))(
    "the realm's pages, once somebody has chosen %s",
    (locale, { asksFor, refused, forgotten }) => {
      const labelOf = async (page: Page) => (await page.locator('label[for=username]').textContent())?.replace('*', '').trim();
      /** Chosen in a browser of the other language: the choice then counts for more than the browser and the account. */
      const openSignIn = async () => {
        const other = locale === 'zh-CN' ? 'en-GB' : 'zh-CN';
        const page = await openPage(other);
        await page.goto(signInUrl(portalUrl()).url);
        expect(await labelOf(page)).toBe(words[other].asksFor);
        const option = (await page.locator('#login-select-toggle option:not([selected])').textContent()) ?? '';
        await page.locator('#login-select-toggle').selectOption({ label: option.trim() });
        await page.locator(`label[for=username]:has-text("${asksFor}")`).waitFor();
        return page;
      };

      it('take a temporary password once and ask for another', async () => {
        const { staffNumber, temporaryPassword } = await newcomer();
        const page = await openSignIn();
        await fillIn(page, staffNumber, temporaryPassword);
        await page.locator('#password-new').fill(`Longer-than-12-${staffNumber}`);
        await page.locator('#password-confirm').fill(`Longer-than-12-${staffNumber}`);
        await page.locator('#kc-submit').click();
        expect(await page.locator('.kc-feedback-text').textContent(), 'with the staff number in it').toMatch(forgotten);
        await choose(page);
        await backAtPortal(page);
        expect(complaints).toEqual([]);
      });

      it('say that five wrong passwords lock, and refuse the right one then', async () => {
        const { staffNumber, temporaryPassword } = await newcomer();
        const page = await openSignIn();
        const answerTo = async (password: string) => {
          const answered = page.waitForEvent('domcontentloaded');
          await fillIn(page, staffNumber, password);
          await answered;
          return page.locator('#input-error-username').textContent();
        };
        for (let i = 0; i < 5; i += 1) expect(await answerTo(wrong)).toMatch(refused);
        expect(await answerTo(temporaryPassword)).toMatch(refused);
        await act(admin, staffNumber, 'unlock');
        await fillIn(page, staffNumber, temporaryPassword);
        await choose(page);
        await backAtPortal(page);
        expect(complaints).toEqual([]);
      });

      it('replace a forgotten password by a link in a mail', async () => {
        const { staffNumber, email } = await newcomer();
        const page = await openSignIn();
        await page.locator('a[href*=reset-credentials]').click();
        expect(await labelOf(page)).toBe(asksFor);
        expect(await page.locator('#kc-info').textContent()).toMatch(forgotten);
        await page.locator('#username').fill(staffNumber);
        await page.locator('#kc-reset-password-form [type=submit]').click();
        const link = await vi.waitFor(
          async () => {
            const [mail] = await mailsTo(email);
            const found = mail && /https?:\/\/\S+action-token\S+/.exec(mail.text)?.[0];
            if (!found) throw new Error('no mail has come');
            return found;
          },
          { timeout: limitMs },
        );
        await page.goto(link);
        await choose(page);
        await backAtPortal(page);
        expect(complaints).toEqual([]);
      });
    },
  );

  describe('a front end', () => {
    type Tokens = { access_token: string; refresh_token: string };
    type Asked = { url: string; method?: string; headers?: Record<string, string>; body?: string };
    type Answer = { status: number; etag: string | null; traceId: string | null; text: string } | 'kept from the page';
    /** What a script of the page gets to see of an answer. */
    const ask = (page: Page, asked: Asked) =>
      page.evaluate<Asked, Answer>(async ({ url, ...request }) => {
        try {
          const response = await fetch(url, request);
          const { status, headers } = response;
          return { status, etag: headers.get('etag'), traceId: headers.get('x-trace-id'), text: await response.text() };
        } catch {
          return 'kept from the page';
        }
      }, asked);
    const askForTokens = (page: Page, form: Record<string, string>) =>
      ask(page, {
        url: stack().keycloak.tokenUrl,
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ client_id: 'portal', ...form }).toString(),
      });
    const tokensIn = (answer: Answer): Tokens => {
      expect(answer).toMatchObject({ status: 200 });
      return JSON.parse((answer as { text: string }).text) as Tokens;
    };
    const trade = (page: Page, url: string, verifier: string) =>
      askForTokens(page, {
        grant_type: 'authorization_code',
        code: new URL(url).searchParams.get('code')!,
        redirect_uri: `${portalUrl()}/`,
        code_verifier: verifier,
      });

    async function signedIn(staffNumber: string): Promise<{ page: Page; tokens: Tokens }> {
      const page = await openPage('en-GB');
      const { url, verifier } = signInUrl(portalUrl());
      await page.goto(url);
      await fillIn(page, staffNumber, demoPassword(staffNumber));
      await backAtPortal(page);
      return { page, tokens: tokensIn(await trade(page, page.url(), verifier)) };
    }

    it('at the known origin calls the API with token and precondition, and reads the version of what it gets', async () => {
      const { page, tokens } = await signedIn(people.admin);
      const { name } = await staffByNumber(admin, people.teller);
      const url = `${stack().gateway.url}/v1/${name}`;
      const authorization = `Bearer ${tokens.access_token}`;
      const got = (await ask(page, { url, headers: { authorization } })) as Exclude<Answer, string>;
      expect(got).toMatchObject({
        status: 200,
        etag: expect.stringMatching(/^"\d+"$/),
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      });
      const change = { method: 'PATCH', body: JSON.stringify({ displayName: '改名' }) };
      const headers = { authorization, 'content-type': 'application/json', 'if-match': '"0"' };
      const stale = await ask(page, { url, ...change, headers });
      expect(stale).toMatchObject({ status: 412, text: expect.stringContaining('ETAG_MISMATCH') });
    });

    it('at a foreign origin gets nothing, not even what it may ask for', async () => {
      const { tokens } = await signedIn(people.teller);
      const page = await context.newPage();
      await page.goto(foreignUrl);
      const authorization = `Bearer ${tokens.access_token}`;
      const { gateway } = stack();
      expect(await ask(page, { url: `${gateway.url}/v1/me`, headers: { authorization } })).toBe('kept from the page');
      expect(await ask(page, { url: `${gateway.url}/openapi.json` })).toBe('kept from the page');
      expect(await askForTokens(page, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token })).toBe(
        'kept from the page',
      );
    });

    it('cannot be laid around the docs or the sign-in page', async () => {
      const page = await openPage('en-GB');
      await page.goto(foreignUrl);
      for (const url of [stack().gateway.docsUrl, signInUrl(portalUrl()).url])
        await page.evaluate<string, void>((src) => {
          const { document } = globalThis as unknown as Dom;
          const frame = Object.assign(document.createElement('iframe'), { src });
          return new Promise((resolve) => {
            frame.onload = () => resolve();
            document.body.append(frame);
          });
        }, url);
      const shown = page.frames().map((frame) => frame.url());
      expect(shown.slice(1)).toEqual(['chrome-error://chromewebdata/', 'chrome-error://chromewebdata/']);
    });

    it('stays signed in: each renewal gives a new token for the old one, which is good for nothing then', async () => {
      const { page, tokens } = await signedIn(people.teller);
      const renew = (refreshToken: string) => askForTokens(page, { grant_type: 'refresh_token', refresh_token: refreshToken });
      const renewed = tokensIn(await renew(tokens.refresh_token));
      expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
      const headers = { authorization: `Bearer ${renewed.access_token}` };
      expect(await ask(page, { url: `${stack().gateway.url}/v1/me`, headers })).toMatchObject({ status: 200 });
      expect(await renew(tokens.refresh_token)).toMatchObject({ status: 400, text: expect.stringContaining('invalid_grant') });
    });

    it('is let in again without a password by cookies that no script reads and no other site sends', async () => {
      const { page } = await signedIn(people.teller);
      const cookies = await context.cookies(`${stack().keycloak.issuer}/`);
      const session = cookies.find(({ name }) => name === 'KEYCLOAK_IDENTITY');
      expect(session).toMatchObject({ httpOnly: true });
      for (const { name, sameSite, secure } of cookies)
        expect({ name, safe: sameSite !== 'None' || secure }).toEqual({ name, safe: true });
      const { url, verifier } = signInUrl(portalUrl(), { prompt: 'none' });
      await page.goto(url);
      await backAtPortal(page);
      tokensIn(await trade(page, page.url(), verifier));
    });
  });
});

/** What runs in a page uses of it. */
type Dom = { document: { createElement(name: string): { onload: () => void }; body: { append(element: object): void } } };

/** The sign-in page as a front end opens it, by authorization code with PKCE (RFC 7636). */
function signInUrl(frontEnd: string, more: Record<string, string> = {}): { url: string; verifier: string } {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'portal',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${frontEnd}/`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  return { url: `${stack().keycloak.issuer}/protocol/openid-connect/auth?${query}`, verifier };
}

/** Changes where the client `portal` may send people back to. Its web origins follow. */
async function allowAtKeycloak(change: (urls: string[]) => string[]): Promise<void> {
  const admin = await keycloakAdmin(stack());
  const [client] = await admin<{ id: string; redirectUris: string[] }[]>('/bankcrm/clients?clientId=portal');
  await admin(`/bankcrm/clients/${client!.id}`, {
    method: 'PUT',
    body: { ...client, redirectUris: change(client!.redirectUris) },
  });
}
