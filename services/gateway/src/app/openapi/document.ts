import { allBindings } from '../transcoding/bindings.ts';
import type { Comments } from './comments.ts';
import { operationOf } from './operations.ts';
import { type Schema, Schemas } from './schemas.ts';
import { headers, parameters, problemSchema, responses } from './shared-parts.ts';

/** The parts of an OpenAPI 3.1 document that the gateway itself works with. */
export interface OpenApiDocument {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, Schema>>;
  components: {
    schemas: Record<string, Schema>;
    securitySchemes: { staff: { flows: { authorizationCode: { authorizationUrl: string; tokenUrl: string } } } };
  };
  [part: string]: unknown;
}

const exampleIssuer = 'https://identity.example.com/realms/bankcrm';

/** The document of the whole API, always the same for the same protos. */
export function openApiDocument(comments: Comments): OpenApiDocument {
  const schemas = new Schemas(comments);
  const bindings = allBindings();
  const paths: OpenApiDocument['paths'] = {};
  for (const binding of bindings.toSorted((a, b) => (a.template.documented < b.template.documented ? -1 : 1))) {
    const { documented } = binding.template;
    paths[documented] = { ...paths[documented], [binding.httpMethod.toLowerCase()]: operationOf(binding, schemas, comments) };
  }
  const services = new Map(bindings.map(({ method: { parent } }) => [parent.name, comments.get(parent.typeName)]));
  return {
    openapi: '3.1.0',
    info: {
      title: 'BankCRM',
      version: 'v1',
      description: [
        'Bodies are proto3 JSON: names in lowerCamelCase, 64-bit whole numbers as texts, times in RFC 3339, fields without a value left out.',
        'What a body or query has that is not listed here is refused.',
        'Errors are problem documents (RFC 9457); programs go by `reason`, people by `detail`, support by `trace_id`. What an operation and others of its service refuse for stands in its `x-reasons`.',
        'A customer that you may not see and one that does not exist answer alike.',
      ].join('\n\n'),
    },
    servers: [{ url: '/' }],
    security: [{ staff: ['openid'] }],
    tags: [...services]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, description]) => ({ name, ...(description === undefined ? {} : { description }) })),
    paths,
    components: {
      schemas: { ...schemas.collected, Problem: problemSchema },
      parameters,
      headers,
      responses,
      securitySchemes: {
        staff: {
          type: 'oauth2',
          description: 'Staff sign in with their staff number.',
          flows: {
            authorizationCode: {
              authorizationUrl: `${exampleIssuer}/protocol/openid-connect/auth`,
              tokenUrl: `${exampleIssuer}/protocol/openid-connect/token`,
              scopes: { openid: 'Who you are.' },
            },
          },
        },
      },
    },
  } as OpenApiDocument;
}

/** As it is committed. */
export const documentText = (document: OpenApiDocument): string => `${JSON.stringify(document, null, 2)}\n`;
