import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AppError, refused } from '@bankcrm/kernel';
import { eventually } from '@bankcrm/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Backend, startBackend } from './support/backend.ts';
import { type Gateway, json, problem, startGateway } from './support/gateway.ts';
import { type Issuer, startIssuer } from './support/issuer.ts';

/** Instead of the minute that the proto gives an export; undefined: that minute. */
const deadline = vi.hoisted(() => ({ ms: undefined as number | undefined }));
vi.mock(import('../src/app/transcoding/bindings.ts'), async (original) => {
  const real = await original();
  const shortened = (binding: ReturnType<typeof real.allBindings>[number]) =>
    binding.file ? { ...binding, deadlineMs: deadline.ms ?? binding.deadlineMs } : binding;
  return { ...real, allBindings: () => real.allBindings().map(shortened) };
});

const path = '/v1/auditEntries:export';
const asked = { filter: 'operation = "x"', format: 'FORMAT_CSV', reason: 'yearly audit' };
const csv = 'text/csv; charset=utf-8';
let issuer: Issuer;
let backend: Backend;
let gateway: Gateway;

beforeAll(async () => {
  issuer = await startIssuer();
  backend = await startBackend(issuer, 0);
});
afterAll(async () => {
  await backend.stop();
  await issuer.stop();
});
beforeEach(async () => {
  backend.calls.length = 0;
  deadline.ms = undefined;
  gateway = await startGateway(issuer, backend.address);
});
afterEach(() => gateway.stop());

const answer = (stream: Backend['answers'][string]): void => {
  backend.answers.exportAuditEntries = stream;
};
const data = (text: string): { data: Buffer } => ({ data: Buffer.from(text) });
const ask = (headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> =>
  gateway.send(path, { ...json(asked, headers), ...(signal ? { signal } : {}) });
/** A reply that is read only as its test wants. */
const askUnread = async (): Promise<IncomingMessage> => {
  const headers = { authorization: `Bearer ${issuer.token()}`, 'content-type': 'application/json' };
  const sent = httpRequest(`${gateway.url}${path}`, { method: 'POST', headers, agent: false }).end(JSON.stringify(asked));
  sent.on('error', () => {});
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  return response;
};
const lineOf = (msg: string) =>
  gateway.lines.find((line) => line.msg === msg && String(line.operation).endsWith('ExportAuditEntries'));

describe('a file', () => {
  it('comes as the service sends it, with its type and name and the headers of every reply', async () => {
    answer(async function* (_request, call) {
      call.nameFile('audit-entries-2026.csv');
      yield { contentType: csv, ...data('name,阶\n') };
      yield data('');
      yield data('a,1\n');
    });
    const response = await ask({ 'accept-encoding': 'gzip' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('name,阶\na,1\n');
    const { headers } = response;
    expect(headers.get('content-type')).toBe(csv);
    expect(headers.get('content-disposition')).toBe('attachment; filename="audit-entries-2026.csv"');
    expect(headers.get('transfer-encoding')).toBe('chunked');
    expect(headers.get('content-encoding')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('strict-transport-security')).toContain('max-age=');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    await eventually(() => expect(lineOf('request')).toMatchObject({ status: 200, outcome: 'OK' }));
    expect(lineOf('request')?.trace_id).toBe(headers.get('x-trace-id'));
  });

  it('is asked for as any operation is: with what the body says, who asks, from where, and until when', async () => {
    answer(async function* () {
      yield { contentType: csv };
    });
    expect(await (await ask()).text()).toBe('');
    const [{ request, call } = expect.unreachable()] = backend.calls;
    expect(request).toMatchObject({ filter: 'operation = "x"', reason: 'yearly audit' });
    expect(call).toMatchObject({ caller: { kind: 'staff' }, callerAddress: '127.0.0.1' });
    // The minute of the proto, not what a call without a deadline gets.
    expect(call.deadline.getTime() - Date.now()).toBeGreaterThan(45_000);
  });

  it('begins before it is finished', async () => {
    const read = Promise.withResolvers<void>();
    answer(async function* () {
      yield { contentType: csv, ...data('first') };
      await read.promise;
      yield data('last');
    });
    const response = await ask();
    const reader = response.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('first');
    read.resolve();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('last');
    expect((await reader.read()).done).toBe(true);
  });

  it('is given to nobody without a token, to no stranger and not without limit, and takes no idempotency key', async () => {
    await gateway.stop();
    gateway = await startGateway(issuer, backend.address, { rateLimitPerMinute: 3 });
    expect(await problem(await ask({ authorization: 'Bearer x.y.z' }))).toMatchObject({ status: 401 });
    const stranger = { authorization: `Bearer ${issuer.token('999999')}` };
    expect(await problem(await ask(stranger))).toMatchObject({ status: 401, reason: 'UNKNOWN_STAFF' });
    expect(backend.calls).toEqual([]);
    answer(async function* () {
      yield { contentType: csv };
    });
    const keyed = await ask({ 'idempotency-key': 'key-0001' });
    expect(await problem(keyed)).toMatchObject({ status: 400, reason: 'IDEMPOTENCY_KEY_NOT_TAKEN' });
    for (const _ of [1, 2]) expect((await ask()).status).toBe(200);
    expect(await problem(await ask())).toMatchObject({ status: 429, reason: 'RATE_LIMITED' });
  });

  it('that fails before its first message is answered with a problem document', async () => {
    answer(async function* (_request, call) {
      call.nameFile('audit-entries.csv');
      if (call) throw refused('EXPORT_TOO_LARGE', { limit: 1_000 });
      yield {};
    });
    const response = await ask();
    expect(response.headers.get('content-disposition')).toBeNull();
    expect(await problem(response)).toEqual({ status: 409, reason: 'EXPORT_TOO_LARGE', fields: [] });
    expect(lineOf('file cut off')).toBeUndefined();
  });

  it.each([
    ['has no message', []],
    ['has no content type', [data('x')]],
    ['would smuggle a header in', [{ contentType: 'text/csv\r\nx: y', ...data('x') }]],
  ])('that %s is a fault of ours, not an empty file', async (_what, messages) => {
    answer(async function* () {
      yield* messages;
    });
    expect(await problem(await ask())).toMatchObject({ status: 500, reason: 'INTERNAL' });
  });

  it('that fails half-way is cut off, and logged with its trace', async () => {
    const read = Promise.withResolvers<void>();
    answer(async function* () {
      yield { contentType: csv, ...data('first') };
      await read.promise;
      throw new AppError('UNAVAILABLE', 'WAREHOUSE_UNREACHABLE');
    });
    const response = await ask();
    const reader = response.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe('first');
    read.resolve();
    await expect(reader.read()).rejects.toThrow();
    await eventually(() => expect(lineOf('request')).toMatchObject({ status: 503, outcome: 'WAREHOUSE_UNREACHABLE' }));
    expect(lineOf('file cut off')?.trace_id).toBe(response.headers.get('x-trace-id'));
  });

  it.each(['before', 'after'])('is given up at the service when its reader leaves %s its first message', async (when) => {
    const leaving = new AbortController();
    const left = Promise.withResolvers<number>();
    answer(async function* (_request, call) {
      call.signal.addEventListener('abort', () => left.resolve(call.deadline.getTime() - Date.now()));
      if (when === 'after') yield { contentType: csv, ...data('first') };
      else leaving.abort();
      await left.promise;
    });
    const reply = ask({}, leaving.signal);
    if (when === 'after') {
      await (await reply).body!.getReader().read();
      leaving.abort();
    } else await expect(reply).rejects.toThrow();
    // Not because its time is up.
    expect(await left.promise).toBeGreaterThan(10_000);
    await eventually(() => expect(lineOf('request')).toMatchObject({ status: 499, outcome: 'CALLER_GONE' }));
    expect(lineOf('file cut off')).toBeUndefined();
  });
});

describe('the deadline of a file', () => {
  beforeEach(async () => {
    await gateway.stop();
    deadline.ms = 700;
    gateway = await startGateway(issuer, backend.address);
  });

  it('cuts one off that is never finished', async () => {
    answer(async function* (_request, { signal }) {
      yield { contentType: csv, ...data('first') };
      await once(signal, 'abort');
    });
    const begun = performance.now();
    await expect((await ask()).text()).rejects.toThrow();
    expect(performance.now() - begun).toBeGreaterThan(600);
    await eventually(() => expect(lineOf('request')).toMatchObject({ status: 504, outcome: 'DEADLINE_EXCEEDED' }));
  });

  it('cuts one off that nobody reads', async () => {
    answer(async function* () {
      yield { contentType: csv };
      for (;;) yield { data: Buffer.alloc(64 * 1024) };
    });
    const response = await askUnread();
    await eventually(() => expect(lineOf('request')).toMatchObject({ status: 504, outcome: 'DEADLINE_EXCEEDED' }));
    response.destroy();
  });
});

describe('a reader slower than the service', () => {
  const messageBytes = 64 * 1024;
  const fileBytes = 128 * 1024 * 1024;
  /** What sockets, HTTP/2 and the parts of the gateway may hold between service and reader, all together. */
  const underWayBytes = 24 * 1024 * 1024;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heldBytes = (): number => {
    collect();
    // What the first one has found unused is given back beside the program; the second one waits for that.
    collect();
    return process.memoryUsage().arrayBuffers;
  };

  it('slows the service down, fills no memory, keeps nobody else waiting, and gets every byte', async () => {
    let sentBytes = 0;
    answer(async function* () {
      yield { contentType: 'application/octet-stream' };
      for (let index = 0; sentBytes < fileBytes; index += 1) {
        sentBytes += messageBytes;
        yield { data: Buffer.alloc(messageBytes, index % 251) };
      }
    });
    backend.answers.getMe = async () => ({ roles: ['rm'] });
    const heldBefore = heldBytes();
    const response = await askUnread();
    // Nothing is read: the service comes to a halt, and a call over the same channel does not.
    let seen = 0;
    const halted = (): void => {
      const before = seen;
      seen = sentBytes;
      expect(seen).toBeGreaterThan(messageBytes);
      expect(seen).toBe(before);
    };
    await eventually(halted, { everyMs: 500 });
    expect(sentBytes).toBeLessThan(underWayBytes);
    expect((await gateway.send('/v1/me')).status).toBe(200);

    let readBytes = 0;
    let mostUnderWay = 0;
    let mostHeld = 0;
    let wrong = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (const at of [0, chunk.length - 1]) if (chunk[at] !== Math.floor((readBytes + at) / messageBytes) % 251) wrong += 1;
      const quarters = (bytes: number): number => Math.floor(bytes / (fileBytes / 4));
      if (quarters(readBytes) < quarters(readBytes + chunk.length)) mostHeld = Math.max(mostHeld, heldBytes() - heldBefore);
      readBytes += chunk.length;
      mostUnderWay = Math.max(mostUnderWay, sentBytes - readBytes);
    }
    expect([readBytes, wrong]).toEqual([fileBytes, 0]);
    expect(mostUnderWay).toBeLessThan(underWayBytes);
    expect(mostHeld).toBeLessThan(underWayBytes);
  });
});
