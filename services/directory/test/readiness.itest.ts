import { openPool } from '@bankcrm/database';
import { eventually } from '@bankcrm/testing';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Suite, startSuite } from './support/harness.ts';

describe('the readiness of the directory', () => {
  let suite: Suite;
  let owner: pg.Pool;

  beforeAll(async () => {
    suite = await startSuite({ rowSecurityEveryMs: 100 });
    owner = openPool({ url: suite.urls.owner, name: 'test', maxConnections: 1, statementTimeoutMs: 10_000 });
  });
  afterAll(async () => {
    await owner?.end();
    await suite?.stop();
  });

  it.each([
    ['DISABLE', 'ENABLE'],
    ['NO FORCE', 'FORCE'],
  ])('ends when an owner sets %s ROW LEVEL SECURITY on a table, and comes back with %s', async (open, mend) => {
    const readiness = async () => (await fetch(suite.readyUrl)).json();
    expect(await readiness()).toEqual({ state: 'ready', failing: [] });
    await owner.query(`ALTER TABLE directory.staff ${open} ROW LEVEL SECURITY`);
    await eventually(async () => expect(await readiness()).toEqual({ state: 'not ready', failing: ['row-level-security'] }));
    await owner.query(`ALTER TABLE directory.staff ${mend} ROW LEVEL SECURITY`);
    await eventually(async () => expect(await readiness()).toEqual({ state: 'ready', failing: [] }));
  });
});
