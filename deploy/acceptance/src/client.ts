import { signIn } from '@bankcrm/local';
import { registry } from '@bankcrm/proto/descriptors';
import { fromJsonString, toBinary } from '@bufbuild/protobuf';
import { expect } from 'vitest';
import { stack } from './run.ts';

export type Reply = { status: number; headers: Headers; text: string };
export type Send = { headers?: Record<string, string>; body?: unknown; signal?: AbortSignal };
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

const limitMs = 20_000;

/** Sends a request to the gateway as it is; a body that is no text goes as JSON. */
export async function http(method: Method, path: string, { headers = {}, body, signal }: Send = {}): Promise<Reply> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(stack().gateway.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    signal: signal ?? AbortSignal.timeout(limitMs),
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Somebody with a token. */
export class Person {
  readonly token: string;

  constructor(token: string) {
    this.token = token;
  }

  send(method: Method, path: string, options: Send = {}): Promise<Reply> {
    return http(method, path, { ...options, headers: { authorization: `Bearer ${this.token}`, ...options.headers } });
  }

  get(path: string, query: Record<string, string | number> = {}): Promise<Reply> {
    const text = new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    return this.send('GET', text === '' ? path : `${path}?${text}`);
  }

  post(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Reply> {
    return this.send('POST', path, { body, headers });
  }
}

const signedIn = new Map<string, { person: Person; untilMs: number }>();
/** Tokens live five minutes. */
const reuseMs = 200_000;

/** A member of the demo bank's staff, signed in. */
export async function as(staffNumber: string): Promise<Person> {
  const known = signedIn.get(staffNumber);
  if (known && known.untilMs > performance.now()) return known.person;
  const person = new Person(await signIn(stack(), staffNumber));
  signedIn.set(staffNumber, { person, untilMs: performance.now() + reuseMs });
  return person;
}

/** A message type: its name in the contract and the generated code that reads it. */
export type Codec<T> = { decode(bytes: Uint8Array): T };

/** A good reply as the message it must be: strict proto3 JSON of that type, nothing unknown in it. */
export function read<T>(type: string, codec: Codec<T>, reply: Reply): T {
  expect(reply.status, reply.text).toBe(200);
  return decode(type, codec, reply.text);
}

export function decode<T>(type: string, codec: Codec<T>, json: string): T {
  const schema = registry.getMessage(type);
  if (!schema) throw new Error(`the contract has no message ${type}`);
  return codec.decode(toBinary(schema, fromJsonString(schema, json)));
}

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  reason: string;
  trace_id: string;
  field?: string;
};

/** A refusal as the problem document that it must be (RFC 9457), with reason and trace id and nothing of our insides. */
export function problem(reply: Reply): Problem {
  expect(reply.headers.get('content-type'), reply.text).toMatch(/^application\/problem\+json/);
  const body = JSON.parse(reply.text) as Problem;
  expect(body).toMatchObject({
    status: reply.status,
    reason: expect.stringMatching(/^[A-Z][A-Z0-9_]+$/),
    trace_id: expect.any(String),
  });
  expect(reply.text).not.toMatch(/\bat .+\.[tj]s:\d+|node_modules|\/src\/|SELECT |INSERT /);
  return body;
}
