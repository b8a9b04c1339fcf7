import { join } from 'node:path';
import { repositoryRoot } from '@bankcrm/manifest';
import { suiteDatabase } from '@bankcrm/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireApplied } from '../src/applied.ts';
import { migrateService } from '../src/migrate-service.ts';

const folder = join(repositoryRoot, 'services', 'customer');

describe('whether a database is up to date', () => {
  let owner: pg.Client;
  let worker: pg.Client;
  beforeAll(async () => {
    const urls = await suiteDatabase('customer');
    const { migrations, functions } = await migrateService(urls.owner, folder);
    expect([migrations[0], migrations.at(-1), functions]).toEqual([
      expect.stringMatching(/^events\//),
      expect.stringMatching(/^customer\//),
      true,
    ]);
    expect(await migrateService(urls.owner, folder)).toEqual({ migrations: [], functions: false });
    owner = new pg.Client(urls.owner);
    worker = new pg.Client(urls.worker);
    await Promise.all([owner.connect(), worker.connect()]);
  });
  afterAll(() => Promise.all([owner?.end(), worker?.end()]));

  const functionsAre = (sha256: string, earlier: string): Promise<unknown> =>
    owner.query(`UPDATE customer.functions_applied SET sha256 = ${sha256}, earlier = ${earlier}`);

  it('is told to the worker, who may change nothing of it', async () => {
    await requireApplied(worker, folder);
    await expect(worker.query('DELETE FROM customer_migrations')).rejects.toThrow(/permission denied/);
    await expect(worker.query(`UPDATE customer.functions_applied SET sha256 = ''`)).rejects.toThrow(/permission denied/);
  });

  it('is so when functions of a newer version stand there, and not so when those of this one never have', async () => {
    await functionsAre(`'newer'`, 'array[sha256]');
    await requireApplied(worker, folder);
    await functionsAre('earlier[1]', `'{}'`);
    await requireApplied(worker, folder);
    await functionsAre(`'older'`, 'array[sha256]');
    await owner.query(`UPDATE customer.functions_applied SET earlier = '{}'`);
    await expect(requireApplied(worker, folder)).rejects.toThrow('the database lacks functions of this version; run node libs');
  });

  it('is not so when a migration of a library has not been applied', async () => {
    await owner.query(`DELETE FROM requests_migrations WHERE name = (SELECT max(name) FROM requests_migrations)`);
    await expect(requireApplied(worker, folder)).rejects.toThrow(/lacks migration requests\/\d+_/);
  });
});
