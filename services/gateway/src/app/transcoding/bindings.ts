import { optionReader, registry } from '@bankcrm/proto/descriptors';
import { type Policy, policyOf } from '@bankcrm/service';
import type { DescField, DescMessage, DescMethod } from '@bufbuild/protobuf';
import { type PathTemplate, parsePathTemplate } from '../../domain/path-template.ts';

export type HttpMethod = 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';

/** One way to call an RPC over HTTP, made from its `google.api.http` annotation. */
export interface Binding {
  readonly method: DescMethod;
  /** `bankcrm.customer.v1.Customers/GetCustomer` */
  readonly operation: string;
  /** Which service answers: `customer`. */
  readonly area: string;
  /** It answers with a file, a stream of google.api.HttpBody that is passed on as it comes, not with JSON. */
  readonly file: boolean;
  readonly httpMethod: HttpMethod;
  readonly template: PathTemplate;
  /** The whole message, one field of it, or nothing. */
  readonly body: '*' | DescField | undefined;
  readonly policy: Policy;
  /** Takes the `Idempotency-Key` header. */
  readonly requestId: DescField | undefined;
  /** Where the `If-Match` header goes: `etag` or `org_unit.etag`. Only for what changes state. */
  readonly etag: readonly DescField[] | undefined;
  /** Whether the state that the caller saw must be named: everywhere but where the proto says that the etag is optional. */
  readonly etagRequired: boolean;
  /** Fields that may come from the query string. */
  readonly queryFields: readonly DescField[];
  readonly deadlineMs: number;
}

interface HttpRule {
  pattern: { case: Lowercase<HttpMethod>; value: string } | { case: 'custom'; value: unknown } | { case: undefined };
  body: string;
  responseBody: string;
  additionalBindings: HttpRule[];
}
const http = optionReader<HttpRule>('google.api.http');

const ownDeadlineMs = optionReader<number>('bankcrm.options.v1.deadline_ms');
/** How long the gateway waits for an operation that says nothing else. */
const defaultDeadlineMs = 5_000;

const fieldBehavior = optionReader<number[]>('google.api.field_behavior');
/** `google.api.FieldBehavior.OPTIONAL` */
const optional = 1;

/** Every binding of every RPC of BankCRM. Throws for an annotation that cannot be served, so that it is found at start. */
export function allBindings(): Binding[] {
  const services = [...registry].filter((type) => type.kind === 'service' && type.typeName.startsWith('bankcrm.'));
  return services.flatMap((service) => (service.kind === 'service' ? service.methods.flatMap(bindingsOf) : []));
}

/** The areas that have bindings: `customer`. */
export const areas = (): string[] => [...new Set(allBindings().map(({ area }) => area))];

/** Those of one RPC. Throws as `allBindings` does. */
export function bindingsOf(method: DescMethod): Binding[] {
  const rule = http(method);
  return rule ? [rule, ...rule.additionalBindings].map((one) => bindingOf(method, one)) : [];
}

function bindingOf(method: DescMethod, { pattern, body, responseBody }: HttpRule): Binding {
  const operation = `${method.parent.typeName}/${method.name}`;
  const unusable = (why: string): Error => new Error(`the HTTP rule of ${operation} cannot be served: ${why}`);
  const file = method.methodKind === 'server_streaming' && method.output.typeName === 'google.api.HttpBody';
  if (method.methodKind !== 'unary' && !file)
    throw unusable('it is a stream, and only one of google.api.HttpBody can be passed on');
  if (pattern.case === undefined || pattern.case === 'custom') throw unusable('it names no usual method');
  if (responseBody !== '') throw unusable('response_body is not supported');

  const { input } = method;
  const httpMethod = pattern.case.toUpperCase() as HttpMethod;
  const template = parsePathTemplate(pattern.value);
  const bodyField = body === '' || body === '*' ? undefined : fieldOf(input, [body]).at(-1);
  for (const { fieldPath } of template.variables) {
    if (fieldOf(input, fieldPath).at(-1)?.fieldKind !== 'scalar') throw unusable(`${fieldPath.join('.')} is no plain field`);
  }
  const etag = etagPath(input, httpMethod, bodyField);
  const inPath = new Set(template.variables.map(({ fieldPath }) => fieldPath[0]));
  return {
    method,
    operation,
    area: method.parent.typeName.split('.')[1]!,
    file,
    httpMethod,
    template,
    body: body === '*' ? '*' : bodyField,
    policy: policyOf(method),
    requestId: input.fields.find(({ name }) => name === 'request_id'),
    etag,
    etagRequired: etag !== undefined && !isOptional(etag.at(-1)!),
    queryFields: body === '*' ? [] : input.fields.filter((field) => field !== bodyField && !inPath.has(field.name)),
    deadlineMs: ownDeadlineMs(method) ?? defaultDeadlineMs,
  };
}

/**
 * The etag that says which state the caller saw. In an update it stands in the resource; a resource that is being created
 * has none yet.
 */
function etagPath(input: DescMessage, httpMethod: HttpMethod, body: DescField | undefined): readonly DescField[] | undefined {
  if (httpMethod === 'GET') return undefined;
  const own = input.fields.find(({ name }) => name === 'etag');
  if (own) return [own];
  if (httpMethod === 'POST' || body?.fieldKind !== 'message') return undefined;
  const inner = body.message.fields.find(({ name }) => name === 'etag');
  return inner && [body, inner];
}

const isOptional = (field: DescField): boolean => fieldBehavior(field)?.includes(optional) ?? false;

/** The fields along a path of proto names. */
export function fieldOf(message: DescMessage, path: readonly string[]): DescField[] {
  let current: DescMessage | undefined = message;
  return path.map((name) => {
    const field: DescField | undefined = current?.fields.find((candidate) => candidate.name === name);
    if (!field) throw new Error(`${message.typeName} has no field ${path.join('.')}`);
    current = field.fieldKind === 'message' ? field.message : undefined;
    return field;
  });
}
