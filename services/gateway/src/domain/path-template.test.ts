import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { isPathId, parsePathTemplate, variableValue } from './path-template.ts';

describe('a path template', () => {
  it.each([
    ['/v1/me', '/v1/me', '/v1/me'],
    ['/v1/customers:search', '/v1/customers::search', '/v1/customers:search'],
    ['/v1/{name=customers/*}', '/v1/customers/:p0(^[^:]*)', '/v1/customers/{customer}'],
    ['/v1/{name=customers/*}:view360', '/v1/customers/:p0(^[^:]*)::view360', '/v1/customers/{customer}:view360'],
    ['/v1/{parent=customers/*}/history', '/v1/customers/:p0/history', '/v1/customers/{customer}/history'],
    [
      '/v1/{parent=customers/*/holdings/*}/holders',
      '/v1/customers/:p0/holdings/:p1/holders',
      '/v1/customers/{customer}/holdings/{holding}/holders',
    ],
    ['/v1/{org_unit.name=orgUnits/*}', '/v1/orgUnits/:p0(^[^:]*)', '/v1/orgUnits/{orgUnit}'],
    ['/v1/{name=auditEntries/*}', '/v1/auditEntries/:p0(^[^:]*)', '/v1/auditEntries/{auditEntry}'],
    ['/v1/things/{thing_id}', '/v1/things/:p0(^[^:]*)', '/v1/things/{thing}'],
  ])('%s becomes a route and a documented path', (text, route, documented) => {
    expect(parsePathTemplate(text)).toMatchObject({ route, documented });
  });

  it('gives its variables back from what stands for the wildcards', () => {
    const { variables } = parsePathTemplate('/v1/{parent=customers/*/holdings/*}/holders/{holder}');
    expect(variables.map((variable) => [variable.fieldPath, variableValue(variable, ['a', 'b', 'c'])])).toEqual([
      [['parent'], 'customers/a/holdings/b'],
      [['holder'], 'c'],
    ]);
  });

  it.each(['v1/x', '/v1/{name=**}', '/v1/{name=customers/**}', '/v1/{name', '/v1/a b', '/', '/v1//x', '/v1/{a={b}}'])(
    '%s is refused at start',
    (text) => {
      expect(() => parsePathTemplate(text)).toThrow('cannot be served');
    },
  );

  it('leads the router to the right one of a resource, its verbs and its collections', async () => {
    const app = fastify();
    for (const text of [
      '/v1/customers',
      '/v1/customers:search',
      '/v1/{name=customers/*}',
      '/v1/{name=customers/*}:reveal',
      '/v1/{name=customers/*}:restrict',
      '/v1/{parent=customers/*}/history',
    ])
      app.get(parsePathTemplate(text).route, () => text);
    const ask = async (url: string): Promise<string> => (await app.inject(url)).body;
    expect(await ask('/v1/customers')).toBe('/v1/customers');
    expect(await ask('/v1/customers:search')).toBe('/v1/customers:search');
    expect(await ask('/v1/customers/1')).toBe('/v1/{name=customers/*}');
    expect(await ask('/v1/customers/1:reveal')).toBe('/v1/{name=customers/*}:reveal');
    expect(await ask('/v1/customers/1:restrict')).toBe('/v1/{name=customers/*}:restrict');
    expect(JSON.parse(await ask('/v1/customers/1:nothing'))).toMatchObject({ statusCode: 404 });
    expect(await ask('/v1/customers/1/history')).toBe('/v1/{parent=customers/*}/history');
  });
});

describe('an id in a path', () => {
  it.each(['0192f0c1-7a52-7c3e-9b1d-3f6a2e5d8c40', 'core.corebanking.customers.v1', 'a'])('may be %s', (id) => {
    expect(isPathId(id)).toBe(true);
  });
  it.each(['', '.', '..', 'a/b', 'a:b', 'a b', 'a\u0000', '张', '*', undefined, 'x'.repeat(129)])('may not be %j', (id) => {
    expect(isPathId(id)).toBe(false);
  });
});
