import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenApiDocument } from '../src/app/openapi/document.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';

let issuer: Issuer;
let gateway: Gateway;

beforeAll(async () => {
  issuer = await startIssuer();
  gateway = await startGateway(issuer, '127.0.0.1:24009', { publicUrl: 'https://crm.example.com' });
});
afterAll(async () => {
  await gateway.stop();
  await issuer.stop();
});

describe('the documents', () => {
  it('name this installation, and need no token', async () => {
    const document = (await (await fetch(`${gateway.url}/openapi.json`)).json()) as OpenApiDocument;
    expect(document.servers).toEqual([{ url: 'https://crm.example.com' }]);
    expect(document.components.securitySchemes.staff.flows.authorizationCode).toMatchObject({
      authorizationUrl: `${issuer.issuer}/protocol/openid-connect/auth`,
      tokenUrl: `${issuer.issuer}/protocol/openid-connect/token`,
    });
  });

  it('are shown by Swagger UI, which signs in as client portal with PKCE and loads everything it names', async () => {
    const page = await fetch(`${gateway.url}/docs/`);
    expect(page.status).toBe(200);
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(assets.length).toBeGreaterThan(4);
    for (const asset of assets) expect((await fetch(new URL(asset, `${gateway.url}/docs/`))).status, asset).toBe(200);
    const initializer = await (await fetch(`${gateway.url}/docs/static/swagger-initializer.js`)).text();
    expect(initializer).toContain('"clientId":"portal"');
    expect(initializer).toContain('"usePkceWithAuthorizationCodeGrant":true');
    expect((await fetch(`${gateway.url}/docs/static/oauth2-redirect.html`)).status).toBe(200);
  });

  it('may run their own scripts and reach the identity provider, nothing else', async () => {
    const policy = (await fetch(`${gateway.url}/docs/`)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).toContain(`script-src 'self'`);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(policy).toContain(`connect-src 'self' ${new URL(issuer.issuer).origin}`);
  });

  it('let the sign-in window find back to the page, and nothing else', async () => {
    const policy = async (path: string) => (await fetch(`${gateway.url}${path}`)).headers.get('cross-origin-opener-policy');
    for (const page of ['/docs', '/docs/', '/docs/?x=1']) expect(await policy(page), page).toBe('same-origin-allow-popups');
    expect(await policy('/docs/static/oauth2-redirect.html?code=x&state=y')).toBe('unsafe-none');
    for (const other of [
      '/openapi.json',
      '/docs/json',
      '/docs/static/swagger-initializer.js',
      '/docs/nothing',
      '/v1/me',
      '/nothing',
    ])
      expect(await policy(other), other).toBe('same-origin');
  });

  it('have one address: Swagger UI finds its sign-in page from no other', async () => {
    for (const other of [
      '/docs',
      '/docs?x=1',
      '/docs/?x=1',
      '/docs/static/',
      '/docs/static/index.html',
      '/docs/static/index.html?x=1',
    ]) {
      const page = await fetch(`${gateway.url}${other}`);
      expect([page.status, page.url, page.headers.get('cross-origin-opener-policy')], other).toEqual([
        200,
        `${gateway.url}/docs/`,
        'same-origin-allow-popups',
      ]);
    }
  });

  it("wear the product's name and icon", async () => {
    const html = await (await fetch(`${gateway.url}/docs/`)).text();
    expect(html).toContain('<title>BankCRM API</title>');
    const icon = /<link rel="icon"[^>]*href="([^"]+)"/.exec(html)?.[1];
    const image = await fetch(new URL(icon!, `${gateway.url}/docs/`));
    expect([image.status, image.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^image\/svg\+xml/)]);
    expect(html).not.toContain('favicon-32x32');
    const initializer = await (await fetch(`${gateway.url}/docs/static/swagger-initializer.js`)).text();
    const logo = /data:image\/svg\+xml;base64,([\w+/=]+)/.exec(initializer)?.[1];
    expect(Buffer.from(logo!, 'base64').toString()).toContain('>BankCRM<');
  });
});
