import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allTopics, calledServices, type Manifest, readContractTopics, topicsOfPatterns, v8Options } from '@bankcrm/manifest';
import { parseDocument, stringify } from 'yaml';

const ports = { grpc: 9090, http: 8080, static: 8080, health: 8081 };
/** Filled in by compose. */
const variable = (name: string, otherwise: string): string => `\${${name}:-${otherwise}}`;
const secretsFolder = variable('BANKCRM_SECRETS', './secrets');
const dataFolder = variable('BANKCRM_DATA', './data');
/** Keycloak's address for browsers and services alike; compose.yaml says why. */
const keycloakUrl = 'http://keycloak.localhost:8080';
const gatewayUrl = 'http://localhost:8000';
/** The service that runs twice behind its name: its callers take turns. */
const twice = 'customer';

const common = {
  // The secrets are files of mode 0600: their owner runs what reads them.
  user: variable('BANKCRM_USER', '65532:65532'),
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  tmpfs: ['/tmp'],
};

type Condition = 'service_healthy' | 'service_completed_successfully';
const after = (condition: Condition, ...names: string[]): Record<string, { condition: Condition }> =>
  Object.fromEntries(names.map((name) => [name, { condition }]));

/**
 * `services.yaml` of deploy/compose: what brings the servers up to date, once each, and then the services. Databases, their migrations, topics and the realm come
 * before the services, these before what lets people in.
 */
export function composeServices(manifests: readonly Manifest[], root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const image = (name: string) => `bankcrm/${name}:${variable('BANKCRM_VERSION', version)}`;
  const withDatabase = manifests.filter(({ database }) => database !== undefined);
  const job = (of: { image: string; command: string[]; environment?: object; env_file?: string[]; after: object }): object => ({
    image: image(of.image),
    command: of.command,
    ...(of.environment ? { environment: of.environment } : {}),
    ...(of.env_file ? { env_file: of.env_file } : {}),
    ...common,
    restart: 'no',
    mem_limit: '256m',
    networks: ['inside'],
    depends_on: of.after,
  });
  const provision = (...command: string[]): string[] => ['/app/deploy/provision/src/main.ts', ...command];
  const jobs = {
    databases: job({
      image: 'provision',
      command: provision('databases', '--apply'),
      // biome-ignore lint/suspicious/noTemplateCurlyInString: compose fills it in
      environment: { DATABASE_ADMIN_URL: 'postgres://postgres:${POSTGRES_PASSWORD}@postgres:5432/postgres', ...byMesh },
      env_file: [`${secretsFolder}/databases.env`],
      after: after('service_healthy', 'postgres'),
    }),
    topics: job({
      image: 'provision',
      command: provision('topics', '--profile', 'local'),
      environment: { KAFKA_BROKERS: 'kafka:9092', ...byMesh },
      after: after('service_healthy', 'kafka'),
    }),
    realm: job({
      image: 'provision',
      command: provision('realm'),
      environment: {
        KEYCLOAK_URL: keycloakUrl,
        KEYCLOAK_ADMIN_USERNAME: 'admin',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: compose fills it in
        KEYCLOAK_ADMIN_PASSWORD: '${KEYCLOAK_ADMIN_PASSWORD}',
        PORTAL_URL: gatewayUrl,
        SMTP_HOST: 'mail',
        SMTP_PORT: '1025',
        SMTP_FROM: 'no-reply@bankcrm.example',
        SMTP_STARTTLS: 'false',
        ...byMesh,
      },
      env_file: [`${secretsFolder}/realm.env`],
      after: after('service_healthy', 'keycloak'),
    }),
    ...Object.fromEntries(
      withDatabase.map(({ name }) => [
        `${name}-migration`,
        job({
          image: name,
          command: ['/app/libs/backend/src/migrate.ts', name],
          environment: byMesh,
          env_file: [`${secretsFolder}/${name}-owner.env`],
          after: after('service_completed_successfully', 'databases'),
        }),
      ]),
    ),
  };
  const services = Object.fromEntries(
    manifests.map((manifest) => [manifest.name, service(manifest, manifests, root, image(manifest.name))]),
  );
  return `# Made by npm run generate from services/*/service.yaml.\n${stringify(
    { services: { ...jobs, ...services } },
    // As compose reads it, which takes a bare no for false.
    { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 },
  )}`;
}

/** compose.yaml says why that holds for its containers. */
const byMesh = { TRANSPORT_ENCRYPTED_BY: 'mesh' };

/** Asked by the node of the image, which has neither shell nor curl. */
const probe = `fetch('http://127.0.0.1:${ports.health}/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;

function service(manifest: Manifest, manifests: readonly Manifest[], root: string, image: string): object {
  const { name, serves, database, secrets, local, resources } = manifest;
  const letsPeopleIn = serves !== 'grpc';
  const names = (placeholder: string): boolean => Object.values(local).some((value) => value.includes(placeholder));
  const volumes = [
    ...(secrets.length > 0 ? [mount(`${secretsFolder}/${name}-keys.json`, keysFile, { read_only: true })] : []),
    ...(names('DEMO_BANK_FILE') ? [mount('../local/demo-bank.yaml', demoBankFile, { read_only: true })] : []),
    ...(names('DATA_DIR') ? [mount(`${dataFolder}/${name}`, dataDir)] : []),
  ];
  return {
    image,
    command: [...v8Options(manifest), `/app/services/${name}/src/main.ts`],
    environment: environmentOf(manifest, manifests, root),
    ...(letsPeopleIn ? {} : { env_file: [`${secretsFolder}/${name}.env`] }),
    ...common,
    ...(volumes.length > 0 ? { volumes } : {}),
    ...(letsPeopleIn ? { ports: [`127.0.0.1:8000:${ports[serves]}`] } : {}),
    ...(name === twice ? { deploy: { replicas: 2 } } : {}),
    restart: 'unless-stopped',
    mem_limit: resources.memory.replace(/i$/, '').toLowerCase(),
    // Longer than all phases of stopping may take together: calls, stream, feed, work, outbox, connections, telemetry.
    stop_grace_period: '120s',
    networks: letsPeopleIn ? ['inside', 'edge'] : ['inside'],
    healthcheck: { test: ['CMD', 'node', '-e', probe], interval: '5s', timeout: '5s', retries: 3, start_period: '90s' },
    depends_on: letsPeopleIn
      ? after('service_healthy', ...manifests.filter((other) => other.serves === 'grpc').map((other) => other.name))
      : after('service_completed_successfully', ...(database ? [`${name}-migration`] : []), 'topics', 'realm'),
  };
}

/** A file or folder that is there already: one that Docker makes in its place would be an empty folder of root's. */
const mount = (source: string, target: string, more: object = {}): object => ({
  type: 'bind',
  source,
  target,
  ...more,
  bind: { create_host_path: false },
});

const keysFile = '/etc/bankcrm/keys.json';
const demoBankFile = '/etc/bankcrm/demo-bank.yaml';
const dataDir = '/var/lib/bankcrm';

/** What a `config.ts` reads and no secret is. */
function environmentOf(manifest: Manifest, manifests: readonly Manifest[], root: string): Record<string, string | number> {
  const { name, serves, secrets, local } = manifest;
  const known: Record<string, string> = {
    KEYCLOAK_URL: keycloakUrl,
    GATEWAY_URL: gatewayUrl,
    DEMO_BANK_FILE: demoBankFile,
    DATA_DIR: dataDir,
  };
  return {
    HOST: '0.0.0.0',
    HEALTH_PORT: ports.health,
    [serves === 'grpc' ? 'GRPC_PORT' : 'HTTP_PORT']: ports[serves],
    LOG_LEVEL: variable('LOG_LEVEL', 'info'),
    OIDC_ISSUER: `${keycloakUrl}/realms/bankcrm`,
    OIDC_AUDIENCE: 'bankcrm',
    ...byMesh,
    OTEL_SERVICE_NAME: name,
    ...Object.fromEntries(
      calledServices(manifest, manifests).map((called) => [
        `${called.name.toUpperCase()}_ADDRESS`,
        `${called.name}:${ports.grpc}`,
      ]),
    ),
    ...(serves === 'grpc'
      ? {
          OIDC_CLIENT_ID: name,
          KAFKA_BROKERS: 'kafka:9092',
          BANK_CURRENCY: variable('BANK_CURRENCY', 'CNY'),
          BANK_TIME_ZONE: variable('BANK_TIME_ZONE', 'Asia/Shanghai'),
          ...topicsOfPatterns(manifest, allTopics(manifests, readContractTopics(root))),
        }
      : {}),
    ...(secrets.length > 0 ? { KEYS_FILE: keysFile } : {}),
    ...Object.fromEntries(
      Object.entries(local).map(([key, value]) => [
        key,
        value.replaceAll(/\$\{(\w+)\}/g, (whole, one: string) => known[one] ?? whole),
      ]),
    ),
  };
}

/**
 * `observability.yaml` of deploy/compose: the servers of `observability-base.yaml`, and every service told where to send what it measures. Logs go the same way, by
 * Docker's own driver: no container sees the others' files or Docker's socket.
 */
export function composeObservability(manifests: readonly Manifest[], root: string): string {
  const base = parseDocument(readFileSync(join(root, 'deploy/compose/observability-base.yaml'), 'utf8'));
  for (const { name } of manifests)
    base.setIn(
      ['services', name],
      base.createNode({
        environment: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
        logging: { driver: 'fluentd', options: { 'fluentd-address': '127.0.0.1:24224', 'fluentd-async': 'true', tag: name } },
      }),
    );
  return `# Made by npm run generate from observability-base.yaml and services/*/service.yaml.\n${base.toString({ lineWidth: 0, flowCollectionPadding: false })}`;
}
