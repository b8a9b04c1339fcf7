import type { Manifest } from '@bankcrm/manifest';
import type { Setting } from './settings.ts';

type Json = Record<string, unknown>;

const text = { type: 'string' };
const flag = { type: 'boolean' };
const count = { type: 'integer', minimum: 1 };
const anything = { type: 'object' };
const maybe = (schema: Json): Json => ({ anyOf: [schema, { type: 'null' }] });
const quantity = { type: 'string', pattern: '^(\\d+(m|Mi|Gi)?)?$' };
const port = { type: 'integer', minimum: 1, maximum: 65535 };
const secretName = { type: 'string', pattern: '^([a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$' };
const url = { type: 'string', pattern: '^(https?://[^\\s]+)?$' };
const peers = { type: 'array', items: anything };
const tolerations = { type: 'array', items: anything };
const server = closed({ ports: { type: 'array', items: port, minItems: 1 }, peers });

/** An object in which nothing else may stand: a misspelt name is an error, not a value that nobody reads. */
function closed(properties: Json, required: readonly string[] = []): Json {
  return { type: 'object', additionalProperties: false, properties, ...(required.length > 0 ? { required } : {}) };
}

const global = closed({
  image: closed({
    registry: { type: 'string', pattern: '^[^\\s]*[^/\\s]$|^$' },
    tag: text,
    pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
    pullSecrets: { type: 'array', items: secretName },
  }),
  secretPrefix: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]*)$' },
  bank: closed({ currency: { type: 'string', pattern: '^[A-Z]{3}$' }, timeZone: { type: 'string', minLength: 1 } }),
  publicUrl: url,
  portalUrl: url,
  oidc: closed({ issuer: url, audience: { type: 'string', minLength: 1 }, caSecret: secretName }),
  postgres: closed({ caSecret: secretName }),
  kafka: closed({
    brokers: { type: 'array', items: { type: 'string', pattern: '^([\\w.-]+|\\[[0-9a-fA-F:.]+\\]):\\d+$' } },
    topicPrefix: text,
    tls: closed({ caSecret: secretName }),
    sasl: closed({
      mechanism: { enum: ['', 'scram-sha-512', 'scram-sha-256', 'plain'] },
      username: text,
      passwordSecret: secretName,
    }),
  }),
  clickhouse: closed({ url }),
  tryOut: flag,
  tls: closed({
    mode: { enum: ['secrets', 'cert-manager', 'mesh'] },
    issuer: closed({ kind: { enum: ['Issuer', 'ClusterIssuer'] }, name: text, group: text }),
  }),
  telemetry: closed({ endpoint: url }),
  monitoring: closed({ serviceMonitors: flag, labels: anything }),
  network: closed({
    policies: flag,
    edge: peers,
    monitoring: peers,
    postgres: server,
    kafka: server,
    keycloak: server,
    clickhouse: server,
    telemetry: server,
  }),
  hooks: closed({
    migrate: flag,
    topics: closed({ enabled: flag, profile: { enum: ['production', 'local'] }, replication: count }),
    realm: closed({
      enabled: flag,
      adminSecret: secretName,
      smtp: closed({ host: text, port, from: text, starttls: flag, secret: secretName }),
    }),
  }),
  checkSecrets: flag,
  folders: closed({ accessMode: { enum: ['ReadWriteOnce', 'ReadWriteMany'] }, storageClass: text }),
  logLevel: { enum: ['debug', 'info', 'warn', 'error'] },
  replicas: maybe(count),
  cpuRequest: quantity,
  cpuLimit: quantity,
  priorityClassName: text,
  nodeSelector: anything,
  tolerations,
});

function section({ serves, folders }: Manifest, settings: readonly Setting[]): Json {
  const folder = closed({
    existingClaim: secretName,
    size: { type: 'string', pattern: '^\\d+(Mi|Gi|Ti)$' },
    storageClass: text,
    accessMode: { enum: ['ReadWriteOnce', 'ReadWriteMany'] },
  });
  const names = Object.keys(folders);
  return closed({
    // Helm puts the umbrella's here, and a section for the library chart where it is fetched.
    global: anything,
    common: anything,
    replicas: count,
    resources: closed({ cpu: quantity, cpuLimit: quantity }),
    autoscaling: closed({ maxReplicas: count, cpuPercent: { type: 'integer', minimum: 10, maximum: 95 } }, ['maxReplicas']),
    settings: closed(Object.fromEntries(settings.map(({ name, schema }) => [name, schema]))),
    ...(names.length > 0 ? { folders: closed(Object.fromEntries(names.map((name) => [name, folder]))) } : {}),
    ...(serves === 'grpc'
      ? {}
      : { ingress: closed({ host: text, className: text, tlsSecret: secretName, annotations: anything }) }),
    podAnnotations: anything,
    priorityClassName: text,
    nodeSelector: anything,
    tolerations,
  });
}

/** JSON Schema of the umbrella's values. What has to be set `templates/checks.yaml` says, in sentences; here is which values can be. */
export const valuesSchema = (manifests: readonly Manifest[], own: ReadonlyMap<string, readonly Setting[]>): Json => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Values of BankCRM',
  ...closed({
    global,
    common: anything,
    ...Object.fromEntries(manifests.map((manifest) => [manifest.name, section(manifest, own.get(manifest.name)!)])),
  }),
});
