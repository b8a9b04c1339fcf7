import { type ComposeServer, type Containers, composeServers } from '@bankcrm/local';
import { GenericContainer, getContainerRuntimeClient, ImageName, Wait } from 'testcontainers';
import { eventually } from './eventually.ts';

/** Where images are had from. */
export interface ImageStore {
  exists(image: string): Promise<boolean>;
  pull(image: string): Promise<void>;
}

const nativeServe = 'PostgreSQL, Kafka and Keycloak run as processes of this machine instead.';

/**
 * The starters of containers by the images that deploy/compose pins. Where there is no engine, or an image cannot be had, says so in one sentence and gives
 * undefined: then the native servers serve.
 */
export async function findContainers(
  tell: (text: string) => void,
  openStore: () => Promise<ImageStore> = engine,
): Promise<Containers | undefined> {
  const servers = composeServers();
  let store: ImageStore;
  try {
    store = await openStore();
  } catch {
    tell(`BANKCRM_TEST_SERVERS is containers, and no Docker engine answers here: ${nativeServe}`);
    return undefined;
  }
  for (const { image, build } of Object.values(servers)) {
    if (await store.exists(image)) continue;
    if (build) {
      tell(
        `BANKCRM_TEST_SERVERS is containers, and the image ${image} is not built (docker build -f ${build.dockerfile} -t ${image} .): ${nativeServe}`,
      );
      return undefined;
    }
    try {
      await store.pull(image);
    } catch (error) {
      tell(
        `BANKCRM_TEST_SERVERS is containers, and the image ${image} cannot be pulled (${(error as Error).message.trim()}): ${nativeServe}`,
      );
      return undefined;
    }
  }
  return startersOf(servers);
}

async function engine(): Promise<ImageStore> {
  const { image } = await getContainerRuntimeClient();
  return {
    exists: (name) => image.exists(ImageName.fromString(name)),
    pull: (name) => image.pull(ImageName.fromString(name)),
  };
}

const startTimeoutMs = 300_000;

/**
 * All on the host's own network: a server listens on the same ports of loopback as a process would, and reaches the others and the mail sink there.
 * That takes an engine on this machine, which is Linux.
 */
const container = ({ image }: ComposeServer): GenericContainer =>
  new GenericContainer(image).withNetworkMode('host').withStartupTimeout(startTimeoutMs);

const startersOf = ({ postgres, kafka, keycloak }: ReturnType<typeof composeServers>): Containers => ({
  postgres({ port, password, maxConnections, certificate }) {
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      max_connections: maxConnections,
      ...(certificate ? { ssl: 'on', ssl_cert_file: '/tls/cert.pem', ssl_key_file: '/tls/key.pem' } : {}),
    };
    const command = [...postgres.command!, ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`)];
    return (
      container(postgres)
        .withEnvironment({ ...texts(postgres.environment), POSTGRES_PASSWORD: password, PGPORT: String(port) })
        .withCopyContentToContainer(files('/keys', certificate))
        // PostgreSQL takes a key that is its own alone, and what is copied in is root's.
        .withEntrypoint([
          'sh',
          '-c',
          'install -d -o postgres /tls; install -o postgres -m 0600 /keys/* /tls; exec docker-entrypoint.sh "$@"',
          'sh',
        ])
        .withCommand(command)
        .withHealthCheck({ test: ['CMD', 'pg_isready', '--host=127.0.0.1'], interval: 500, timeout: 5_000, retries: 600 })
        .withWaitStrategy(Wait.forHealthCheck())
        .start()
        .then(stoppable)
    );
  },

  async kafka({ port, controllerPort, tls }) {
    const encrypted = (host: string): string => (tls ? `,ENCRYPTED://${host}:${tls.port}` : '');
    const started = await container(kafka)
      .withEnvironment({
        ...texts(kafka.environment),
        KAFKA_CONTROLLER_QUORUM_VOTERS: `1@127.0.0.1:${controllerPort}`,
        KAFKA_LISTENERS: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${encrypted('127.0.0.1')}`,
        KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}${encrypted('localhost')}`,
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,ENCRYPTED:SASL_SSL',
        KAFKA_NUM_PARTITIONS: '12',
        KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '12',
        ...(tls && {
          KAFKA_LISTENER_NAME_ENCRYPTED_SSL_KEYSTORE_TYPE: 'PEM',
          KAFKA_LISTENER_NAME_ENCRYPTED_SSL_KEYSTORE_LOCATION: '/keys/keystore.pem',
          KAFKA_LISTENER_NAME_ENCRYPTED_SASL_ENABLED_MECHANISMS: 'SCRAM-SHA-512',
          KAFKA_LISTENER_NAME_ENCRYPTED_SCRAM___SHA___512_SASL_JAAS_CONFIG:
            'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        }),
      })
      .withCopyContentToContainer(
        tls ? [{ content: tls.certificate.key + tls.certificate.cert, target: '/keys/keystore.pem', mode: 0o644 }] : [],
      )
      .withWaitStrategy(Wait.forLogMessage('Kafka Server started'))
      .start();
    if (tls) {
      const { exitCode, output } = await started.exec([
        '/opt/kafka/bin/kafka-configs.sh',
        ...[`--bootstrap-server=127.0.0.1:${port}`, '--alter', '--entity-type=users', `--entity-name=${tls.username}`],
        `--add-config=SCRAM-SHA-512=[password=${tls.password}]`,
      ]);
      if (exitCode !== 0) {
        await started.stop();
        throw new Error(`Kafka in its container does not take a user: ${output.trim()}`);
      }
    }
    return stoppable(started);
  },

  async keycloak({ port, managementPort, baseUrl, databasePort, databasePassword, adminPassword, realmFile, placeholders }) {
    const started = await container(keycloak)
      .withEnvironment({
        ...texts(keycloak.environment),
        ...placeholders,
        KC_DB_URL: `jdbc:postgresql://127.0.0.1:${databasePort}/keycloak`,
        KC_DB_PASSWORD: databasePassword,
        KC_BOOTSTRAP_ADMIN_PASSWORD: adminPassword,
        KC_HOSTNAME: baseUrl,
        KC_HTTP_HOST: '127.0.0.1',
        KC_HTTP_PORT: String(port),
        KC_HTTP_MANAGEMENT_PORT: String(managementPort),
      })
      .withCopyFilesToContainer([{ source: realmFile, target: '/opt/keycloak/data/import/realm-bankcrm.json' }])
      .withCommand([...keycloak.command!, '--import-realm'])
      .withWaitStrategy(Wait.forLogMessage(/Listening on:/))
      .start();
    try {
      // It listens before it can answer.
      await eventually(
        async () => {
          const { ok, status } = await fetch(`http://127.0.0.1:${managementPort}/health/ready`);
          if (!ok) throw new Error(`Keycloak in its container is not ready (${status})`);
        },
        { timeoutMs: startTimeoutMs, everyMs: 200 },
      );
    } catch (error) {
      await started.stop();
      throw error;
    }
    return stoppable(started);
  },
});

const texts = (environment: ComposeServer['environment']): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)]));

const files = (folder: string, certificate: { cert: string; key: string } | undefined) =>
  certificate
    ? [
        { content: certificate.cert, target: `${folder}/cert.pem`, mode: 0o600 },
        { content: certificate.key, target: `${folder}/key.pem`, mode: 0o600 },
      ]
    : [];

const stoppable = (started: { stop(options: { timeout: number }): Promise<unknown> }) => ({
  stop: async () => void (await started.stop({ timeout: 20_000 })),
});
