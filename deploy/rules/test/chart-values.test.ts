import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { helmFiles } from '@bankcrm/generate';
import { type Manifest, readManifests, repositoryRoot } from '@bankcrm/manifest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { assembleCharts, type Charts, installed, newest } from '../src/charts.ts';
import { type Example, read } from '../src/rendered.ts';

/** The first use builds Helm. */
const buildLimitMs = 1_800_000;

let charts: Charts;
let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'bankcrm-values-'));
  charts = await assembleCharts(repositoryRoot);
}, buildLimitMs);
afterAll(() => {
  charts?.discard();
  rmSync(scratch, { recursive: true, force: true });
});

/** What Helm says of an example with other values over it. */
async function refusalOf(example: string, values: object, cluster: readonly string[] = []): Promise<string> {
  const error = await template(charts, example, values, cluster).then(
    () => undefined,
    (refusal: Error) => refusal,
  );
  return error?.message ?? 'nothing was wrong';
}

let files = 0;
async function template(
  of: Charts,
  example: string,
  values: object,
  cluster: readonly string[] = [],
): Promise<Example['objects']> {
  const file = join(scratch, `${files++}.yaml`);
  writeFileSync(file, stringify(values));
  const paths = [`bankcrm/examples/${example}.yaml`, file].flatMap((path) => ['--values', path]);
  return read(await of.helm('template', 'bankcrm', 'bankcrm', '--kube-version', newest, ...cluster, ...paths)).objects;
}

describe('a value that is missing or does not go with the others is named, with what to set', () => {
  it.each<[what: string, example: string, values: object, sentences: string[]]>([
    ['no registry', 'minimal', { global: { image: { registry: '' } } }, ['global.image.registry: set the registry that holds']],
    ['no issuer', 'minimal', { global: { oidc: { issuer: '' } } }, ['global.oidc.issuer: set exactly the `iss`']],
    [
      'an issuer that is none',
      'minimal',
      { global: { oidc: { issuer: 'https://sign-in.bank.example' } } },
      ['it ends with /realms/'],
    ],
    [
      'an issuer in the clear',
      'minimal',
      { global: { oidc: { issuer: 'http://sign-in.bank.example/realms/bankcrm' } } },
      ['global.oidc.issuer: use https, or set global.tls.mode to mesh'],
    ],
    ['no brokers', 'minimal', { global: { kafka: { brokers: [] } } }, ['global.kafka.brokers: set host:port of every broker']],
    [
      "no CA of the brokers'",
      'minimal',
      { global: { kafka: { tls: { caSecret: '' } } } },
      ['global.kafka.tls.caSecret: name the Secret'],
    ],
    ['no CA of PostgreSQL', 'minimal', { global: { postgres: { caSecret: '' } } }, ['global.postgres.caSecret: name the Secret']],
    [
      'a sign-in at Kafka without user and password',
      'minimal',
      { global: { kafka: { sasl: { username: '', passwordSecret: '' } } } },
      ['global.kafka.sasl.username: set the user', 'global.kafka.sasl.passwordSecret: name the Secret'],
    ],
    ['no address of the gateway', 'minimal', { global: { publicUrl: '' } }, ['global.publicUrl: set the address']],
    [
      'an address of the gateway in the clear',
      'minimal',
      { global: { publicUrl: 'http://crm.bank.example' } },
      ['use https, which is'],
    ],
    [
      'a realm without the addresses it needs',
      'minimal',
      { global: { portalUrl: '', hooks: { realm: { smtp: { host: '', from: '' } } } } },
      ['global.portalUrl: set', 'global.hooks.realm.smtp.host: set', 'global.hooks.realm.smtp.from: set'],
    ],
    [
      'cert-manager without an issuer',
      'minimal',
      { global: { tls: { mode: 'cert-manager' } } },
      ['global.tls.issuer: set kind and name'],
    ],
    [
      'a cluster without the operators',
      'production',
      {},
      ['cert-manager is not installed', 'the Prometheus operator is not installed'],
    ],
    [
      'fewer replicas at most than at least',
      'minimal',
      { customer: { replicas: 5, autoscaling: { maxReplicas: 2 } } },
      ['customer.autoscaling.maxReplicas: set customer.replicas or more'],
    ],
    [
      'an address for browsers without its certificate',
      'minimal',
      { gateway: { ingress: { host: 'crm.bank.example' } } },
      ['gateway.ingress.tlsSecret: name the Secret'],
    ],
    [
      'two needs at once',
      'minimal',
      { global: { image: { registry: '' }, kafka: { brokers: [] } } },
      ['global.image.registry: set', 'global.kafka.brokers: set'],
    ],
  ])('%s', async (_, example, values, sentences) => {
    const refusal = await refusalOf(example, values);
    for (const sentence of ['BankCRM cannot be installed like this:', ...sentences]) expect(refusal).toContain(sentence);
  });
});

describe('a value that cannot be is named by its place', () => {
  it.each<[what: string, values: object, place: string]>([
    ['a misspelt name', { global: { kafak: {} } }, "at '/global': additional properties 'kafak' not allowed"],
    ['a service that there is not', { custmer: {} }, "additional properties 'custmer' not allowed"],
    ['a text for a number', { customer: { replicas: 'three' } }, "at '/customer/replicas': got string, want integer"],
    [
      'a word that is none of those',
      { global: { tls: { mode: 'tls' } } },
      "at '/global/tls/mode': value must be one of 'secrets'",
    ],
    ['a setting that nobody reads', { audit: { settings: { REVEALS_PER_DAY: 3 } } }, "'REVEALS_PER_DAY' not allowed"],
    [
      'a setting of another type',
      { customer: { settings: { REVEALS_PER_DAY: 'few' } } },
      "at '/customer/settings/REVEALS_PER_DAY'",
    ],
    ['a setting that the chart sets by itself', { audit: { settings: { KAFKA_BROKERS: 'a:1' } } }, "'KAFKA_BROKERS' not allowed"],
    ['a broker without a port', { global: { kafka: { brokers: ['kafka'] } } }, "at '/global/kafka/brokers/0'"],
  ])('%s', async (_, values, place) => expect(await refusalOf('minimal', values)).toContain(place));
});

describe('a service with an engine of its own', () => {
  let embedding: Charts;
  beforeAll(async () => {
    const copy = join(scratch, 'tree');
    cpSync(join(repositoryRoot, 'helm'), join(copy, 'helm'), { recursive: true });
    const manifests = readManifests().map((one): Manifest => (one.name === 'audit' ? { ...one, engine: 'clickhouse' } : one));
    for (const [path, content] of helmFiles(manifests, repositoryRoot)) writeFileSync(join(copy, path), content);
    embedding = await assembleCharts(copy);
  }, buildLimitMs);
  afterAll(() => embedding?.discard());

  const deploymentOf = (objects: Example['objects']) =>
    objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'bankcrm-audit')!.spec;

  it('has one replica, stopped before the next starts, where BankCRM is tried out', async () => {
    const objects = await template(embedding, 'minimal', { audit: { replicas: 3, autoscaling: { maxReplicas: 3 } } });
    expect(deploymentOf(objects)).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    expect(objects.map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler');
  });

  it('is refused elsewhere without the URL of a server', async () => {
    const refusal = template(embedding, 'production', { global: { clickhouse: { url: '' } } }, installed);
    await expect(refusal).rejects.toThrow('global.clickhouse.url: set the server that audit uses');
  });

  it('has replicas that replace each other where it has a server', async () => {
    const objects = await template(embedding, 'production', {}, installed);
    expect(deploymentOf(objects)).toMatchObject({ replicas: 3, strategy: { type: 'RollingUpdate' } });
  });
});
