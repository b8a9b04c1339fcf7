import { reasonsOf } from '@bankcrm/proto/descriptors';
import { type DescField, ScalarType } from '@bufbuild/protobuf';
import type { Binding } from '../transcoding/bindings.ts';
import type { Comments } from './comments.ts';
import type { Schema, Schemas } from './schemas.ts';

const ref = (kind: string, name: string): Schema => ({ $ref: `#/components/${kind}/${name}` });

const optionalVersion = 'The `ETag` of the version that you saw, where you have read one.';

/** The OpenAPI operation of a binding. */
export function operationOf(binding: Binding, schemas: Schemas, comments: Comments): Schema {
  const { method, policy, requestId, etag, etagRequired, httpMethod, operation } = binding;
  const description = comments.get(`${method.parent.typeName}.${method.name}`);
  const parameters = [
    ...pathParameters(binding),
    ...binding.queryFields.filter(isParameter).map((field) => queryParameter(field, schemas)),
    ...(requestId ? [ref('parameters', 'IdempotencyKey')] : []),
    ...(etag ? [{ ...ref('parameters', 'IfMatch'), ...(etagRequired ? {} : { description: optionalVersion }) }] : []),
    ref('parameters', 'AcceptLanguage'),
  ];
  const changes = httpMethod !== 'GET';
  return {
    operationId: `${method.parent.name}_${method.name}`,
    tags: [method.parent.name],
    summary: words(method.name),
    ...(description === undefined ? {} : { description }),
    'x-operation': operation,
    ...(policy.linkToken ? { 'x-link-token': true, security: [] } : { 'x-permission': policy.permission }),
    ...(policy.highPrivilege ? { 'x-high-privilege': true } : {}),
    ...reasons(binding),
    parameters,
    ...requestBody(binding, schemas),
    responses: {
      200: success(binding, schemas),
      400: ref('responses', 'Invalid'),
      ...(policy.linkToken ? {} : { 401: ref('responses', 'Unauthenticated'), 403: ref('responses', 'Denied') }),
      404: ref('responses', 'NotFound'),
      ...(changes ? { 409: ref('responses', 'Refused') } : {}),
      ...(etag ? { 412: ref('responses', 'Changed') } : {}),
      ...(requestId ? { 422: ref('responses', 'KeyReused') } : {}),
      ...(etagRequired ? { 428: ref('responses', 'PreconditionRequired') } : {}),
      429: ref('responses', 'Exhausted'),
      503: ref('responses', 'Unavailable'),
      default: ref('responses', 'Problem'),
    },
  };
}

/** How the operation and its service refuse, beyond what any operation may answer: what a page must have an answer to. */
function reasons({ method }: Binding): Schema {
  const own = [...reasonsOf(method), ...reasonsOf(method.parent)];
  return own.length === 0 ? {} : { 'x-reasons': Object.fromEntries(own.map(({ name, en }) => [name, en])) };
}

/** `ListDeadLetters` → `List dead letters`. */
const words = (name: string): string =>
  name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll(/(?<=[a-z])(?=\d)/g, ' ');

function pathParameters({ template }: Binding): Schema[] {
  return template.wildcards.map((name) => ({
    name,
    in: 'path',
    required: true,
    description: `Id of the ${name}: the last part of its name.`,
    schema: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$' },
  }));
}

/** Message-typed fields do not stand in query strings, apart from times. */
const isParameter = (field: DescField): boolean =>
  field.fieldKind !== 'map' && (!field.message || field.message.typeName === 'google.protobuf.Timestamp');

function queryParameter(field: DescField, schemas: Schemas): Schema {
  const { description, ...schema } = schemas.field(field);
  return {
    name: field.jsonName,
    in: 'query',
    ...(description === undefined ? {} : { description }),
    schema: field.scalar === ScalarType.INT32 && field.name === 'page_size' ? { ...schema, minimum: 0 } : schema,
  };
}

function requestBody({ body, template, method: { input } }: Binding, schemas: Schemas): Schema {
  if (!body) return {};
  const inPath = new Set(template.variables.map(({ fieldPath }) => fieldPath[0]));
  const schema = body === '*' ? schemas.object(input, ({ name }) => !inPath.has(name)) : schemas.message(body.message!);
  const closed = body === '*' ? { ...schema, additionalProperties: false } : schema;
  return { requestBody: { required: body !== '*', content: { 'application/json': { schema: closed } } } };
}

function success({ method: { output }, file }: Binding, schemas: Schemas): Schema {
  if (file) return fileReply;
  const hasEtag = output.fields.some(({ name }) => name === 'etag');
  return {
    description: 'Done.',
    headers: {
      'X-Trace-Id': ref('headers', 'TraceId'),
      ...(hasEtag ? { ETag: ref('headers', 'ETag') } : {}),
    },
    content: { 'application/json': { schema: schemas.message(output) } },
  };
}

const fileReply: Schema = {
  description: 'The file, as it is made. A connection that ends before the body does has cut it off: what came is not all of it.',
  headers: { 'X-Trace-Id': ref('headers', 'TraceId'), 'Content-Disposition': ref('headers', 'ContentDisposition') },
  content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
};
