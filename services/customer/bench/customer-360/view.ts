import { randomUUID } from 'node:crypto';
import { permissionTable } from '@bankcrm/access';
import type pg from 'pg';

/** What a peer needs to run the statement that the customer service runs: the same function, the same role, the same caller. */
export interface PeerConfig {
  databaseUrl: string;
  staffId: string;
  port: number;
  /** Of the second process, where there is one. */
  grpcPort: number;
}

const keys = ['staff_id', 'bank', 'org_units', 'portfolio', 'served', 'tickets', 'grants'].map((name) => `bankcrm.${name}`);
/** As long as an audit entry is. */
const payload = Buffer.alloc(220, 1);

/** Reads customer 360 and records the view, in one round trip; a row of JSON columns, or none for a customer the caller does not see. */
export async function view360(pool: pg.Pool, staffId: string, customerId: string): Promise<unknown> {
  const { rows } = await pool.query({
    name: 'view-360',
    text: 'SELECT * FROM customer.view_360($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
    values: [
      keys,
      [staffId, '', '', 'on', '', '', 'on'],
      customerId,
      new Date().toISOString().slice(0, 10),
      'CNY',
      true,
      true,
      permissionTable.roles.rm!.permissions,
      randomUUID(),
      new Date(),
      `staff/${staffId}`,
      'bankcrm.customer.v1.Customers/ViewCustomer360',
      payload,
      {},
    ],
  });
  return rows[0];
}

export const readConfig = (): PeerConfig => JSON.parse(process.argv[2]!) as PeerConfig;
