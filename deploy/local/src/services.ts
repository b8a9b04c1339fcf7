import { join } from 'node:path';
import {
  allTopics,
  calledServices,
  type Manifest,
  readContractTopics,
  readManifests,
  topicsOfPatterns,
  v8Options,
} from '@bankcrm/manifest';
import { fillPlaceholders } from '@bankcrm/provision';
import { type Child, startChild, untilReady } from './child.ts';
import { layout, nodeBinary, repositoryRoot } from './paths.ts';
import { StackProblem } from './problem.ts';
import { ProcessTable } from './process-table.ts';
import { placeOf, type ServicePlace, type Stack } from './stack.ts';

const readyTimeoutMs = 60_000;

/** The demo bank's org tree and staff. */
export const demoBankFile = join(repositoryRoot, 'deploy', 'local', 'demo-bank.yaml');

export type RunningService = Child & {
  name: string;
  /** Answers `/livez`, `/readyz` and `/metrics`. */
  healthUrl: string;
};

export type LaunchOptions = {
  /** Start the service anew whenever one of its files changes. */
  watch?: boolean;
  /** Gives up waiting. */
  signal?: AbortSignal;
};

/** The manifest of a service of this working copy. Throws `StackProblem` for a name that is none. */
export function manifestOf(name: string): Manifest {
  const manifest = readManifests().find((one) => one.name === name);
  if (manifest === undefined) throw new StackProblem(`There is no service ${name} in services/.`);
  return manifest;
}

/**
 * Starts a service on a stack; returns when `/readyz` answers 200, fails, with the end of the log, when the process ends first or takes too long. `env` is
 * laid over the contract's variables; instances beside the first need ports of their own in it.
 */
export async function launchService(
  name: string,
  stack: Stack,
  env: Record<string, string> = {},
  options: LaunchOptions = {},
): Promise<RunningService> {
  const folder = join(repositoryRoot, 'services', name);
  const variables = { ...serviceEnv(name, stack), ...env };
  const healthPort = variables.HEALTH_PORT ?? '';
  const instance = Number(healthPort) === placeOf(stack, name).healthPort ? name : `${name}-${healthPort}`;
  const child = startChild(
    {
      part: name,
      command: nodeBinary,
      args: [
        '--disable-warning=TimeoutNegativeWarning',
        ...v8Options(manifestOf(name)),
        ...(options.watch ? ['--watch', '--watch-preserve-output'] : []),
        join(folder, 'src', 'main.ts'),
      ],
      env: { ...machineEnv(), ...variables },
      cwd: folder,
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

/** What a service reads from its environment: the contract of every `config.ts`, filled in from the stack and the service's manifest. */
export function serviceEnv(name: string, stack: Stack): Record<string, string> {
  const manifest = manifestOf(name);
  const place = placeOf(stack, name);
  const databases = stack.databases[name];
  const client = stack.clients[name];
  return {
    HEALTH_PORT: String(place.healthPort),
    [manifest.serves === 'grpc' ? 'GRPC_PORT' : 'HTTP_PORT']: String(place.port),
    ...(databases && {
      DATABASE_URL_OWNER: databases.owner,
      DATABASE_URL_REQUEST: databases.request,
      DATABASE_URL_WORKER: databases.worker,
    }),
    ...(place.keysFile && { KEYS_FILE: place.keysFile }),
    KAFKA_BROKERS: stack.kafka.brokers.join(','),
    KAFKA_TOPIC_PREFIX: stack.topicPrefix,
    ...encryptionEnv(place, stack),
    OIDC_ISSUER: stack.keycloak.issuer,
    OIDC_AUDIENCE: 'bankcrm',
    OIDC_CLIENT_ID: client?.clientId ?? name,
    OIDC_CLIENT_SECRET: client?.clientSecret ?? '',
    BANK_CURRENCY: 'CNY',
    BANK_TIME_ZONE: 'Asia/Shanghai',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
    ...addressesFor(manifest, stack),
    ...topicsOfPatterns(manifest, allTopics(readManifests(), readContractTopics(repositoryRoot))),
    ...localSettings(manifest, stack),
  };
}

/** A service's certificate and its CA, where the stack requires TLS. Node's own client, which speaks to Keycloak, has a variable of its own for the CA. */
function encryptionEnv({ certificate }: ServicePlace, { tls }: Stack): Record<string, string> {
  if (!certificate || !tls) return {};
  return {
    TLS_CERT_FILE: certificate.certFile,
    TLS_KEY_FILE: certificate.keyFile,
    TLS_CA_FILE: tls.caFile,
    KAFKA_TLS_CA_FILE: tls.caFile,
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: tls.kafka.username,
    KAFKA_SASL_PASSWORD_FILE: tls.kafka.passwordFile,
    NODE_EXTRA_CA_CERTS: tls.caFile,
  };
}

/** `CUSTOMER_ADDRESS` and its like: where the services are that it calls. */
const addressesFor = (manifest: Manifest, stack: Stack): Record<string, string> =>
  Object.fromEntries(
    calledServices(manifest, readManifests()).map(({ name }) => [`${name.toUpperCase()}_ADDRESS`, placeOf(stack, name).address]),
  );

/** What a manifest lays over the defaults on one's own machine; a value may name what only the stack knows. */
function localSettings({ name, local }: Manifest, stack: Stack): Record<string, string> {
  const known = {
    KEYCLOAK_URL: stack.keycloak.baseUrl,
    GATEWAY_URL: stack.gateway.url,
    DEMO_BANK_FILE: demoBankFile,
    DATA_DIR: layout(stack.dir).dataDir,
  };
  const where = `services/${name}/service.yaml`;
  return Object.fromEntries(Object.entries(local).map(([key, value]) => [key, fillPlaceholders(value, known, where)]));
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
