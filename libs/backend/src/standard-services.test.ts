import { StaffDirectory } from '@bankcrm/access';
import { StaffFeedService } from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { callUnary, GrpcServer, openChannel, openLog } from '@bankcrm/service';
import { type Client, credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addHealth, addReflection } from './standard-services.ts';

const clock = { now: () => new Date() };
const reflectionProto = new URL(import.meta.resolve('@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto'));

function clientOf(path: string, service: string, address: string): Client & Record<string, (...args: unknown[]) => unknown> {
  const loaded = loadPackageDefinition(loadSync(path, { enums: String, longs: String }));
  const found = service.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], loaded);
  return new (found as ServiceClientConstructor)(address, credentials.createInsecure()) as never;
}

describe('the standard services', () => {
  let server: GrpcServer;
  let address: string;
  let ready: boolean;
  let endHealth: () => void;
  const clients: Client[] = [];

  beforeEach(async () => {
    ready = true;
    server = new GrpcServer({
      verifier: { verify: () => Promise.reject(new Error('nobody has a token')) },
      staff: new StaffDirectory(clock),
      log: openLog('test', 'silent'),
      onRefusal: () => {},
    });
    server.add(StaffFeedService, { watchStaff: async function* () {} });
    endHealth = addHealth(server, () => ready);
    addReflection(server, 'directory');
    address = `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  });
  afterEach(async () => {
    endHealth();
    for (const client of clients.splice(0)) client.close();
    await server.stop(50);
  });

  const open = (path: string, service: string) => {
    const client = clientOf(path, service, address);
    clients.push(client);
    return client;
  };
  const check = (service = ''): Promise<unknown> =>
    new Promise((resolve, reject) => {
      open(healthProto, 'grpc.health.v1.Health').check!({ service }, (error: Error | null, reply: { status: string }) =>
        error ? reject(error) : resolve(reply.status),
      );
    });

  it('say without a token whether the service is ready', async () => {
    expect(await check()).toBe('SERVING');
    ready = false;
    await vi.waitFor(async () => expect(await check()).toBe('NOT_SERVING'), { timeout: 5_000 });
    await expect(check('customers/1')).rejects.toMatchObject({ code: 5 });
  });

  it('tell those who watch when that changes, and do not hold up the end', async () => {
    const stream = open(healthProto, 'grpc.health.v1.Health').watch!({ service: '' }) as NodeJS.ReadableStream;
    const told: string[] = [];
    const ended = new Promise((resolve) => stream.on('end', resolve));
    stream.on('data', ({ status }: { status: string }) => told.push(status));
    stream.on('error', () => {});
    await vi.waitFor(() => expect(told).toEqual(['SERVING']));
    ready = false;
    endHealth();
    const began = performance.now();
    await server.stop(10_000);
    expect(performance.now() - began).toBeLessThan(5_000);
    await ended;
    expect(told).toEqual(['SERVING', 'NOT_SERVING']);
  });

  it("list the service's own RPCs by reflection, and no other's", async () => {
    const client = open(reflectionProto.pathname, 'grpc.reflection.v1.ServerReflection');
    const stream = client.serverReflectionInfo!() as NodeJS.ReadWriteStream;
    const reply = new Promise<{ listServicesResponse: { service: { name: string }[] } }>((resolve, reject) => {
      stream.on('data', resolve);
      stream.on('error', reject);
    });
    stream.write({ listServices: '' } as never);
    const names = (await reply).listServicesResponse.service.map(({ name }) => name);
    stream.end();
    expect(names.sort()).toEqual(['Calendars', 'OrgUnits', 'Staff', 'StaffFeed'].map((name) => `bankcrm.directory.v1.${name}`));
  });

  it('leave every other RPC guarded', async () => {
    const channel = openChannel(address);
    clients.push(channel);
    await expect(
      callUnary(channel, '/bankcrm.directory.v1.StaffFeed/WatchStaff', Buffer.alloc(0), { token: '', deadlineMs: 5_000 }),
    ).rejects.toMatchObject({ kind: 'UNAUTHENTICATED' });
  });
});
