import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { type Manifest, readManifests } from '@bankcrm/manifest';
import { believe, ensureTopics, realmFile, secretClients } from '@bankcrm/provision';
import type { Containers } from './containers.ts';
import { connectionsOf, ensureDatabases } from './databases.ts';
import { describeStack } from './describe-stack.ts';
import { type Dist, ensureDist } from './dist.ts';
import { readJson } from './files.ts';
import { type KafkaListeners, startKafka } from './kafka.ts';
import { kafkaAccess } from './kafka-access.ts';
import { startKeycloak } from './keycloak.ts';
import { startMailSink } from './mail.ts';
import { applyOverlay } from './overlay.ts';
import { layout } from './paths.ts';
import { namedPorts, namedServicePorts, type PortName, type Ports, portsFrom, requireFreePorts } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { StackProblem } from './problem.ts';
import { ProcessTable } from './process-table.ts';
import { loadSecrets, type Secrets } from './secrets.ts';
import { type Stack, stackVersion, writeStack } from './stack.ts';
import { hasAuthority, issueCertificates, type ServerCertificate, type TlsFiles, writeTestCertificate } from './tls.ts';

export const serverParts = ['postgres', 'kafka', 'keycloak', 'mail'] as const;
export type ServerPart = (typeof serverParts)[number];

export type StartOptions = {
  /** The stack's directory; made where it does not exist. */
  dir: string;
  portBase: number;
  /** What to start; Keycloak brings PostgreSQL with it. All parts by default. */
  parts?: readonly ServerPart[];
  /** The services will be started after the servers: their ports are checked together with these, so that all taken ones are named at once. */
  forServices?: boolean;
  /** Everything speaks TLS alone, by certificates of an authority of the stack's own. For a new stack, which keeps it: Kafka learns who signs in when it is made. */
  tls?: boolean;
  /** An IPv4 address of this machine at which PostgreSQL, Kafka and Keycloak listen in place of loopback, for clients on others; brings `tls` with it. */
  host?: string;
  /** PostgreSQL and Kafka speak TLS too then, beside the plain connections. For a new stack without `tls`. */
  certificate?: ServerCertificate;
  /** Starts PostgreSQL, Kafka and Keycloak in the place of processes of this machine. Their data goes with them. */
  containers?: Containers;
  /** Begin anew: forget the data, secrets and keys of earlier starts. */
  fresh?: boolean;
  onProgress?: (text: string) => void;
  /** Gives up the start and stops what is already up. */
  signal?: AbortSignal;
};

export type RunningStack = Stack & {
  /** Stops the servers in order (mail, Keycloak, Kafka, PostgreSQL) and returns when they are gone. Safe to call twice. */
  stop(): Promise<void>;
};

const portsOfPart: Record<ServerPart, readonly PortName[]> = {
  postgres: ['postgres'],
  kafka: ['kafka', 'kafkaController'],
  keycloak: ['keycloak', 'keycloakManagement'],
  mail: ['smtp', 'mail'],
};

/**
 * Starts the real servers (PostgreSQL with every service's database and roles, Kafka with every topic, Keycloak with the realm, a mail sink)
 * and writes `stack.json`. Throws `StackProblem` when a port is taken, a stack already runs in the directory, or a server does not come up;
 * whatever was started by then is stopped.
 */
export async function startServers(options: StartOptions): Promise<RunningStack> {
  const { onProgress = () => undefined, signal } = options;
  const dir = resolve(options.dir);
  const parts = new Set<ServerPart>(options.parts ?? serverParts);
  if (parts.has('keycloak')) parts.add('postgres');
  const ports = portsFrom(options.portBase);
  const manifests = readManifests();
  mkdirSync(dir, { recursive: true });
  const table = new ProcessTable(dir);
  table.claim();
  const running: { stop(): Promise<void> }[] = [];
  try {
    const leftovers = await table.stopLeftovers();
    if (leftovers.length > 0) onProgress(`stopped what an earlier run left: ${leftovers.join(', ')}`);
    const required = requiresTls(dir, options, onProgress);
    const portNames = [...parts].flatMap((part) => portsOfPart[part]).filter((name) => !required || name !== 'kafka');
    if (required || options.certificate !== undefined) portNames.push('kafkaTls');
    const forServices = options.forServices ? manifests.flatMap((one) => namedServicePorts(one, options.portBase)) : [];
    await requireFreePorts([...namedPorts(ports, portNames), ...forServices], options.portBase);
    if (options.fresh) forget(dir);
    else requireSameVersion(dir);
    const secrets = loadSecrets(dir, manifests);
    const { host, certificate, containers } = options;
    const partsShown = ['postgres', 'kafka', 'keycloak', ...manifests.map(({ name }) => name)];
    const tls = required
      ? issueCertificates(dir, { parts: partsShown, host, kafkaPassword: secrets.kafka, onProgress })
      : certificate && writeTestCertificate(dir, certificate, secrets.kafka);
    if (tls?.required) believe('the CA of the stack', tls.caFile);
    const stack = describeStack({ dir, portBase: options.portBase, ports, manifests, secrets, tls, host });
    const needsDist = containers === undefined && (parts.has('kafka') || parts.has('keycloak'));
    const dist = needsDist ? await ensureDist(onProgress, signal) : undefined;
    signal?.throwIfAborted();
    const up = await startParts({
      stack,
      ports,
      manifests,
      secrets,
      tls,
      host,
      dist,
      containers,
      certificate,
      parts,
      table,
      onProgress,
      signal,
    });
    running.push(...up);
    writeStack(stack);
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= stopInOrder(running).finally(() => table.release());
      return stopped;
    };
    return { ...stack, stop };
  } catch (error) {
    await stopInOrder(running);
    table.release();
    throw error;
  }
}

/** Whether this stack speaks TLS alone: it stays as it was made. Throws `StackProblem` where it was made otherwise, and for an address that is not this machine's. */
function requiresTls(dir: string, { tls, host, fresh }: StartOptions, onProgress: (text: string) => void): boolean {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  if (host !== undefined && !own.some(({ address }) => address === host))
    throw new StackProblem(
      `This machine has no address ${host}. As host give one of: ${own.map(({ address }) => address).join(', ')}.`,
    );
  const wanted = tls === true || host !== undefined;
  if (fresh) return wanted;
  if (hasAuthority(dir)) {
    if (!wanted) onProgress('this stack was made with --tls and keeps it; npm start -- --fresh begins one without');
    return true;
  }
  if (wanted && existsSync(layout(dir).dataDir))
    throw new StackProblem(`The data in ${dir} are of a stack without TLS. Begin anew: npm start -- --tls --fresh`);
  return wanted;
}

/** Refuses data whose keys and addresses stand where this version does not look for them. */
function requireSameVersion(dir: string): void {
  const { version = stackVersion } = (readJson(layout(dir).stackFile) ?? {}) as Partial<Stack>;
  if (version !== stackVersion)
    throw new StackProblem(`The data in ${dir} is of an earlier version. Begin anew: npm start -- --fresh`);
}

/** Named one by one: the directory may hold what is not the stack's, the fetched servers for one. */
function forget(dir: string): void {
  const { dataDir, secretsFile, keysDir, tlsDir, stackFile, logDir } = layout(dir);
  for (const path of [dataDir, secretsFile, keysDir, tlsDir, stackFile, logDir]) rmSync(path, { recursive: true, force: true });
}

type Start = {
  stack: Stack;
  ports: Ports;
  manifests: readonly Manifest[];
  secrets: Secrets;
  tls: TlsFiles | undefined;
  host: string | undefined;
  dist: Dist | undefined;
  containers: Containers | undefined;
  certificate: ServerCertificate | undefined;
  parts: Set<ServerPart>;
  table: ProcessTable;
  onProgress: (text: string) => void;
  signal: AbortSignal | undefined;
};

/** Starts the parts side by side. When one fails the others are waited for and stopped, so that none is left behind. */
async function startParts(start: Start): Promise<{ stop(): Promise<void> }[]> {
  const { parts } = start;
  const slots: { order: number; running: { stop(): Promise<void> } }[] = [];
  const up = <T extends { stop(): Promise<void> }>(order: number, running: T): T => {
    slots.push({ order, running });
    return running;
  };
  const jobs = [
    parts.has('postgres') ? startDatabaseAndKeycloak(start, up) : undefined,
    parts.has('kafka') ? startBroker(start, up) : undefined,
    parts.has('mail') ? startMail(start, up) : undefined,
  ];
  const settled = await Promise.allSettled(jobs);
  const inStopOrder = slots.sort((a, b) => b.order - a.order).map((slot) => slot.running);
  const failure = settled.find((job) => job.status === 'rejected');
  if (failure) {
    await stopInOrder(inStopOrder);
    throw failure.reason;
  }
  return inStopOrder;
}

type Up = <T extends { stop(): Promise<void> }>(order: number, running: T) => T;

async function startDatabaseAndKeycloak(start: Start, up: Up): Promise<void> {
  const { stack, ports, manifests, secrets, tls, host: address = '127.0.0.1', dist, containers, certificate } = start;
  const { parts, table, onProgress, signal } = start;
  const began = performance.now();
  const { superuserUrl } = stack.postgres;
  up(
    1,
    await (containers?.postgres({
      port: ports.postgres,
      password: secrets.postgresSuperuser,
      maxConnections: connectionsOf(manifests),
      certificate,
    }) ??
      startPostgres(
        {
          dir: stack.dir,
          address,
          port: ports.postgres,
          superuserUrl,
          password: secrets.postgresSuperuser,
          maxConnections: connectionsOf(manifests),
          tls,
          signal,
        },
        table,
      )),
  );
  await ensureDatabases(superuserUrl, manifests, secrets);
  onProgress(`PostgreSQL is up (${since(began)})`);
  if (!parts.has('keycloak')) return;
  const placeholders = realmPlaceholders(stack, secrets);
  const keycloak = {
    port: ports.keycloak,
    managementPort: ports.keycloakManagement,
    baseUrl: stack.keycloak.baseUrl,
    databasePassword: secrets.keycloakDatabase,
    adminPassword: secrets.keycloakAdmin,
    placeholders,
  };
  up(
    3,
    await (containers?.keycloak({ ...keycloak, databasePort: ports.postgres, realmFile }) ??
      startKeycloak(
        {
          ...keycloak,
          dir: stack.dir,
          home: dist!.keycloakHome,
          address,
          databaseUrl: jdbcUrl(superuserUrl, 'keycloak'),
          certificate: tls?.required ? tls.certificates.keycloak : undefined,
          signal,
        },
        table,
      )),
  );
  await applyOverlay(stack, placeholders);
  onProgress(`Keycloak is up (${since(began)})`);
}

async function startBroker(start: Start, up: Up): Promise<void> {
  const { stack, ports, tls, host, dist, containers, certificate, table, onProgress, signal } = start;
  const began = performance.now();
  const listeners: KafkaListeners = {
    ...(tls?.required ? {} : { plain: { port: ports.kafka } }),
    ...(tls && {
      encrypted: { address: host ?? '127.0.0.1', advertised: host ?? 'localhost', port: ports.kafkaTls, files: tls },
    }),
  };
  const reach = kafkaAccess(stack);
  const { dir, topicPrefix } = stack;
  const { kafka: port, kafkaController: controllerPort } = ports;
  up(
    2,
    await (containers?.kafka({
      port,
      controllerPort,
      tls: certificate && { ...tls!.kafka, port: ports.kafkaTls, certificate },
    }) ?? startKafka({ dir, libs: dist!.kafkaLibs, controllerPort, listeners, reach, signal }, table)),
  );
  await ensureTopics({ ...reach, profile: 'local', prefix: topicPrefix });
  onProgress(`Kafka is up (${since(began)})`);
}

async function startMail({ ports, onProgress }: Start, up: Up): Promise<void> {
  up(4, await startMailSink({ smtpPort: ports.smtp, httpPort: ports.mail }));
  onProgress('the mail sink is up');
}

/** Stops one after the other; a part that fails to stop does not keep the next from being stopped. */
export async function stopInOrder(running: readonly { stop(): Promise<void> }[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of running) await part.stop().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, 'some parts did not stop');
}

/** What the realm file and the overlay leave open. */
function realmPlaceholders(stack: Stack, secrets: Secrets): Record<string, string> {
  return {
    PORTAL_URL: stack.gateway.url,
    GATEWAY_URL: stack.gateway.url,
    ...Object.fromEntries(secretClients().map(({ clientId, variable }) => [variable, secrets.oidcClients[clientId]!])),
    SMTP_HOST: stack.mail.smtpHost,
    SMTP_PORT: String(stack.mail.smtpPort),
    SMTP_FROM: 'no-reply@bankcrm.example',
    SMTP_STARTTLS: 'false',
  };
}

/** A database of the same server, as Java's driver is told of it; who signs in is told apart. */
function jdbcUrl(url: string, database: string): string {
  const { host, search } = new URL(url);
  return `jdbc:postgresql://${host}/${database}${search}`;
}

const since = (began: number) => `${((performance.now() - began) / 1000).toFixed(1)} s`;
