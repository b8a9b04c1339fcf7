import { StaffDirectory } from '@bankcrm/access';
import { unavailable } from '@bankcrm/kernel';
import { StaffFeedService, type WatchStaffResponse } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { openAuthority } from '@bankcrm/testing/certificates.ts';
import type { Client } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { feedStaffDirectory } from './directory-feed.ts';
import { openChannel } from './grpc-client.ts';
import { GrpcServer } from './grpc-server.ts';
import { openLog } from './log.ts';

const clock = { now: () => new Date() };
const log = openLog('test', 'silent');
const heartbeat = (revision: bigint): WatchStaffResponse => ({
  kind: { $case: 'heartbeat', value: { revision, sendTime: new Date() } },
});

describe('feeding the staff directory', () => {
  const stopping = new AbortController();
  let server: GrpcServer;
  let channel: Client;
  let staff: StaffDirectory;
  let askedFrom: bigint[];
  /** What the directory does with the nth watcher. */
  let watchers: (() => AsyncIterable<WatchStaffResponse>)[];
  const uncaught: unknown[] = [];
  const onUncaught = (error: unknown): void => void uncaught.push(error);

  beforeEach(async () => {
    process.on('uncaughtException', onUncaught);
    askedFrom = [];
    staff = new StaffDirectory(clock);
    server = new GrpcServer({
      verifier: {
        verify: async () => ({ kind: 'service', clientId: 'customer', issuedAt: clock.now(), expiresAt: new Date(8.64e15) }),
      },
      staff: new StaffDirectory(clock),
      log,
      onRefusal: () => {},
    });
    server.add(StaffFeedService, {
      watchStaff: ({ fromRevision }) => {
        askedFrom.push(fromRevision);
        return (watchers[askedFrom.length - 1] ?? watchers.at(-1)!)();
      },
    });
    channel = openChannel(`127.0.0.1:${await server.listen('127.0.0.1', 0)}`);
  });
  afterEach(async () => {
    stopping.abort();
    channel.close();
    await server.stop(50);
    process.off('uncaughtException', onUncaught);
  });

  it('goes on from the last revision after a refusal, an end and a break, and none of them ends the process', async () => {
    const open = async function* () {
      yield heartbeat(9n);
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve));
    };
    watchers = [
      // biome-ignore lint/correctness/useYield: refused before the first message.
      async function* () {
        throw unavailable('FEED_BEHIND');
      },
      async function* () {
        yield heartbeat(5n);
      },
      async function* () {
        yield heartbeat(7n);
        throw unavailable('WATCHER_TOO_SLOW');
      },
      open,
    ];
    feedStaffDirectory({ channel, token: async () => 'token', staff, log, signal: stopping.signal });
    await vi.waitFor(() => expect(staff.revision).toBe(9n), { timeout: 10_000 });
    expect(askedFrom).toEqual([0n, 0n, 5n, 7n]);
    expect(uncaught).toEqual([]);
  });

  it('says which peer cannot be reached and why, when its certificate is of another name', async () => {
    const authority = openAuthority();
    const tlsOf = (host: string) => {
      const { cert, key } = authority.issue(host);
      return { ca: Buffer.from(authority.ca), cert: Buffer.from(cert), key: Buffer.from(key) };
    };
    const other = new GrpcServer({ verifier: { verify: async () => Promise.reject() }, staff, log, onRefusal: () => {} });
    const port = await other.listen('127.0.0.1', 0, tlsOf('somebody.example'));
    const mistaken = openChannel(`localhost:${port}`, tlsOf('customer'));
    const told: object[] = [];
    const ended = new AbortController();
    feedStaffDirectory({
      channel: mistaken,
      token: async () => 'token',
      staff,
      log: { ...log, warn: (facts: object) => void told.push(facts) },
      signal: ended.signal,
    });
    await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 10_000 });
    expect(told[0]).toMatchObject({ peer: `dns:localhost:${port}`, why: expect.stringMatching(/altnames.*somebody\.example/) });
    ended.abort();
    mistaken.close();
    await other.stop(50);
  });
});
