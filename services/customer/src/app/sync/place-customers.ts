import { columns, inTransaction, nobody, type Tx } from '@bankcrm/database';
import type pg from 'pg';
import type { SyncDeps } from './deps.ts';
import { publishChanges } from './publish-changes.ts';
import { refoldCustomers } from './refold-customers.ts';

const batchCustomers = 500;

/**
 * Places customers whose org unit or relationship manager was not known when their snapshot came and is known now: one bounded transaction. True
 * when there may be more. Two small indexes hold exactly those who wait, so that looking costs nothing while nobody does.
 */
export async function placeCustomers(pool: pg.Pool, deps: SyncDeps, now: Date): Promise<boolean> {
  return inTransaction(pool, nobody, async (tx) => {
    const customerIds = [...new Set([...(await withKnownUnit(tx)), ...(await withKnownManager(tx, deps))])];
    if (customerIds.length === 0) return false;
    const changes = await refoldCustomers(tx, deps, { customerIds, now });
    await publishChanges(tx, changes, () => 'directory', now);
    return changes.size > 0;
  });
}

async function withKnownUnit(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ customer_id: string }>({
    name: 'unplaced-customers',
    text: `
      SELECT customer.customer_id FROM customer.org_unit AS unit
      JOIN customer.customer ON customer.home_org_unit_code = unit.code
      WHERE customer.org_unit_id IS NULL AND customer.home_org_unit_code <> ''
      LIMIT ${batchCustomers}`,
  });
  return rows.map(({ customer_id }) => customer_id);
}

async function withKnownManager(tx: Tx, { staff }: SyncDeps): Promise<string[]> {
  const { rows } = await tx.query<{ rm_staff_number: string }>({
    name: 'unmanaged-numbers',
    text: `SELECT DISTINCT rm_staff_number FROM customer.customer WHERE rm_staff_id IS NULL AND rm_staff_number <> ''`,
  });
  const known = rows.map(({ rm_staff_number }) => rm_staff_number).filter((number) => staff.staffIdOf(number) !== undefined);
  if (known.length === 0) return [];
  const { rows: waiting } = await tx.query<{ customer_id: string }>({
    name: 'unmanaged-customers',
    text: `
      SELECT customer_id FROM customer.customer
      WHERE rm_staff_id IS NULL AND rm_staff_number <> '' AND rm_staff_number = ANY ($1::text[]) LIMIT ${batchCustomers}`,
    values: [columns.texts(known)],
  });
  return waiting.map(({ customer_id }) => customer_id);
}
