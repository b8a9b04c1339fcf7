import type { Manifest } from '@bankcrm/manifest';
import { postgresUrl, serviceDatabaseUrls } from './databases.ts';
import { layout } from './paths.ts';
import { type Ports, servicePorts } from './ports.ts';
import { ensureKeys, type Secrets } from './secrets.ts';
import { type ServicePlace, type Stack, stackVersion } from './stack.ts';
import type { TlsFiles } from './tls.ts';

type Described = {
  dir: string;
  portBase: number;
  ports: Ports;
  manifests: readonly Manifest[];
  secrets: Secrets;
  tls: TlsFiles | undefined;
  host: string | undefined;
};

/** Where everything of a stack will listen, and by what it is reached. Makes the services' keys where there are none. */
export function describeStack({ dir, portBase, ports, manifests, secrets, tls, host = 'localhost' }: Described): Stack {
  const required = tls?.required === true;
  const scheme = required ? 'https' : 'http';
  const keycloakUrl = `${scheme}://${host}:${ports.keycloak}`;
  const issuer = `${keycloakUrl}/realms/bankcrm`;
  const url = `${scheme}://localhost:${portBase}`;
  const encrypted = tls && {
    caFile: tls.caFile,
    required,
    kafka: { brokers: [`${host}:${ports.kafkaTls}`], username: tls.kafka.username, passwordFile: tls.kafka.passwordFile },
  };
  const databaseUrl = (plain: string): string => (required ? verified(plain, host, tls.caFile) : plain);
  const withDatabase = manifests.filter(({ database }) => database !== undefined);
  const superuserUrl = postgresUrl('postgres', secrets.postgresSuperuser, ports.postgres, 'postgres');
  return {
    version: stackVersion,
    dir,
    portBase,
    logDir: layout(dir).logDir,
    topicPrefix: '',
    postgres: {
      host: required ? host : '127.0.0.1',
      port: ports.postgres,
      superuserUrl: databaseUrl(superuserUrl),
    },
    databases: Object.fromEntries(
      withDatabase.map(({ name }) => {
        const { owner, request, worker } = serviceDatabaseUrls(name, secrets, ports.postgres);
        return [name, { owner: databaseUrl(owner), request: databaseUrl(request), worker: databaseUrl(worker) }];
      }),
    ),
    kafka: { brokers: required ? encrypted!.kafka.brokers : [`127.0.0.1:${ports.kafka}`] },
    ...(encrypted && { tls: encrypted }),
    keycloak: {
      baseUrl: keycloakUrl,
      realm: 'bankcrm',
      issuer,
      tokenUrl: `${issuer}/protocol/openid-connect/token`,
      admin: { username: 'admin', password: secrets.keycloakAdmin },
      localClientId: 'local-cli',
    },
    clients: Object.fromEntries(
      Object.entries(secrets.oidcClients).map(([clientId, clientSecret]) => [clientId, { clientId, clientSecret }]),
    ),
    mail: { smtpHost: '127.0.0.1', smtpPort: ports.smtp, url: `http://127.0.0.1:${ports.mail}` },
    services: Object.fromEntries(manifests.map((manifest) => [manifest.name, describeService(dir, portBase, manifest, tls)])),
    gateway: { url, docsUrl: `${url}/docs` },
    staff: [],
  };
}

function describeService(dir: string, portBase: number, manifest: Manifest, tls: TlsFiles | undefined): ServicePlace {
  const { main, health, door } = servicePorts(manifest, portBase);
  const keysFile = ensureKeys(dir, manifest);
  const certificate = tls?.required ? tls.certificates[manifest.name] : undefined;
  return {
    // A name where a certificate must have it: clients of gRPC cannot ask for that of an address.
    address: `${certificate ? 'localhost' : '127.0.0.1'}:${main}`,
    port: main,
    healthUrl: `http://127.0.0.1:${health}`,
    healthPort: health,
    doorPort: door,
    ...(keysFile === undefined ? {} : { keysFile }),
    ...(certificate && { certificate }),
  };
}

/** The same database by TLS, the server's name verified. */
function verified(url: string, host: string, caFile: string): string {
  const changed = new URL(url);
  changed.hostname = host;
  changed.searchParams.set('sslmode', 'verify-full');
  changed.searchParams.set('sslrootcert', caFile);
  return changed.href;
}
