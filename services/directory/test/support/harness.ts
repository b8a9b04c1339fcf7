import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend } from '@bankcrm/backend';
import { systemClock } from '@bankcrm/kernel';
import { type DatabaseUrls, ensureTopics, keycloakAdmin, type Stack, serviceEnv } from '@bankcrm/local';
import {
  OrgUnitsService,
  StaffFeedService,
  type StaffMember,
  StaffService,
  type WatchStaffResponse,
} from '@bankcrm/proto/gen/bankcrm/directory/v1/directory.ts';
import { callMetadata, callUnary, fromServiceError, openChannel, openLog, readTls } from '@bankcrm/service';
import { eventually, freePort, suiteDatabase, suitePrefix, testStack } from '@bankcrm/testing';
import { openAuthority } from '@bankcrm/testing/certificates.ts';
import type { Client, ServiceError } from '@grpc/grpc-js';
import { readConfig } from '../../src/config.ts';
import { directory } from '../../src/service.ts';

/** A directory of its own: database, topics, ports; Keycloak is shared, so staff numbers are drawn at random. */
export interface Suite {
  stack: Stack;
  urls: DatabaseUrls;
  topicPrefix: string;
  keysFile: string;
  channel: Client;
  readyUrl: string;
  admin: { staffNumber: string; token: string; member: StaffMember };
  /** The way to Keycloak's admin API, which can be cut. */
  keycloak: Gate;
  call<Request, Response>(method: Method<Request, Response>, request: Request, token?: string): Promise<Response>;
  watch(fromRevision: bigint): Watcher;
  /** The token of a person whose account Keycloak has; gives them a password first. */
  signIn(staffNumber: string): Promise<string>;
  stop(): Promise<void>;
}

export interface Method<Request, Response> {
  path: string;
  requestSerialize: (value: Request) => Buffer;
  responseDeserialize: (value: Buffer) => Response;
}

export interface Watcher {
  messages: { message: WatchStaffResponse; atMs: number }[];
  ended: Promise<unknown>;
  pause(): void;
  resume(): void;
  cancel(): void;
}

export const staffRpc = StaffService;
export const orgUnitsRpc = OrgUnitsService;
export const newStaffNumber = (): string => String(randomInt(10_000_000_000, 99_999_999_999));

export async function startSuite({
  encrypted = false,
  settings = {},
  rowSecurityEveryMs,
}: {
  /** By TLS to PostgreSQL and Kafka, and mutual TLS with its callers. */
  encrypted?: boolean;
  settings?: Record<string, string>;
  /** How often row-level security is looked at. */
  rowSecurityEveryMs?: number;
} = {}): Promise<Suite> {
  const stack = testStack();
  const urls = await suiteDatabase('directory');
  const topicPrefix = suitePrefix();
  await ensureTopics({ brokers: stack.kafka.brokers, profile: 'local', prefix: topicPrefix });
  const keycloak = await openGate(new URL(stack.keycloak.baseUrl));
  const staffNumber = newStaffNumber();
  const grpcPort = await freePort();
  const { DEMO_BANK_FILE: _none, ...env } = serviceEnv('directory', stack);
  const dir = mkdtempSync(join(tmpdir(), 'bankcrm-directory-'));
  const config = readConfig({
    ...env,
    DATABASE_URL_OWNER: urls.owner,
    DATABASE_URL_REQUEST: urls.request,
    DATABASE_URL_WORKER: urls.worker,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    KEYCLOAK_ADMIN_URL: keycloak.url,
    GRPC_PORT: String(grpcPort),
    HEALTH_PORT: String(await freePort()),
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'error',
    BOOTSTRAP_ADMIN_STAFF_NUMBER: staffNumber,
    BOOTSTRAP_ADMIN_EMAIL: `u${staffNumber}@bank.example`,
    ...(encrypted ? encryptedEnv(stack, urls, dir) : {}),
    ...settings,
  });
  const phases: (() => Promise<void> | void)[] = [];
  const lifecycle = {
    stopping: false,
    onStop: (_name: string, _limitMs: number, stop: () => Promise<void> | void) => void phases.push(stop),
  };
  await startBackend(directory, {
    config,
    clock: systemClock,
    log: openLog('directory', config.LOG_LEVEL),
    lifecycle,
    metrics: { getMetricsRequestHandler: (_req, res) => void res.end() },
    ...(rowSecurityEveryMs && { rowSecurityEveryMs }),
  });
  const readyUrl = `http://127.0.0.1:${config.HEALTH_PORT}/readyz`;
  const channel = openChannel(`localhost:${grpcPort}`, readTls(config));
  await eventually(async () => {
    const ready = await fetch(readyUrl);
    if (ready.status !== 200) throw new Error(await ready.text());
  });

  const call: Suite['call'] = async (method, request, token) =>
    method.responseDeserialize(
      await callUnary(channel, method.path, method.requestSerialize(request), {
        token: token ?? admin.token,
        deadlineMs: 10_000,
      }),
    );
  const admin = { staffNumber, token: '', member: undefined as unknown as StaffMember };
  const suite: Suite = {
    stack,
    urls,
    topicPrefix,
    keysFile: config.KEYS_FILE,
    channel,
    readyUrl,
    keycloak,
    admin,
    call,
    watch: (fromRevision) => watch(stack, channel, fromRevision),
    async signIn(number) {
      await setPassword(stack, number, firstPassword);
      return (await passwordGrant(stack, number, firstPassword)).access_token!;
    },
    async stop() {
      lifecycle.stopping = true;
      channel.close();
      for (const phase of phases) await phase();
      await keycloak.close();
      rmSync(dir, { recursive: true });
    },
  };
  admin.token = await eventually(() => suite.signIn(staffNumber));
  admin.member = (await call(StaffService.getMe, {})).staffMember!;
  return suite;
}

/** Settings by which a directory, at `localhost`, speaks in the clear to nobody but Keycloak. */
function encryptedEnv({ tls }: Stack, urls: DatabaseUrls, dir: string): Record<string, string> {
  const { caFile, kafka } = tls!;
  const authority = openAuthority();
  const { cert, key } = authority.issue('localhost');
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const verified = (text: string): string => {
    const url = new URL(text);
    url.hostname = 'localhost';
    url.searchParams.set('sslmode', 'verify-full');
    url.searchParams.set('sslrootcert', caFile);
    return url.href;
  };
  return {
    TLS_CERT_FILE: write('tls.crt', cert),
    TLS_KEY_FILE: write('tls.key', key),
    TLS_CA_FILE: write('ca.crt', authority.ca),
    DATABASE_URL_OWNER: verified(urls.owner),
    DATABASE_URL_REQUEST: verified(urls.request),
    DATABASE_URL_WORKER: verified(urls.worker),
    KAFKA_BROKERS: kafka.brokers.join(','),
    KAFKA_TLS_CA_FILE: caFile,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: kafka.username,
    KAFKA_SASL_PASSWORD_FILE: kafka.passwordFile,
  };
}

export const firstPassword = 'Correct-Horse-7-Battery';

/** Gives a person a password that needs no change, as Keycloak's administrator. */
export async function setPassword(stack: Stack, staffNumber: string, password: string): Promise<void> {
  const keycloak = await keycloakAdmin(stack);
  const id = await keycloakUserId(stack, staffNumber);
  await keycloak(`/${stack.keycloak.realm}/users/${id}/reset-password`, {
    method: 'PUT',
    body: { type: 'password', value: password, temporary: false },
  });
}

export interface KeycloakUser {
  id: string;
  username: string;
  email: string;
  enabled: boolean;
}

export async function keycloakUser(stack: Stack, staffNumber: string): Promise<KeycloakUser> {
  const keycloak = await keycloakAdmin(stack);
  const [user] = await keycloak<KeycloakUser[]>(`/${stack.keycloak.realm}/users?exact=true&username=${staffNumber}`);
  if (!user) throw new Error(`Keycloak has no ${staffNumber}`);
  return user;
}
const keycloakUserId = async (stack: Stack, staffNumber: string) => (await keycloakUser(stack, staffNumber)).id;

export interface TokenReply {
  access_token?: string;
  refresh_token?: string;
  error?: string;
  error_description?: string;
}

/** What Keycloak answers to a staff number and a password. */
export async function passwordGrant(stack: Stack, username: string, password: string): Promise<TokenReply> {
  const body = new URLSearchParams({ grant_type: 'password', client_id: stack.keycloak.localClientId, username, password });
  return (await (await fetch(stack.keycloak.tokenUrl, { method: 'POST', body })).json()) as TokenReply;
}

/** The token of a service's own account. */
export async function serviceAccountToken(stack: Stack, name: 'customer' | 'directory'): Promise<string> {
  const { clientId, clientSecret } = stack.clients[name]!;
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret });
  const reply = (await (await fetch(stack.keycloak.tokenUrl, { method: 'POST', body })).json()) as TokenReply;
  return reply.access_token!;
}

function watch(stack: Stack, channel: Client, fromRevision: bigint): Watcher {
  const { path, requestSerialize, responseDeserialize } = StaffFeedService.watchStaff;
  const messages: Watcher['messages'] = [];
  let cancelled = false;
  const opened = serviceAccountToken(stack, 'customer').then((token) => {
    const stream = channel.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { fromRevision },
      callMetadata({ token }),
    );
    stream.on('data', (message: WatchStaffResponse) => messages.push({ message, atMs: performance.now() }));
    if (cancelled) stream.cancel();
    return stream;
  });
  const ended = opened.then(
    (stream) =>
      new Promise((resolve) => {
        stream.on('error', (error: ServiceError) => resolve(fromServiceError(error)));
        stream.on('end', () => resolve(undefined));
      }),
  );
  return {
    messages,
    ended,
    pause: () => void opened.then((stream) => stream.pause()),
    resume: () => void opened.then((stream) => stream.resume()),
    cancel() {
      cancelled = true;
      void opened.then((stream) => stream.cancel());
    },
  };
}

/** A way to a server that can be cut and opened again: what a server that has stopped looks like from here. */
export interface Gate {
  url: string;
  shut(): void;
  open(): void;
  close(): Promise<void>;
}

async function openGate(target: URL): Promise<Gate> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server: Server = createTcpServer((socket) => {
    if (!isOpen) return void socket.destroy();
    const upstream = connect(Number(target.port), target.hostname);
    for (const end of [socket, upstream]) {
      sockets.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        sockets.delete(end);
        socket.destroy();
        upstream.destroy();
      });
    }
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    shut() {
      isOpen = false;
      cut();
    },
    open() {
      isOpen = true;
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
