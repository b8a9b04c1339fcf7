import { http } from '@bankcrm/acceptance/client.ts';
import { stack } from '@bankcrm/acceptance/run.ts';
import { optionReader, registry } from '@bankcrm/proto/descriptors';
import { describe, expect, it } from 'vitest';

type Operation = { operationId?: string; security?: object[] };
type OpenApi = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: {
    securitySchemes: Record<string, { flows?: { authorizationCode?: { authorizationUrl: string; tokenUrl: string } } }>;
  };
};

describe('the API docs at the gateway', () => {
  it('are OpenAPI 3.1 and have every operation of the contract but those between services', async () => {
    const document = JSON.parse((await http('GET', '/openapi.json')).text) as OpenApi;
    expect(document.openapi).toMatch(/^3\.1\./);
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const rpcs = [...registry].flatMap((type) =>
      type.kind === 'service' && type.typeName.startsWith('bankcrm.') ? type.methods : [],
    );
    const policyOf = optionReader<{ serviceOnly: boolean }>('bankcrm.options.v1.policy');
    expect(operations.length).toBe(rpcs.filter((method) => !policyOf(method)?.serviceOnly).length);
  });

  it('sign in at the Keycloak of the platform', async () => {
    const document = JSON.parse((await http('GET', '/openapi.json')).text) as OpenApi;
    const flows = Object.values(document.components.securitySchemes).flatMap(({ flows: of }) => of?.authorizationCode ?? []);
    expect(flows).toMatchObject([
      { authorizationUrl: `${stack().keycloak.issuer}/protocol/openid-connect/auth`, tokenUrl: stack().keycloak.tokenUrl },
    ]);
  });

  it('are a page whose scripts come from the gateway itself', async () => {
    const page = await http('GET', '/docs/static/index.html');
    const entry = page.status === 200 ? page : await http('GET', '/docs');
    expect(entry.status).toBe(200);
    expect(entry.headers.get('content-type')).toMatch(/^text\/html/);
    expect([...entry.text.matchAll(/<script[^>]*src="(https?:)?\/\//g)]).toEqual([]);
  });

  it('take the browser back after signing in', async () => {
    const page = await http('GET', '/docs/static/oauth2-redirect.html?code=x&state=y');
    expect(page.status).toBe(200);
    expect((await http('GET', '/docs/static/swagger-initializer.js')).text).toContain(
      "resolveUrl('./static/oauth2-redirect.html')",
    );
  });

  it('let no other page call the API, nor frame it', async () => {
    const reply = await http('GET', '/v1/me', { headers: { origin: 'https://elsewhere.example' } });
    expect(reply.headers.get('access-control-allow-origin')).toBeNull();
    expect(reply.headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'|default-src 'none'/);
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
    expect(reply.headers.get('strict-transport-security')).toBeTruthy();
    expect(reply.headers.get('server')).toBeNull();
    expect(reply.headers.get('x-powered-by')).toBeNull();
  });
});
