import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPool } from '@bankcrm/database';
import { systemClock } from '@bankcrm/kernel';
import { type DatabaseUrls, serviceEnv } from '@bankcrm/local';
import { readManifest } from '@bankcrm/manifest';
import { Heartbeat } from '@bankcrm/proto/gen/bankcrm/heartbeat/v1/heartbeat.ts';
import { backendSettings, openLog, serviceSettings } from '@bankcrm/service';
import { eventually, freePort, suiteDatabase, suitePrefix, testStack } from '@bankcrm/testing';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { requireApplied } from '../src/applied.ts';
import type { Backend } from '../src/backend.ts';
import { migrateService } from '../src/migrate-service.ts';
import { openPlacements } from '../src/open-placements.ts';
import { watchRowSecurity } from '../src/row-security.ts';
import { placementSettings } from '../src/settings.ts';
import { startBackend } from '../src/start-backend.ts';

/** A service with the name, and so the roles, of one that there is. */
const manifest = `
name: audit
index: 3
purpose: Notes on customers.
owner: crm-platform
serves: grpc
database: {}
secrets: [reply]
scope: customers
`;
const migration = `
  CREATE SCHEMA audit;
  CREATE TABLE audit.note (customer_id uuid);
  ALTER TABLE audit.note ENABLE ROW LEVEL SECURITY;
  ALTER TABLE audit.note FORCE ROW LEVEL SECURITY;
  CREATE POLICY request_scope ON audit.note TO audit_request USING (
    EXISTS (SELECT FROM scope.customer AS seen WHERE seen.customer_id = scope.survivor_of(note.customer_id) OFFSET 0));
  GRANT USAGE ON SCHEMA audit TO audit_request, audit_worker;`;

describe('a service whose manifest says that it shows customers', () => {
  let root: string;
  let folder: string;
  let urls: DatabaseUrls;
  let requests: pg.Pool;
  let workers: pg.Pool;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'bankcrm-scoped-'));
    folder = join(root, 'audit');
    mkdirSync(join(folder, 'db/migrations'), { recursive: true });
    writeFileSync(join(folder, 'service.yaml'), manifest);
    writeFileSync(join(folder, 'db/migrations/0001_notes.sql'), migration);
    urls = await suiteDatabase('audit');
    requests = openPool({ url: urls.request, name: 'test', maxConnections: 2, statementTimeoutMs: 5_000 });
    workers = openPool({ url: urls.worker, name: 'test', maxConnections: 2, statementTimeoutMs: 5_000 });
  });
  afterAll(async () => {
    await Promise.all([requests?.end(), workers?.end()]);
    rmSync(root, { recursive: true, force: true });
  });

  it('consumes the placements and the org tree without listing them', () => {
    expect(readManifest(folder).consumes).toEqual({
      'audit-scope': ['bankcrm.customer.v1.placements', 'bankcrm.directory.v1.org-units'],
    });
  });

  it('has the schema scope before its own, once, and looks whether it is there', async () => {
    expect((await migrateService(urls.owner, folder)).migrations.slice(-2)).toEqual(['scope/0001_scope', 'audit/0001_notes']);
    expect(await migrateService(urls.owner, folder)).toEqual({ migrations: [], functions: false });
    const client = await workers.connect();
    try {
      await requireApplied(client, folder);
    } finally {
      client.release();
    }
  });

  it('shows nobody anything while nobody asks, and has its row-level security watched', async () => {
    await workers.query(
      `INSERT INTO scope.customer VALUES (gen_random_uuid(), 1, 'INDIVIDUAL', 'ACTIVE', null, null, null, null, false)`,
    );
    expect((await requests.query('SELECT FROM scope.customer')).rowCount).toBe(0);
    await expect(requests.query('SELECT FROM scope.feed')).rejects.toThrow(/permission denied/);
    const faults: unknown[] = [];
    const log = { error: (fields: unknown) => void faults.push(fields), info() {} };
    const repeat = () => undefined as never;
    const { holds } = await watchRowSecurity({ schema: 'audit', requests, workers, log: log as never, repeat, everyMs: 1_000 });
    expect([holds(), faults]).toEqual([true, []]);
  });

  it('ends at start where its configuration does not say how old the placements may be', () => {
    expect(() => openPlacements({ manifest: readManifest(folder), config: {} } as never)).toThrow(
      'placementSettings belong into it',
    );
  });

  it('becomes ready, but for an identity provider that is not there, once each partition has passed its start, and stops', async () => {
    const stack = testStack();
    const prefix = suitePrefix();
    const kafka = new Kafka({ clientId: 'test', brokers: stack.kafka.brokers, logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    const topics = ['bankcrm.audit.v1.entries', 'bankcrm.customer.v1.placements', 'bankcrm.directory.v1.org-units'];
    await admin.createTopics({
      waitForLeaders: false,
      topics: topics.map((topic) => ({ topic: prefix + topic, numPartitions: 1 })),
    });
    for (const topic of topics) await eventually(() => admin.fetchTopicOffsets(prefix + topic), { timeoutMs: 30_000 });
    await admin.disconnect();

    const config = z.object({ ...serviceSettings, ...backendSettings, ...placementSettings });
    const phases: (() => Promise<void> | void)[] = [];
    const settings = config.parse({
      ...serviceEnv('audit', stack),
      OIDC_ISSUER: 'http://127.0.0.1:1/realms/bankcrm',
      DATABASE_URL_OWNER: urls.owner,
      DATABASE_URL_REQUEST: urls.request,
      DATABASE_URL_WORKER: urls.worker,
      KAFKA_TOPIC_PREFIX: prefix,
      GRPC_PORT: String(await freePort()),
      HEALTH_PORT: String(await freePort()),
    });
    const start: Backend<typeof settings>['start'] = ({ staff }) => {
      staff.apply({ kind: { $case: 'heartbeat', value: { revision: 1n, sendTime: new Date() } } });
      return { serve() {} };
    };
    await startBackend(
      { folder, config, start },
      {
        config: settings,
        clock: systemClock,
        log: openLog('audit', 'silent'),
        lifecycle: { stopping: false, onStop: (_name, _limitMs, stop) => void phases.push(stop) },
        metrics: { getMetricsRequestHandler: (_req, res) => void res.end() },
      },
    );
    const failing = async (): Promise<unknown> =>
      ((await (await fetch(`http://127.0.0.1:${settings.HEALTH_PORT}/readyz`)).json()) as { failing: string[] }).failing;
    await eventually(async () => expect(await failing()).toEqual(['identity', 'placements']), { timeoutMs: 30_000 });

    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    for (const topic of topics.slice(1)) {
      const headers = {
        ...{ ce_id: topic, ce_source: '/bankcrm/test', ce_type: 'bankcrm.heartbeat.v1.Heartbeat' },
        'content-type': 'application/protobuf',
      };
      const value = Buffer.from(Heartbeat.encode({ asOf: new Date() }).finish());
      await producer.send({ topic: prefix + topic, messages: [{ key: 'heartbeat/0', value, headers, partition: 0 }] });
    }
    await producer.disconnect();
    await eventually(async () => expect(await failing()).toEqual(['identity']), { timeoutMs: 30_000 });
    for (const stop of phases) await stop();
  });
});
