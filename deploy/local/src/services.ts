import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild, untilReady } from './child.ts';
import { nodeBinary, repositoryRoot } from './paths.ts';
import { ProcessTable } from './process-table.ts';
import { type ServiceName, type Stack, serviceNames } from './stack.ts';

const readyTimeoutMs = 60_000;

/** The demo bank's org tree and staff. */
export const demoBankFile = join(repositoryRoot, 'deploy', 'local', 'demo-bank.yaml');

export type RunningService = Child & {
  name: ServiceName;
  /** Answers `/livez`, `/readyz` and `/metrics`. */
  healthUrl: string;
};

export type LaunchOptions = {
  /** Start the service anew whenever one of its files changes. */
  watch?: boolean;
  /** Gives up waiting. */
  signal?: AbortSignal;
};

const mainOf = (name: ServiceName) => join(repositoryRoot, 'services', name, 'src', 'main.ts');

/** The services that are in this working copy, in the order in which they start. */
export const presentServices = (): ServiceName[] => serviceNames.filter((name) => existsSync(mainOf(name)));

/**
 * V8 takes what a large machine has; a service lives in the 400 MB that a pod gets. Within them it may let more garbage lie than it would by itself:
 * looking through the whole heap takes processor time from everybody, on threads of its own.
 */
export const v8Options = ['--max-old-space-size=256', '--max-semi-space-size=32', '--heap-growing-percent=100'];

/**
 * Starts a service on a stack; returns when `/readyz` answers 200, fails, with the end of the log, when the process ends first or takes too long. `env` is
 * laid over the contract's variables; instances beside the first need ports of their own in it.
 */
export async function launchService(
  name: ServiceName,
  stack: Stack,
  env: Record<string, string> = {},
  options: LaunchOptions = {},
): Promise<RunningService> {
  const variables = { ...serviceEnv(name, stack), ...env };
  const healthPort = variables.HEALTH_PORT ?? '';
  const instance = Number(healthPort) === stack.services[name].healthPort ? name : `${name}-${healthPort}`;
  const child = startChild(
    {
      part: name,
      command: nodeBinary,
      args: [
        '--disable-warning=TimeoutNegativeWarning',
        ...v8Options,
        ...(options.watch ? ['--watch', '--watch-preserve-output'] : []),
        mainOf(name),
      ],
      env: { ...machineEnv(), ...variables },
      cwd: join(repositoryRoot, 'services', name),
      logFile: join(stack.logDir, `${instance}.log`),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 20_000,
    },
    new ProcessTable(stack.dir),
  );
  const healthUrl = `http://127.0.0.1:${healthPort}`;
  try {
    await untilReady(child, () => answersReady(healthUrl), readyTimeoutMs, options.signal);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { ...child, name, healthUrl };
}

/** What a service reads from its environment: the contract of every `config.ts`. */
export function serviceEnv(name: ServiceName, stack: Stack): Record<string, string> {
  const client = stack.clients[name];
  const common = {
    DATABASE_URL_OWNER: stack.databases[name].owner,
    DATABASE_URL_REQUEST: stack.databases[name].request,
    DATABASE_URL_WORKER: stack.databases[name].worker,
    KAFKA_BROKERS: stack.kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    OIDC_ISSUER: stack.keycloak.issuer,
    OIDC_AUDIENCE: 'bankcrm',
    OIDC_CLIENT_ID: client?.clientId ?? name,
    OIDC_CLIENT_SECRET: client?.clientSecret ?? '',
    HEALTH_PORT: String(stack.services[name].healthPort),
    DIRECTORY_ADDRESS: stack.directory.address,
    CUSTOMER_ADDRESS: stack.customer.address,
    KEYS_FILE: stack.keysFile,
    BANK_CURRENCY: 'CNY',
    BANK_TIME_ZONE: 'Asia/Shanghai',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
  };
  const own: Record<ServiceName, Record<string, string>> = {
    directory: {
      GRPC_PORT: String(stack.directory.grpcPort),
      KEYCLOAK_ADMIN_URL: stack.keycloak.baseUrl,
      KEYCLOAK_REALM: stack.keycloak.realm,
      DEMO_BANK_FILE: demoBankFile,
    },
    customer: { GRPC_PORT: String(stack.customer.grpcPort) },
    gateway: {
      HTTP_PORT: String(stack.gateway.httpPort),
      PUBLIC_URL: stack.gateway.url,
      // No load balancer has to notice that this one goes.
      DRAIN_WAIT_MS: '0',
    },
  };
  return { ...common, ...own[name] };
}

/** What a process needs of the machine; the rest of the developer's environment stays out, so that the contract is the whole truth. */
function machineEnv(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_OPTIONS', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

async function answersReady(healthUrl: string): Promise<boolean> {
  const response = await fetch(`${healthUrl}/readyz`, { signal: AbortSignal.timeout(2_000) });
  return response.status === 200;
}
