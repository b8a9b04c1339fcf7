import { invalid, invalidFields, parseJson } from '@bankcrm/kernel';
import { type DescField, fromJson, type JsonObject, type JsonValue, type Message, toBinary } from '@bufbuild/protobuf';
import { isPathId, variableValue } from '../../domain/path-template.ts';
import { etagOf, noOneVersion, preconditionRequired, requireIdempotencyKey } from '../../domain/request-headers.ts';
import type { Binding } from './bindings.ts';
import { readQuery } from './query.ts';
import { violationsOf } from './violations.ts';

/** The parts of an HTTP request that make a message. */
export interface RequestParts {
  /** Texts of the path's wildcards, in order. */
  ids: readonly (string | undefined)[];
  /** Without the question mark. */
  query: string;
  body: Buffer | undefined;
  idempotencyKey: string | undefined;
  ifMatch: string | undefined;
}

export interface EncodedRequest {
  bytes: Uint8Array;
  /** May be sent again when nobody can say whether it arrived. */
  repeatable: boolean;
}

const maxViolations = 20;

/** Makes the request message of an RPC, encoded. Throws INVALID naming what to change. */
export function readRequest(binding: Binding, parts: RequestParts): EncodedRequest {
  const json: JsonObject = { ...readBody(binding, parts.body), ...readQuery(parts.query, binding.queryFields) };
  putPath(json, binding, parts.ids);
  const requestId = putIdempotencyKey(json, binding, parts.idempotencyKey);
  putEtag(json, binding, parts.ifMatch);
  const message = decode(binding, json);
  return { bytes: toBinary(binding.method.input, message), repeatable: binding.httpMethod === 'GET' || requestId };
}

function readBody({ body: rule }: Binding, body: Buffer | undefined): JsonObject {
  if (!body || body.length === 0) return {};
  if (!rule) throw invalid('body', 'must be empty: this operation takes none', 'BODY_NOT_ALLOWED');
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('body', 'must be an object');
  return rule === '*' ? value : { [rule.jsonName]: value };
}

/** The path says what is meant; a body may repeat it, not contradict it. */
function putPath(json: JsonObject, { template, method }: Binding, ids: RequestParts['ids']): void {
  const given = ids.filter(isPathId);
  if (given.length !== template.wildcards.length)
    throw invalid(template.variables[0]?.fieldPath.join('.') ?? 'path', `must fit ${template.text}`, 'INVALID_RESOURCE_NAME');
  for (const variable of template.variables) {
    const value = variableValue(variable, given);
    let fields = method.input.fields;
    let target = json;
    variable.fieldPath.forEach((name, depth) => {
      const field = fields.find((candidate) => candidate.name === name)!;
      const key = keyOf(target, field);
      if (depth < variable.fieldPath.length - 1) {
        const inner = target[key] ?? {};
        if (typeof inner !== 'object' || Array.isArray(inner)) throw invalid(key, 'must be an object');
        // A copy: the query's and the body's objects stay as they were read.
        target[key] = { ...inner };
        target = target[key] as JsonObject;
        fields = field.fieldKind === 'message' ? field.message.fields : [];
        return;
      }
      const said = target[key] ?? '';
      if (said !== '' && said !== value) throw invalid(variable.fieldPath.join('.'), 'must be absent or what the path says');
      target[key] = value;
    });
  }
}

/** Gives whether the request carries an id of its own. */
function putIdempotencyKey(json: JsonObject, { requestId: field, httpMethod }: Binding, header: string | undefined): boolean {
  if (!field) {
    // Ignored, it would promise that the request can be sent twice.
    if (header !== undefined && httpMethod !== 'GET')
      throw invalid('Idempotency-Key', 'must be absent: this operation takes none', 'IDEMPOTENCY_KEY_NOT_TAKEN');
    return false;
  }
  const key = keyOf(json, field);
  const inBody = json[key] ?? '';
  if (header !== undefined) {
    if (inBody !== '' && inBody !== header)
      throw invalid('Idempotency-Key', `must be absent or equal to ${key}`, 'INVALID_IDEMPOTENCY_KEY');
    json[key] = requireIdempotencyKey(header, 'Idempotency-Key');
    return true;
  }
  if (inBody === '' || typeof inBody !== 'string') return false;
  requireIdempotencyKey(inBody, key);
  return true;
}

function putEtag(json: JsonObject, { etag: path, etagRequired }: Binding, ifMatch: string | undefined): void {
  if (!path) return;
  const etag = ifMatch === undefined ? '' : etagOf(ifMatch);
  let target = json;
  for (const field of path.slice(0, -1)) {
    const key = keyOf(target, field);
    const inner = target[key];
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) throw invalid(key, 'must be an object');
    target[key] = { ...inner };
    target = target[key] as JsonObject;
  }
  const key = keyOf(target, path.at(-1)!);
  const inBody = target[key] ?? '';
  if (etag === '') {
    if (inBody === '' && etagRequired) throw ifMatch === undefined ? preconditionRequired() : noOneVersion();
    return;
  }
  if (inBody !== '' && inBody !== etag) throw invalid('If-Match', `must be absent or equal to ${key}`, 'INVALID_IF_MATCH');
  target[key] = etag;
}

/** The key under which a field stands or will stand: both of its names are right. */
const keyOf = (json: Record<string, JsonValue>, field: DescField): string =>
  Object.hasOwn(json, field.name) ? field.name : field.jsonName;

function decode({ method: { input } }: Binding, json: JsonObject): Message {
  let message: Message | undefined;
  try {
    message = fromJson(input, json);
  } catch {
    // Its message quotes the value; ours names the field.
  }
  const violations = [...violationsOf(input, json, message ? 'taken' : 'refused').take(maxViolations)];
  if (violations.length > 0) throw invalidFields(violations);
  if (!message) throw invalid('body', `must be the JSON form of ${input.name}`);
  return message;
}
