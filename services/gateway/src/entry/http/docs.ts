import { readFileSync } from 'node:fs';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { OpenApiDocument } from '../../app/openapi/document.ts';

export interface DocsOptions {
  issuer: string;
  /** How browsers reach the gateway, where it is known. */
  publicUrl: string | undefined;
}

/** `/openapi.json`, and Swagger UI at `/docs` with sign-in by authorization code and PKCE as client `portal`. */
export async function addDocs(app: FastifyInstance, options: DocsOptions): Promise<void> {
  const document = localise(readDocument(), options);
  const text = JSON.stringify(document);
  app.get('/openapi.json', { config: { operation: 'openapi' } }, (_request, reply) => reply.type('application/json').send(text));
  await app.register(async (docs) => {
    docs.addHook('onRequest', (request, reply, done) => {
      if (isPage(request) && request.url !== pageUrl) reply.redirect(pageUrl);
      else done();
    });
    docs.addHook('onSend', (request, reply, _payload, done) => {
      // The sign-in window is of another origin and must find its way back to the page that opened it.
      if (isPage(request)) reply.header('cross-origin-opener-policy', 'same-origin-allow-popups');
      else if (fileOf(request) === 'oauth2-redirect.html') reply.header('cross-origin-opener-policy', 'unsafe-none');
      done();
    });
    await docs.register(swagger, { mode: 'static', specification: { document: document as never } });
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      theme: {
        title: 'BankCRM API',
        favicon: [{ filename: 'icon.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: icon }],
      },
      logo: { type: 'image/svg+xml', content: logo },
      uiConfig: { docExpansion: 'none', filter: true, tryItOutEnabled: true, persistAuthorization: false },
      initOAuth: { clientId: 'portal', scopes: ['openid'], usePkceWithAuthorizationCodeGrant: true },
      // Swagger UI styles its elements in place, and fetches tokens from the identity provider.
      staticCSP: [
        `default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'; script-src 'self'`,
        `style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:`,
        `connect-src 'self' ${new URL(options.issuer).origin}`,
      ].join('; '),
    });
  });
}

/** Swagger UI makes of its page's address the one that people come back to from signing in: right for this one only, without a query. */
const pageUrl = '/docs/';
const pageRoutes: readonly (string | undefined)[] = ['/docs', '/docs/', '/docs/static/index.html'];

const isPage = (request: FastifyRequest): boolean => pageRoutes.includes(request.routeOptions.url) || fileOf(request) === '';

const fileOf = (request: FastifyRequest): string | undefined => (request.params as { '*'?: string })['*'];

const svg = (width: number, content: string): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 40" font-family="sans-serif" font-weight="bold" fill="#fff">${content}</svg>`,
  );
const icon = svg(
  40,
  '<rect width="40" height="40" rx="8" fill="#1b4f9c"/><text x="20" y="30" font-size="28" text-anchor="middle">B</text>',
);
const logo = svg(150, '<text y="30" font-size="28">BankCRM</text>');

const readDocument = (): OpenApiDocument =>
  JSON.parse(readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8')) as OpenApiDocument;

/** The committed document with this installation's addresses in place of the examples. */
function localise(document: OpenApiDocument, { issuer, publicUrl }: DocsOptions): OpenApiDocument {
  const flow = document.components.securitySchemes.staff.flows.authorizationCode;
  flow.authorizationUrl = `${issuer}/protocol/openid-connect/auth`;
  flow.tokenUrl = `${issuer}/protocol/openid-connect/token`;
  document.servers = [{ url: publicUrl ?? '/' }];
  return document;
}
