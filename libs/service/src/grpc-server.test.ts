import { callerSettings, StaffDirectory, type TokenVerifier } from '@bankcrm/access';
import { type AppError, notFound, refused, staleEtag, unauthenticated, unavailable } from '@bankcrm/kernel';
import {
  type GetMeRequest,
  type Me,
  StaffFeedService,
  type StaffMember,
  StaffService,
  StaffState,
  SuspendStaffRequest,
  type WatchStaffResponse,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Client, ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CallOptions, callMetadata, callUnary, openChannel } from './grpc-client.ts';
import { fromServiceError } from './grpc-errors.ts';
import { type Call, GrpcServer, type Handlers, type Refusal } from './grpc-server.ts';
import { openLog } from './log.ts';
import type * as policies from './policy.ts';

/** No proto has one yet: here a link opens GetStaff. */
vi.mock(import('./policy.ts'), async (original) => {
  const real = await original();
  const policyOf: typeof policies.policyOf = (method) =>
    method.name === 'GetStaff'
      ? { permission: '', audit: false, highPrivilege: false, serviceOnly: false, linkToken: true }
      : real.policyOf(method);
  return { ...real, policyOf };
});

/** Tokens are their owner's name here; what makes a token good is tested with the verifier. */
const verifier: TokenVerifier = {
  async verify(token) {
    if (token === 'never judged') return new Promise(() => {});
    const times = { issuedAt: new Date(), expiresAt: new Date(Date.now() + 60_000) };
    if (/^\d+$/.test(token)) return { kind: 'staff', staffNumber: token, ...times };
    if (token === 'forged') throw unauthenticated('INVALID_TOKEN');
    return { kind: 'service', clientId: token, ...times };
  },
};

const me: Me = { staffMember: undefined, roles: ['rm'], permissions: [] };
const getMePath = StaffService.getMe.path;

describe('the gRPC server', () => {
  let now: Date;
  let staff: StaffDirectory;
  let server: GrpcServer;
  let port: number;
  let channel: Client;
  let refusals: Refusal[];
  let answer: (request: GetMeRequest, call: Call) => Promise<Me>;
  let byLink: (call: Call) => Promise<StaffMember>;
  let watch: (call: Call) => AsyncIterable<WatchStaffResponse>;

  beforeEach(async () => {
    requireFresh = () => {};
    now = new Date();
    refusals = [];
    answer = async () => me;
    watch = async function* () {};
    staff = new StaffDirectory({ now: () => now });
    const member = {
      staffId: 's1',
      staffNumber: '100001',
      state: StaffState.ACTIVE,
      posts: [],
      notBefore: undefined,
      revision: 1n,
    };
    staff.apply({ kind: { $case: 'staff', value: member } });
    staff.apply({ kind: { $case: 'heartbeat', value: { revision: 1n, sendTime: now } } });
    port = await serve(0);
    channel = openChannel(`127.0.0.1:${port}`);
  });
  afterEach(async () => {
    channel.close();
    await server.stop(100);
  });

  let requireFresh: (highPrivilege: boolean) => void;
  const serve = (on: number): Promise<number> => {
    server = new GrpcServer({
      verifier,
      staff,
      log: openLog('test', 'silent'),
      fresh: [(highPrivilege) => requireFresh(highPrivilege)],
      onRefusal: (r) => refusals.push(r),
      maxConcurrentCalls: 3,
    });
    const others = Object.fromEntries(Object.keys(StaffService).map((name) => [name, async () => ({})]));
    server.add(StaffService, {
      ...others,
      getMe: (request: GetMeRequest, call: Call) => answer(request, call),
      getStaff: (_request: unknown, call: Call) => byLink(call),
    } as unknown as Handlers<typeof StaffService>);
    server.add(StaffFeedService, { watchStaff: (_request, call) => watch(call) });
    return server.listen('127.0.0.1', on);
  };
  const call = async (
    path: string = getMePath,
    token = '100001',
    options: Partial<CallOptions> = {},
    request: Uint8Array = Buffer.alloc(0),
  ) => callUnary(channel, path, request, { token, deadlineMs: 5_000, ...options });
  const reasonOf = (work: Promise<unknown>) =>
    work.then(
      () => 'allowed',
      (error: AppError) => error.reason,
    );
  const open = (token: string) => {
    const { path, requestSerialize, responseDeserialize } = StaffFeedService.watchStaff;
    return channel.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { fromRevision: 0n },
      callMetadata({ token }),
    );
  };
  const endOf = (stream: ReturnType<typeof open>) =>
    new Promise<string>((resolve) => {
      stream.on('data', () => {});
      stream.on('error', (error: ServiceError) => resolve(fromServiceError(error).reason));
      stream.on('end', () => resolve('ended'));
    });

  it('answers who is known and permitted, and tells the operation who asks, from where and until when', async () => {
    const calls: Call[] = [];
    answer = async (_request, c) => {
      calls.push(c);
      return me;
    };
    await call(getMePath, '100001', { callerAddress: '10.0.0.1' });
    expect(calls[0]).toMatchObject({
      operation: 'bankcrm.directory.v1.Staff/GetMe',
      caller: { kind: 'staff', staffId: 's1' },
      callerAddress: '10.0.0.1',
      peerAddress: '127.0.0.1',
    });
    expect(calls[0]!.deadline.getTime() - Date.now()).toBeLessThanOrEqual(5_000);
  });

  it('lets nobody past without a good token, a known person and the permission of the policy', async () => {
    expect(await reasonOf(call(getMePath, ''))).toBe('MISSING_TOKEN');
    expect(await reasonOf(call(getMePath, 'forged'))).toBe('INVALID_TOKEN');
    expect(await reasonOf(call(getMePath, '999999'))).toBe('UNKNOWN_STAFF');
    expect(await reasonOf(call(getMePath, 'stranger'))).toBe('UNKNOWN_SERVICE');
    expect(await reasonOf(call(StaffService.listStaff.path))).toBe('PERMISSION_MISSING');
    expect(await reasonOf(call(getMePath, 'customer'))).toBe('PERMISSION_MISSING');
  });

  it('asks no operation where a caller was refused on the way, and reports the refusal with its count', async () => {
    byLink = vi.fn();
    for (const path of [getMePath, StaffService.getStaff.path])
      expect(await reasonOf(call(path, '100001', { refused: { reason: 'INVALID_TOKEN', count: 7n } }))).toBe('INVALID_TOKEN');
    expect(refusals).toMatchObject([
      { actor: '', reason: 'INVALID_TOKEN', count: 7n, operation: 'bankcrm.directory.v1.Staff/GetMe' },
      { actor: '', reason: 'INVALID_TOKEN', count: 7n },
    ]);
    expect(byLink).not.toHaveBeenCalled();
  });

  it('lets in by a link who shows no token, as nobody, and records what is refused there', async () => {
    const seen: Call[] = [];
    byLink = async (c) => {
      seen.push(c);
      throw notFound();
    };
    const { path } = StaffService.getStaff;
    // A token makes nobody of it: the link says what the call is about.
    for (const token of [undefined, '100001', 'forged']) expect(await reasonOf(call(path, '', { token }))).toBe('NOT_FOUND');
    for (const { caller } of seen) expect(caller).toEqual({ kind: 'anonymous', permissions: new Set() });
    expect(seen).toHaveLength(3);
    expect(seen[0]!.deadline.getTime() - Date.now()).toBeLessThanOrEqual(5_000);
    expect(refusals[0]).toMatchObject({
      actor: 'anonymous',
      reason: 'NOT_FOUND',
      operation: 'bankcrm.directory.v1.Staff/GetStaff',
    });
    expect(callerSettings(seen[0]!.caller)).toEqual(callerSettings({ kind: 'service', clientId: 'x', permissions: new Set() }));
  });

  it('opens what is for systems to no person, and tells a refused stream so', async () => {
    expect(await endOf(open('100001'))).toBe('SERVICE_ONLY');
    expect(await endOf(open('gateway'))).toBe('PERMISSION_MISSING');
    expect(await endOf(open('customer'))).toBe('ended');
  });

  it('refuses who may call and sends what is no message, and asks no operation', async () => {
    byLink = vi.fn();
    // A tag alone, a wire type that is none, and a text that is cut short.
    for (const bytes of [[0x08], [0x0f, 0x01], [0x0a, 0x05, 0x41]]) {
      const error = await call(StaffService.getStaff.path, '', {}, Buffer.from(bytes)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ kind: 'INVALID', reason: 'INVALID_FIELD', fields: [{ field: 'request' }] });
      expect(await reasonOf(call(StaffService.createStaff.path, '100001', {}, Buffer.from(bytes)))).toBe('PERMISSION_MISSING');
    }
    expect(byLink).not.toHaveBeenCalled();
  });

  it('ends a stream that fails midway with its reason', async () => {
    watch = async function* () {
      yield { kind: { $case: 'reset', value: {} } };
      throw refused('MIDWAY');
    };
    expect(await endOf(open('customer'))).toBe('MIDWAY');
  });

  it('refuses people, not systems, once the directory has been silent for too long', async () => {
    now = new Date(now.getTime() + 600_001);
    expect(await reasonOf(call())).toBe('DIRECTORY_SILENT');
    expect(await endOf(open('customer'))).toBe('ended');
    expect(refusals).toMatchObject([{ actor: 'staff/s1', reason: 'DIRECTORY_SILENT' }]);
  });

  it('refuses people, not systems, with what else must be fresh, and says whether much is asked', async () => {
    const asked: boolean[] = [];
    requireFresh = (highPrivilege) => {
      asked.push(highPrivilege);
      throw unavailable('PLACEMENTS_SILENT');
    };
    expect(await reasonOf(call())).toBe('PLACEMENTS_SILENT');
    expect(await endOf(open('customer'))).toBe('ended');
    expect(asked).toEqual([false]);
    expect(refusals).toMatchObject([{ actor: 'staff/s1', reason: 'PLACEMENTS_SILENT' }]);
  });

  it('reports refusals with who, on what and why, and nothing else', async () => {
    answer = async () => {
      throw notFound();
    };
    await reasonOf(call());
    answer = async () => {
      throw staleEtag();
    };
    await reasonOf(call());
    answer = async () => {
      throw refused('SOME_STATE');
    };
    await reasonOf(call());
    const name = 'staff/0190a3f0-0000-7000-8000-000000000001';
    const suspend = (of: string) =>
      call(StaffService.suspendStaff.path, '100001', {}, SuspendStaffRequest.encode({ name: of, reason: '', etag: '' }).finish());
    await reasonOf(suspend(name));
    await reasonOf(suspend('staff/11010519491231002X'));
    await reasonOf(call(getMePath, 'forged'));
    expect(refusals.map(({ actor, resource, reason, highPrivilege }) => [actor, resource, reason, highPrivilege])).toEqual([
      ['staff/s1', '', 'NOT_FOUND', false],
      ['staff/s1', '', 'SOME_STATE', false],
      ['staff/s1', name, 'PERMISSION_MISSING', true],
      ['staff/s1', '', 'PERMISSION_MISSING', true],
      ['', '', 'INVALID_TOKEN', false],
    ]);
    expect(refusals[0]).toMatchObject({ operation: 'bankcrm.directory.v1.Staff/GetMe', peerAddress: '127.0.0.1' });
  });

  it('reports with a refusal what the operation said that it was asked for', async () => {
    const hash = Buffer.alloc(32, 1);
    answer = async (_request, { asksFor }) => {
      asksFor(hash);
      throw notFound();
    };
    await reasonOf(call());
    expect(refusals).toMatchObject([{ reason: 'NOT_FOUND', queryHash: hash }]);
  });

  it('turns calls away beyond the limit and serves again when there is room', async () => {
    const waiting: (() => void)[] = [];
    answer = () => new Promise((resolve) => waiting.push(() => resolve(me)));
    const running = [call(), call(), call()];
    await vi.waitFor(() => expect(waiting).toHaveLength(3));
    expect(await reasonOf(call())).toBe('OVERLOADED');
    for (const release of waiting) release();
    await Promise.all(running);
    answer = async () => me;
    expect(await reasonOf(call())).toBe('allowed');
  });

  it('tells an operation when its deadline has passed or its caller has gone', async () => {
    let aborted = false;
    answer = (_request, c) =>
      new Promise((_resolve, reject) => {
        c.signal.addEventListener('abort', () => {
          aborted = true;
          reject(refused('GAVE_UP'));
        });
      });
    await expect(call(getMePath, '100001', { deadlineMs: 100 })).rejects.toMatchObject({ kind: 'DEADLINE' });
    await vi.waitFor(() => expect(aborted).toBe(true));

    aborted = false;
    const begun = vi.fn();
    const waits = answer;
    answer = (request, c) => {
      begun();
      return waits(request, c);
    };
    const leaving = new AbortController();
    const left = call(getMePath, '100001', { signal: leaving.signal, deadlineMs: 60_000 });
    await vi.waitFor(() => expect(begun).toHaveBeenCalled());
    leaving.abort();
    await expect(left).rejects.toMatchObject({ kind: 'DEADLINE' });
    await vi.waitFor(() => expect(aborted).toBe(true));
  });

  it('is waited for while it is started anew by calls that may be sent twice, and by no others', async () => {
    await call();
    await server.stop(100);
    const safe = reasonOf(call(getMePath, '100001', { safe: true }));
    for (let count = 0; count < 5; count += 1) expect(await reasonOf(call())).toBe('SERVICE_UNREACHABLE');
    await serve(port);
    expect(await safe).toBe('allowed');
  });

  it.each([
    ['an operation that does not heed it', '100001'],
    ['a token that is never judged', 'never judged'],
  ])('ends a call at its deadline, whatever becomes of %s', async (_what, token) => {
    let begun = 0;
    answer = () => {
      begun += 1;
      return new Promise(() => {});
    };
    const late = [1, 2, 3].map(() => reasonOf(call(getMePath, token, { deadlineMs: 100 })));
    expect(new Set(await Promise.all(late))).toEqual(new Set(['DEADLINE_EXCEEDED']));
    expect(begun).toBe(token === '100001' ? 3 : 0);
    answer = async () => me;
    await vi.waitFor(async () => expect(await reasonOf(call())).toBe('allowed'));
  });

  it('shows nothing of an error nobody foresaw', async () => {
    answer = async () => {
      throw new Error('phone 13800138000');
    };
    const error: AppError = await call().then(
      () => expect.unreachable(),
      (thrown: AppError) => thrown,
    );
    expect(error).toMatchObject({ kind: 'INTERNAL', reason: 'INTERNAL' });
    expect(`${error.message}${String((error.cause as Error).message)}`).not.toContain('13800138000');
  });

  it('finishes what it has accepted when it stops, and accepts nothing new', async () => {
    let release = (): void => {};
    answer = () =>
      new Promise((resolve) => {
        release = () => resolve(me);
      });
    const running = reasonOf(call());
    await vi.waitFor(() => expect(String(release)).toContain('resolve'));
    const stopped = server.stop(5_000);
    release();
    expect(await running).toBe('allowed');
    await stopped;
    expect(await reasonOf(call(getMePath, '100001', { deadlineMs: 300 }))).not.toBe('allowed');
  });

  it('cuts streams off when its time to stop is up', async () => {
    watch = async function* (c) {
      yield { kind: { $case: 'reset', value: {} } };
      await new Promise((resolve) => c.signal.addEventListener('abort', resolve));
    };
    const stream = open('customer');
    const ended = endOf(stream);
    await new Promise((resolve) => stream.once('data', resolve));
    await server.stop(50);
    await ended;
  });
});
