import { columns, type Tx } from '@bankcrm/database';
import { nameTokens } from '../../domain/name-tokens.ts';
import type { PlacedRecord } from '../../domain/placement.ts';
import { isRenamed } from './customer-rows.ts';

type Named = Pick<PlacedRecord, 'fullName' | 'shortName' | 'kind'>;

export interface Renamed {
  customerId: string;
  record: Named;
  /** Undefined for a new customer. */
  before?: Named | undefined;
}

/** Replaces the rows by which customers are found where their name has changed. */
export async function writeNameTokens(tx: Tx, customers: readonly Renamed[]): Promise<void> {
  const renamed = customers.filter(isRenamed);
  const old = renamed.filter(({ before }) => before !== undefined && before.fullName + before.shortName !== '');
  await deleteNameTokens(tx, old);
  await insertNameTokens(tx, renamed);
}

export async function deleteNameTokens(tx: Tx, customers: readonly { customerId: string }[]): Promise<void> {
  if (customers.length === 0) return;
  await tx.query({
    name: 'delete-name-tokens',
    text: 'DELETE FROM customer.name_token WHERE customer_id = ANY ($1::uuid[])',
    values: [columns.uuids(customers.map(({ customerId }) => customerId))],
  });
}

export async function insertNameTokens(tx: Tx, customers: readonly Renamed[]): Promise<void> {
  const rows: { token: string; customerId: string; kind: number }[] = [];
  for (const { customerId, record } of customers)
    for (const { token, kind } of nameTokens(record.fullName, record.shortName, record.kind))
      rows.push({ token, customerId, kind });
  if (rows.length === 0) return;
  await tx.query({
    name: 'insert-name-tokens',
    text: `
      INSERT INTO customer.name_token (token, customer_id, kind)
      SELECT token, customer_id, kind FROM unnest($1::text[], $2::uuid[], $3::int4[]) AS given (token, customer_id, kind)
      ORDER BY token COLLATE "C", customer_id
      ON CONFLICT DO NOTHING`,
    values: [
      columns.texts(rows.map(({ token }) => token)),
      columns.uuids(rows.map(({ customerId }) => customerId)),
      columns.int4s(rows.map(({ kind }) => kind)),
    ],
  });
}
