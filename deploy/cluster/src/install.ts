import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '@bankcrm/local';
import { readManifests, repositoryRoot } from '@bankcrm/manifest';
import { openAuthority } from '@bankcrm/provision';
import pg from 'pg';
import { stringify } from 'yaml';
import { run } from './shell.ts';
import { apply, kubectl, say, secret, serversOf, site } from './site.ts';

/** Makes the Secrets of a first installation, as helm/bankcrm/README.md has an operator do it. */
export async function makeSecrets(): Promise<void> {
  const stack = serversOf();
  const { caFile, kafka } = stack.tls!;
  const ca = readFileSync(caFile, 'utf8');
  // The servers' own authority signs for the services too.
  const authority = openAuthority({ kept: JSON.parse(readFileSync(join(site.dir, 'tls/authority.json'), 'utf8')) });
  await run('kubectl', ['apply', '-f', '-'], { input: JSON.stringify(restrictedNamespace(site.namespace)) });
  const certificates = readManifests().map(({ name }) => {
    const host = `${site.release}-${name}`;
    const { cert, key } = authority.issue(host, `${host}.${site.namespace}`, `${host}.${site.namespace}.svc`);
    return secret(`bankcrm-${name}-tls`, { 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca });
  });
  await apply(await provision(stack));
  await apply([
    ...certificates,
    secret('bankcrm-ca', { 'ca.crt': ca }),
    secret('bankcrm-kafka-user', { password: readFileSync(kafka.passwordFile, 'utf8').trim() }),
    secret('bankcrm-keycloak-admin', { ...stack.keycloak.admin }),
  ]);
  say(`namespace ${site.namespace} takes restricted pods only; certificates and what the servers are believed by are in it`);
}

/** What provision makes, kept beside the servers; a trial that goes on keeps what it has. Then the databases, by somebody who is no superuser. */
async function provision(stack: Stack): Promise<string> {
  const file = join(site.dir, 'secrets.yaml');
  const kept = existsSync(file) ? ['--from', file] : [];
  const { host, port } = new URL(stack.postgres.superuserUrl);
  const place = ['--namespace', site.namespace, '--postgres', port ? host : `${host}:5432`];
  const secrets = await run('node', [provisionProgram, 'secrets', ...place, ...kept]);
  writeFileSync(file, secrets, { mode: 0o600 });
  const admin = { ...process.env, DATABASE_ADMIN_URL: await dbaUrl(stack) };
  say(await run('node', [provisionProgram, 'databases', '--from', file, '--apply'], { env: admin }));
  return secrets;
}

const provisionProgram = join(repositoryRoot, 'deploy/provision/src/main.ts');

/** A role that may make roles and databases and nothing more, as a bank's DBA has it. */
async function dbaUrl({ postgres }: Stack): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.superuserUrl });
  await client.connect();
  const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = 'dba'");
  if (rowCount === 0) await client.query('CREATE ROLE dba LOGIN CREATEDB CREATEROLE');
  const password = randomBytes(18).toString('base64url');
  await client.query(`ALTER ROLE dba PASSWORD ${client.escapeLiteral(password)}`);
  await client.end();
  const url = new URL(postgres.superuserUrl);
  url.username = 'dba';
  url.password = password;
  return url.href;
}

const restrictedNamespace = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
});

/** What an operator writes for this cluster; `tag` is the version of the images. */
function values(tag: string): string {
  const stack = serversOf();
  const content = {
    global: {
      tryOut: true,
      image: { registry: site.registry, tag },
      publicUrl: `https://${site.gatewayName}`,
      portalUrl: site.portalUrl,
      oidc: { issuer: stack.keycloak.issuer, caSecret: 'bankcrm-ca' },
      postgres: { caSecret: 'bankcrm-ca' },
      kafka: {
        brokers: stack.tls!.kafka.brokers,
        tls: { caSecret: 'bankcrm-ca' },
        sasl: { mechanism: 'scram-sha-512', username: stack.tls!.kafka.username, passwordSecret: 'bankcrm-kafka-user' },
      },
      network: {
        postgres: { ports: [stack.postgres.port] },
        kafka: { ports: stack.tls!.kafka.brokers.map(portOf) },
        keycloak: { ports: [portOf(new URL(stack.keycloak.issuer).host)] },
      },
      hooks: {
        topics: { profile: 'local', replication: 1 },
        realm: { smtp: { host: stack.mail.smtpHost, port: stack.mail.smtpPort, from: 'crm@bank.example', starttls: false } },
      },
      folders: { accessMode: 'ReadWriteOnce' },
      replicas: 2,
      cpuRequest: '25m',
    },
    directory: { settings: { BOOTSTRAP_ADMIN_STAFF_NUMBER: '900000', BOOTSTRAP_ADMIN_EMAIL: 'admin@bank.example' } },
    // One person of the load asks as often as a whole branch.
    gateway: { settings: { RATE_LIMIT_PER_MINUTE: 1_000_000 } },
  };
  const file = join(site.dir, `values-${tag}.yaml`);
  writeFileSync(file, stringify(content));
  return file;
}

const portOf = (address: string): number => Number(/:(\d+)$/.exec(address)?.[1] ?? 443);

/** The umbrella with its dependencies, laid out in the trial's folder. */
async function chart(): Promise<string> {
  const target = join(site.dir, 'helm');
  mkdirSync(target, { recursive: true });
  cpSync(join(repositoryRoot, 'helm'), target, { recursive: true });
  const umbrella = join(target, 'bankcrm');
  await run('helm', ['dependency', 'update', umbrella]);
  return umbrella;
}

/** Installs or upgrades; returns when every pod of the new version is ready. Gives the seconds it took. */
export async function upgrade(tag: string): Promise<number> {
  const began = performance.now();
  const args = ['upgrade', '--install', site.release, await chart(), '-n', site.namespace, '-f', values(tag)];
  await run('helm', [...args, '--wait', '--timeout', '10m']);
  return Math.round((performance.now() - began) / 1_000);
}

/** host:port at which this machine reaches the gateway: a port of the node that the trial opens; BANKCRM_CLUSTER_GATEWAY says another. */
export async function gatewayAddress(): Promise<string> {
  const given = process.env.BANKCRM_CLUSTER_GATEWAY;
  if (given) return given;
  await apply([
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'trial-edge' },
      spec: {
        type: 'NodePort',
        selector: { 'app.kubernetes.io/name': 'gateway', 'app.kubernetes.io/instance': site.release },
        ports: [{ port: 443, targetPort: 'http' }],
      },
    },
  ]);
  const port = await kubectl('get', 'service', 'trial-edge', '-o', 'jsonpath={.spec.ports[0].nodePort}');
  const address = '{.items[0].status.addresses[?(@.type=="InternalIP")].address}';
  return `${await kubectl('get', 'nodes', '-o', `jsonpath=${address}`)}:${port}`;
}
