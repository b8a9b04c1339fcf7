import { StaffDirectory, type TokenVerifier } from '@bankcrm/access';
import { refused, systemClock } from '@bankcrm/kernel';
import { StaffFeedService, WatchStaffResponse } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import type { Client } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CallOptions, openChannel } from './grpc-client.ts';
import { type Call, GrpcServer } from './grpc-server.ts';
import { callStreaming } from './grpc-stream.ts';
import { openLog } from './log.ts';

/** Tokens are the name of a service here; what makes a token good is tested with the verifier. */
const verifier: TokenVerifier = {
  verify: async (clientId) => ({ kind: 'service', clientId, issuedAt: new Date(), expiresAt: new Date(Date.now() + 60_000) }),
};
const { path } = StaffFeedService.watchStaff;
const beat = (revision: bigint): WatchStaffResponse => ({
  kind: { $case: 'heartbeat', value: { revision, sendTime: undefined } },
});
const encoded = (message: WatchStaffResponse): Buffer => Buffer.from(WatchStaffResponse.encode(message).finish());

describe('a streaming call', () => {
  let server: GrpcServer;
  let port: number;
  let channel: Client;
  let watch: (call: Call) => AsyncIterable<WatchStaffResponse>;

  const serve = (on: number): Promise<number> => {
    server = new GrpcServer({
      verifier,
      staff: new StaffDirectory(systemClock),
      log: openLog('test', 'silent'),
      onRefusal: () => {},
    });
    server.add(StaffFeedService, { watchStaff: (_request, call) => watch(call) });
    return server.listen('127.0.0.1', on);
  };
  beforeEach(async () => {
    port = await serve(0);
    channel = openChannel(`127.0.0.1:${port}`);
  });
  afterEach(async () => {
    channel.close();
    await server.stop(100);
  });
  const call = (options: Partial<CallOptions> = {}) =>
    callStreaming(channel, path, Buffer.alloc(0), { token: 'customer', deadlineMs: 5_000, ...options });

  it('gives the messages in order and the name that the service gives the file', async () => {
    watch = async function* (c) {
      c.nameFile('staff.csv');
      for (let revision = 1n; revision <= 100n; revision += 1n) yield beat(revision);
    };
    const { fileName, first, rest } = await call();
    expect(fileName).toBe('staff.csv');
    const expected = Array.from({ length: 100 }, (_, index) => encoded(beat(BigInt(index + 1))));
    expect([first, ...(await rest.toArray())]).toEqual(expected);
  });

  it('without a name for the file has none', async () => {
    watch = async function* () {
      yield beat(1n);
    };
    expect((await call()).fileName).toBeUndefined();
  });

  it('that ends without a message is no answer', async () => {
    watch = async function* () {};
    await expect(call()).rejects.toMatchObject({ kind: 'INTERNAL', reason: 'EMPTY_STREAM' });
  });

  it('that fails says why, before its first message and after', async () => {
    await expect(call({ token: 'gateway' })).rejects.toMatchObject({ kind: 'DENIED', reason: 'PERMISSION_MISSING' });
    const read = Promise.withResolvers<void>();
    watch = async function* () {
      yield beat(1n);
      await read.promise;
      throw refused('MIDWAY');
    };
    const { rest } = await call();
    read.resolve();
    await expect(rest.toArray()).rejects.toMatchObject({ kind: 'REFUSED', reason: 'MIDWAY' });
  });

  it('has one deadline, which the service knows and which ends it', async () => {
    let deadline: Date | undefined;
    watch = async function* (c) {
      deadline = c.deadline;
      yield beat(1n);
      await new Promise((resolve) => c.signal.addEventListener('abort', resolve));
    };
    const asked = Date.now();
    const { rest } = await call({ deadlineMs: 300 });
    await expect(rest.toArray()).rejects.toMatchObject({ kind: 'DEADLINE', reason: 'DEADLINE_EXCEEDED' });
    expect(Math.abs(deadline!.getTime() - asked - 300)).toBeLessThan(200);
  });

  it.each(['leaves', 'is told to stop'])('whose reader %s ends what makes its messages', async (how) => {
    const ended = vi.fn();
    watch = async function* () {
      try {
        for (let revision = 1n; ; revision += 1n) yield beat(revision);
      } finally {
        ended();
      }
    };
    const stop = new AbortController();
    const { rest } = await call({ signal: stop.signal });
    expect(ended).not.toHaveBeenCalled();
    if (how === 'leaves') rest.destroy();
    else stop.abort();
    await vi.waitFor(() => expect(ended).toHaveBeenCalled());
  });

  it('is sent again where it is safe to and the service is being started anew, and else not', async () => {
    watch = async function* () {
      yield beat(1n);
    };
    await (await call()).rest.toArray();
    await server.stop(100);
    const safe = call({ safe: true });
    await expect(call()).rejects.toMatchObject({ reason: 'SERVICE_UNREACHABLE' });
    await serve(port);
    expect((await safe).first).toEqual(encoded(beat(1n)));
  });
});
