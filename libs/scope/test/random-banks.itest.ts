import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { customerScopeSql } from '../src/customer-scope.ts';
import { openProjection, type Projection } from './support/projection.ts';
import { sameAsModel, sameInAnyOrder } from './support/same-as-model.ts';

let projection: Projection;
beforeAll(async () => {
  projection = await openProjection();
});
afterAll(() => projection?.close());

describe('who sees a customer in a service of its own database', () => {
  it('is as the specification says, for every role, through both walls and each alone', () =>
    sameAsModel(projection, 20261130, 20));

  it('is the same in whatever order states arrive, and however often', () => sameInAnyOrder(projection, 20261130, 10));

  it('stands in the policy as customerScopeSql() writes it', async () => {
    const client = await projection.owner.connect();
    try {
      await client.query('BEGIN');
      await client.query(
        `CREATE POLICY wanted ON scope.customer TO customer_request USING (${customerScopeSql({ customer: 'customer', schema: 'scope' })})`,
      );
      const { rows } = await client.query<{ polname: string; text: string }>(
        `SELECT polname, pg_get_expr(polqual, polrelid) AS text FROM pg_policy
         WHERE polrelid = 'scope.customer'::regclass AND polname IN ('wanted', 'request_scope')`,
      );
      const text = Object.fromEntries(rows.map((row) => [row.polname, row.text]));
      expect(text.request_scope).toBeTruthy();
      expect(text.request_scope).toBe(text.wanted);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('is enforced on the owner of the tables, too', async () => {
    for (const table of projection.tables)
      expect([table, (await projection.owner.query(`SELECT FROM ${table}`)).rowCount]).toEqual([table, 0]);
  });
});
