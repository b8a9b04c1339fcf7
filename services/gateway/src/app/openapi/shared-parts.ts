import type { Schema } from './schemas.ts';

/** RFC 9457, with our extension members. */
export const problemSchema: Schema = {
  type: 'object',
  description: 'Why a request was not answered (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'reason', 'trace_id'],
  properties: {
    type: { type: 'string', format: 'uri', examples: ['urn:bankcrm:problem:invalid-field'] },
    title: { type: 'string', description: 'What kind of error it is, in the language asked for.' },
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: { type: 'string', description: 'What to tell a person, in the language asked for.' },
    reason: { type: 'string', description: 'A constant to go by.', pattern: '^[A-Z][A-Z0-9_]{0,62}$' },
    trace_id: { type: 'string', description: 'Names the request to support.', pattern: '^[0-9a-f]{32}$' },
    field: { type: 'string', description: 'The first of `fields`.' },
    fields: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'description'],
        properties: {
          field: { type: 'string', description: 'Path of the field, or name of the header.' },
          description: { type: 'string', description: 'What to change, in English.' },
        },
      },
    },
    metadata: {
      type: 'object',
      description: 'Facts about the refusal: limits, states, the permission that is missing.',
      additionalProperties: { type: 'string' },
    },
  },
};

export const headers: Record<string, Schema> = {
  ETag: { description: 'The version of the resource, for `If-Match`.', schema: { type: 'string', examples: ['"7"'] } },
  ContentDisposition: {
    description: 'Says that the body is a file, and its name.',
    schema: { type: 'string', examples: ['attachment; filename="audit-entries.csv"'] },
  },
  TraceId: { description: 'Names the request to support.', schema: { type: 'string', pattern: '^[0-9a-f]{32}$' } },
  RetryAfter: { description: 'Seconds to wait before trying again.', schema: { type: 'integer' } },
  WwwAuthenticate: { description: 'How to sign in.', schema: { type: 'string' } },
};

export const parameters: Record<string, Schema> = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'An id that you give this request. Sent again within 24 hours with the same body, it gets the same answer and changes nothing twice. Stands for `requestId` in the body.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{8,64}$' },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    description: 'The `ETag` of the version that you saw, weak or strong. Required unless the body says it in `etag`.',
    schema: { type: 'string', pattern: '^(W/)?"[^"]+"$' },
  },
  AcceptLanguage: {
    name: 'Accept-Language',
    in: 'header',
    description: 'The language of problem documents: `en` (default) or `zh-CN`.',
    schema: { type: 'string' },
  },
};

const problem = (description: string, ...names: (keyof typeof headers)[]): Schema => ({
  description,
  headers: {
    'X-Trace-Id': { $ref: '#/components/headers/TraceId' },
    ...Object.fromEntries(names.map((name) => [headerNames[name] ?? name, { $ref: `#/components/headers/${name}` }])),
  },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const headerNames: Readonly<Record<string, string>> = { RetryAfter: 'Retry-After', WwwAuthenticate: 'WWW-Authenticate' };

export const responses: Record<string, Schema> = {
  Invalid: problem('The request is wrong in itself; `fields` says where.'),
  Unauthenticated: problem('No valid access token.', 'WwwAuthenticate'),
  Denied: problem('You may not.'),
  NotFound: problem('No such thing, or you may not see it.'),
  Refused: problem('The current state does not allow this, or it exists already.'),
  Changed: problem('Somebody changed it since you read it.'),
  KeyReused: problem('The idempotency key was used for another request.'),
  PreconditionRequired: problem('`If-Match` is missing.'),
  Exhausted: problem('A limit or rate is used up.', 'RetryAfter'),
  Unavailable: problem('Overloaded, or a part of the system cannot be reached.', 'RetryAfter'),
  Problem: problem('Any other error.'),
};
