import { capitalCode } from '@bankcrm/contract/domain';
import { columns, inTransaction, nobody, type Tx } from '@bankcrm/database';
import type pg from 'pg';
import type { SyncDeps } from '../sync/deps.ts';
import { publishChanges } from './publish-changes.ts';
import { orgUnitsOf, refoldCustomers } from './refold-customers.ts';

const batchCustomers = 500;

/**
 * Places customers whose org unit or relationship manager was not known when their snapshot came and is known now: one bounded transaction. True
 * when there may be more. Two small indexes hold exactly those who wait, by what they wait for: looking costs a step for each unit or manager awaited,
 * however many customers wait for them, and next to nothing while nobody waits.
 */
export async function placeCustomers(workers: pg.Pool, deps: SyncDeps, now: Date): Promise<boolean> {
  return inTransaction(workers, nobody, async (tx) => {
    // A code stored as the source had filled it up means what it means without the blanks.
    const codes = await awaited(tx, 'unit');
    const units = await orgUnitsOf(tx, codes.map(capitalCode));
    const knownCodes = codes.filter((code) => units.has(capitalCode(code)));
    const numbers = (await awaited(tx, 'manager')).filter((number) => deps.staff.staffIdOf(capitalCode(number)) !== undefined);
    const customerIds = [
      ...new Set([...(await waitingFor(tx, 'unit', knownCodes)), ...(await waitingFor(tx, 'manager', numbers))]),
    ];
    if (customerIds.length === 0) return false;
    const changes = await refoldCustomers(tx, deps, { customerIds, now });
    await publishChanges(tx, changes, () => 'directory', now);
    return changes.size > 0;
  });
}

/** What customers wait for: the column that names it, and which rows are in the index of those who wait. */
const places = {
  unit: { key: 'home_org_unit_code', waiting: `org_unit_id IS NULL AND home_org_unit_code <> ''` },
  manager: {
    key: 'rm_staff_number',
    waiting: `rm_staff_number <> '' AND CASE WHEN rm_assigned THEN core_rm_staff_id ELSE rm_staff_id END IS NULL`,
  },
} as const;
type Place = keyof typeof places;

/** Steps from one key to the next in the index: DISTINCT would read all who wait. */
export const awaitedSql = (place: Place): string => {
  const { key, waiting } = places[place];
  return `
    WITH RECURSIVE awaited (key) AS (
      SELECT min(${key}) FROM customer.customer WHERE ${waiting}
      UNION ALL
      SELECT (SELECT min(${key}) FROM customer.customer WHERE ${waiting} AND ${key} > awaited.key) FROM awaited WHERE key IS NOT NULL
    )
    SELECT key FROM awaited WHERE key IS NOT NULL`;
};

async function awaited(tx: Tx, place: Place): Promise<string[]> {
  const { rows } = await tx.query<{ key: string }>({ name: `awaited-${place}`, text: awaitedSql(place) });
  return rows.map(({ key }) => key);
}

async function waitingFor(tx: Tx, place: Place, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const { key, waiting } = places[place];
  const { rows } = await tx.query<{ customer_id: string }>({
    name: `waiting-for-${place}`,
    text: `SELECT customer_id FROM customer.customer WHERE ${waiting} AND ${key} = ANY ($1::text[]) LIMIT ${batchCustomers}`,
    values: [columns.texts(keys)],
  });
  return rows.map(({ customer_id }) => customer_id);
}
