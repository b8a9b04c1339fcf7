import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allTopics, calledServices, type Manifest, readContractTopics, topicsOfPatterns, v8Options } from '@bankcrm/manifest';
import { stringify } from 'yaml';
import { valuesSchema } from './helm-schema.ts';
import { realm } from './realm.ts';
import { type Setting, settingsOf } from './settings.ts';

const madeBy = '# Made by npm run generate from services/*/service.yaml and config.ts.\n';

/** What charts set of a service's settings (`helm/common/templates/_env.tpl`); the rest is its own, in a values file. */
export const setByCharts: ReadonlySet<string> = new Set([
  ...['HOST', 'HEALTH_PORT', 'GRPC_PORT', 'HTTP_PORT', 'LOG_LEVEL', 'PUBLIC_URL', 'CORS_ORIGINS', 'CLICKHOUSE_URL', 'KEYS_FILE'],
  ...['OIDC_ISSUER', 'OIDC_AUDIENCE', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'KEYCLOAK_ADMIN_URL', 'KEYCLOAK_REALM'],
  ...['DATABASE_URL_OWNER', 'DATABASE_URL_REQUEST', 'DATABASE_URL_WORKER', 'BANK_CURRENCY', 'BANK_TIME_ZONE'],
  ...['TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CA_FILE', 'TRANSPORT_ENCRYPTED_BY'],
  ...['KAFKA_BROKERS', 'KAFKA_TOPIC_PREFIX', 'KAFKA_TLS_CA_FILE'],
  ...['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE'],
]);

/** Every file in `helm` that follows from the manifests, by its path: a thin chart for each service, and of the umbrella what names them. */
export function helmFiles(manifests: readonly Manifest[], root: string): Map<string, string> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const own = new Map(manifests.map((manifest) => [manifest.name, ownSettings(manifest, manifests, root)]));
  const files = new Map<string, string>();
  for (const manifest of manifests) {
    const { name, purpose } = manifest;
    files.set(`helm/${name}/Chart.yaml`, chart({ name, description: purpose, version, services: ['common'] }));
    files.set(`helm/${name}/facts.yaml`, yaml(factsOf(manifest, manifests, root)));
    files.set(`helm/${name}/templates/all.yaml`, '{{ include "common.all" . }}\n');
  }
  const description = 'The customer-relationship platform a commercial bank runs in its own data centre.';
  const services = ['common', ...manifests.map(({ name }) => name)];
  files.set('helm/bankcrm/Chart.yaml', chart({ name: 'bankcrm', description, version, services }));
  files.set('helm/bankcrm/facts.yaml', yaml(umbrellaFacts(manifests, own, root)));
  files.set('helm/bankcrm/values.schema.json', `${JSON.stringify(valuesSchema(manifests, own), null, 2)}\n`);
  return files;
}

function chart(of: { name: string; description: string; version: string; services: readonly string[] }): string {
  const { name, description, version, services } = of;
  const dependencies = services.map((service) => ({ name: service, version, repository: `file://../${service}` }));
  return yaml({
    apiVersion: 'v2',
    name,
    description,
    type: 'application',
    version,
    appVersion: version,
    // matchLabelKeys of topology spread is on by default from here on.
    kubeVersion: '>=1.30.0-0',
    dependencies,
  });
}

/** What `helm/common` makes the objects of a service from. */
function factsOf(manifest: Manifest, manifests: readonly Manifest[], root: string): object {
  const { name, serves, opens, database, secrets, folders, engine, resources } = manifest;
  const callers = manifests.filter((other) => calledServices(other, manifests).includes(manifest));
  return {
    serves,
    opens,
    database: database !== undefined,
    keys: secrets.length > 0,
    client: serves === 'grpc',
    calls: calledServices(manifest, manifests).map((called) => called.name),
    calledBy: callers.map((caller) => caller.name),
    topics: patternTopics(manifest, manifests, root),
    folders,
    ...(engine ? { engine } : {}),
    resources,
    nodeOptions: v8Options(manifest),
    settings: settingsOf(name, root).map((setting) => setting.name),
  };
}

const patternTopics = (manifest: Manifest, manifests: readonly Manifest[], root: string): Record<string, string> =>
  topicsOfPatterns(manifest, allTopics(manifests, readContractTopics(root)));

/** The settings that no chart sets, with the schemas of their values. */
function ownSettings(manifest: Manifest, manifests: readonly Manifest[], root: string): ReturnType<typeof settingsOf> {
  const set = new Set([
    ...setByCharts,
    ...Object.keys(manifest.folders),
    ...Object.keys(patternTopics(manifest, manifests, root)),
    ...calledServices(manifest, manifests).map(({ name }) => `${name.toUpperCase()}_ADDRESS`),
  ]);
  return settingsOf(manifest.name, root).filter(({ name }) => !set.has(name));
}

function umbrellaFacts(manifests: readonly Manifest[], own: ReadonlyMap<string, Setting[]>, root: string): object {
  const { clients } = JSON.parse(realm(manifests, root)) as { clients: { clientId: string; secret?: string }[] };
  const names = new Set(manifests.map(({ name }) => name));
  return {
    services: [...names],
    // Whose Secret holds what.
    secrets: Object.fromEntries(
      manifests.map(({ name, database, secrets, serves }) => [
        name,
        [...(database ? ['database'] : []), ...(secrets.length > 0 ? ['keys'] : []), ...(serves === 'static' ? [] : ['client'])],
      ]),
    ),
    // Clients of the realm with the variable that their secret is read from at its making, and where it stands.
    clients: clients.flatMap(({ clientId, secret }) => {
      const variable = /^\$\{(\w+)\}$/.exec(secret ?? '')?.[1];
      if (!variable) return [];
      return [
        names.has(clientId)
          ? { variable, secret: clientId, key: 'oidc-client-secret' }
          : { variable, secret: 'systems', key: clientId },
      ];
    }),
    embedding: manifests.filter(({ engine }) => engine).map(({ name }) => name),
    needs: Object.fromEntries(
      [...own].map(([name, settings]) => [name, settings.filter(({ needed }) => needed).map((one) => one.name)]),
    ),
  };
}

const yaml = (content: object): string => `${madeBy}${stringify(content, { lineWidth: 0 })}`;
