import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { allBindings } from '../transcoding/bindings.ts';
import { readComments } from './comments.ts';
import { documentText, openApiDocument } from './document.ts';
import { operationOf } from './operations.ts';
import { Schemas } from './schemas.ts';

const committed = readFileSync(new URL('../../../openapi.json', import.meta.url), 'utf8');

interface Operation {
  operationId: string;
  parameters: { $ref?: string; name?: string; in?: string }[];
  responses: Record<string, unknown>;
  'x-permission'?: string;
  'x-link-token'?: true;
  'x-reasons'?: Record<string, string>;
}
const document = JSON.parse(committed) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string; description: string }[];
  components: Record<string, Record<string, { properties?: Record<string, Record<string, unknown>> }>>;
};
const operations = Object.entries(document.paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, operation]) => ({ path, method, operation })),
);

/** Every object in a JSON value. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

describe('the OpenAPI document', () => {
  let generated = '';
  beforeAll(async () => {
    generated = documentText(openApiDocument(await readComments()));
  });

  it('is what the protos say: otherwise run `npm run generate` and commit', () => {
    expect(generated === committed).toBe(true);
  });

  it('has every route, once, under an id of its own', () => {
    const routes = allBindings().map(({ httpMethod, template }) => `${httpMethod} ${template.documented}`);
    expect(operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(routes.sort());
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
  });

  it('refers only to what it has', () => {
    const refs = [...objectsIn(document)].flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []));
    expect(refs.length).toBeGreaterThan(100);
    const dangling = refs.filter((ref) => {
      const [root, kind, group, name, ...rest] = ref.split('/');
      return root !== '#' || kind !== 'components' || rest.length > 0 || !document.components[group!]?.[name!];
    });
    expect(dangling).toEqual([]);
  });

  it('has nothing that nothing refers to', () => {
    const refs = new Set([...objectsIn(document)].map(({ $ref }) => $ref));
    const parts = ['schemas', 'parameters', 'headers', 'responses'].flatMap((group) =>
      Object.keys(document.components[group]!).map((name) => `#/components/${group}/${name}`),
    );
    expect(parts.filter((part) => !refs.has(part))).toEqual([]);
  });

  it('names every wildcard of a path as a parameter', () => {
    for (const { path, operation } of operations) {
      const wildcards = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
      const parameters = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(parameters, path).toEqual(wildcards);
    }
  });

  it('says of every operation what it needs and how it fails, and of identifying fields what they are', () => {
    for (const { operation } of operations) {
      if (!operation['x-link-token']) expect(operation['x-permission']).toMatch(/^[a-z-]+\.[a-z-]+\.[a-z-]+$/);
      const signIn = operation['x-link-token'] ? [] : ['401', '403'];
      for (const status of ['200', '400', ...signIn, '404', '429', '503', 'default'])
        expect(operation.responses).toHaveProperty(status);
    }
    expect(document.components.schemas?.['customer.v1.RevealedField']?.properties?.value).toMatchObject({
      type: 'string',
      'x-data-class': 'C2_IDENTIFYING',
    });
    expect(document.components.schemas?.['google.type.Money']?.properties?.units).toMatchObject({
      type: 'string',
      format: 'int64',
    });
  });

  it('asks for the version that was seen, but not where an act must not wait for it', () => {
    const of = (path: string) => document.paths[path]!.post!;
    const ifMatch = expect.objectContaining({ $ref: '#/components/parameters/IfMatch' });
    for (const path of ['/v1/staff/{staff}:suspend', '/v1/staff/{staff}:setPosts'])
      expect(of(path).parameters).toContainEqual(ifMatch);
    expect(of('/v1/staff/{staff}:setPosts').responses).toHaveProperty('428');
    expect(of('/v1/staff/{staff}:suspend').responses).not.toHaveProperty('428');
    expect(of('/v1/staff/{staff}:suspend').responses).toHaveProperty('412');
  });

  it('says of an operation why it and its service refuse', () => {
    const lift = document.paths['/v1/customers/{customer}:liftRestriction']!.post!;
    expect(lift['x-reasons']).toMatchObject({
      RESTRICTED_BY_CORE: 'Core banking restricts this customer: it is lifted there.',
      NOT_RESTRICTED: 'The customer is not restricted.',
    });
    expect(lift['x-reasons']).not.toHaveProperty('ALREADY_RESTRICTED');
  });

  it('says of a file that it is one, and that its errors are those of any operation', () => {
    const { responses } = document.paths['/v1/auditEntries:export']!.post!;
    expect(responses['200']).toMatchObject({
      headers: { 'Content-Disposition': { $ref: '#/components/headers/ContentDisposition' } },
      content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
    });
    for (const status of ['400', '401', '403', '404', '409', '429', '503', 'default']) expect(responses).toHaveProperty(status);
    expect(Object.keys(document.components.schemas!)).not.toContain('google.api.HttpBody');
  });

  it('asks for no sign-in where a link opens an operation', () => {
    const binding = allBindings().find(({ operation }) => operation.endsWith('/GetMe'))!;
    const byLink = { ...binding, policy: { ...binding.policy, permission: '', linkToken: true } };
    const operation = operationOf(byLink, new Schemas(new Map()), new Map());
    expect(operation).toMatchObject({ 'x-link-token': true, security: [] });
    expect(operation).not.toHaveProperty('x-permission');
    expect(Object.keys(operation.responses as object)).not.toContain('401');
  });

  it('carries the comments of the protos', () => {
    expect(document.tags.find(({ name }) => name === 'Staff')?.description).toBe(
      'The people who work with the system and the posts they hold.',
    );
    const search = document.paths['/v1/customers:search']!.post as unknown as { description: string };
    expect(search.description).toContain('A POST, so that nothing typed lands in an address.');
  });
});
