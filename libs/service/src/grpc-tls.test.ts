import { networkInterfaces } from 'node:os';
import { StaffDirectory } from '@bankcrm/access';
import { type AppError, systemClock } from '@bankcrm/kernel';
import { StaffFeedService } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { openAuthority } from '@bankcrm/testing/certificates.ts';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callUnary, openChannel } from './grpc-client.ts';
import { GrpcServer } from './grpc-server.ts';
import { openLog } from './log.ts';
import type { Tls } from './transport.ts';

const bank = openAuthority();
const stranger = openAuthority();
const tlsOf = (authority: typeof bank, host: string, trusted = authority): Tls => {
  const { cert, key } = authority.issue(host);
  return { cert: Buffer.from(cert), key: Buffer.from(key), ca: Buffer.from(trusted.ca) };
};

const openServer = (): GrpcServer => {
  const server = new GrpcServer({
    verifier: { verify: () => Promise.reject(new Error('no test sends a token')) },
    staff: new StaffDirectory(systemClock),
    log: openLog('test', 'silent'),
    onRefusal: () => {},
  });
  server.add(StaffFeedService, { watchStaff: async function* () {} });
  return server;
};

/** What a call without a token comes to: the server's word that there is none, or that nobody could be spoken to. */
async function reach(channel: Client): Promise<string> {
  const { path } = StaffFeedService.watchStaff;
  try {
    return await callUnary(channel, path, Buffer.alloc(0), { token: '', deadlineMs: 5_000 }).then(
      () => 'answered',
      (error: AppError) => error.reason,
    );
  } finally {
    channel.close();
  }
}
const reached = 'MISSING_TOKEN';
const notReached = 'SERVICE_UNREACHABLE';

describe('a server with certificates', () => {
  const server = openServer();
  let port: number;
  beforeAll(async () => {
    port = await server.listen('127.0.0.1', 0, tlsOf(bank, 'localhost'));
  });
  afterAll(() => server.stop(100));

  it('answers a client with a certificate of its CA, and by TLS alone', async () => {
    expect(await reach(openChannel(`localhost:${port}`, tlsOf(bank, 'gateway')))).toBe(reached);
    expect(await reach(openChannel(`localhost:${port}`))).toBe(notReached);
  });

  it('lets no client in that has no certificate, or one of another CA', async () => {
    const without = credentials.createSsl(Buffer.from(bank.ca));
    expect(await reach(new Client(`dns:localhost:${port}`, without))).toBe(notReached);
    expect(await reach(openChannel(`localhost:${port}`, tlsOf(stranger, 'gateway', bank)))).toBe(notReached);
  });

  it('is no server to a client of another CA, nor under a name that its certificate does not have', async () => {
    expect(await reach(openChannel(`localhost:${port}`, tlsOf(bank, 'gateway', stranger)))).toBe(notReached);
    expect(await reach(openChannel(`127.0.0.1:${port}`, tlsOf(bank, 'gateway')))).toBe(notReached);
  });
});

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

it.skipIf(!hasIPv6)('a server on the loopback of IPv6 is reached there', async () => {
  const server = openServer();
  const port = await server.listen('::1', 0);
  expect(await reach(openChannel(`[::1]:${port}`))).toBe(reached);
  await server.stop(100);
});
