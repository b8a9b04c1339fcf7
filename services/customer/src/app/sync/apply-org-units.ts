import { columns, type Tx } from '@bankcrm/database';
import type { OrgUnitChanged } from '@bankcrm/proto/gen/bankcrm/directory/v1/events.ts';
import { cleanText } from '../../domain/clean-text.ts';

/**
 * Brings the projection of the org tree up to date and makes the closure anew. A unit's older state never overwrites a newer one. Customers whose code
 * only now means a unit are placed by {@link placeCustomers}.
 */
export async function applyOrgUnits(tx: Tx, units: readonly OrgUnitChanged[]): Promise<void> {
  const newest = new Map<string, OrgUnitChanged>();
  for (const unit of units) if (unit.sequence > (newest.get(unit.orgUnitId)?.sequence ?? -1n)) newest.set(unit.orgUnitId, unit);
  const rows = [...newest.values()];
  // The closure is computed from the whole tree: one at a time, whatever the partitions.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('bankcrm/customer/org-tree', 0))`);
  const { rowCount } = await tx.query({
    name: 'upsert-org-units',
    text: `
      INSERT INTO customer.org_unit AS unit (org_unit_id, code, display_name, parent_id, sequence)
      SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::int8[])
      ON CONFLICT (org_unit_id) DO UPDATE SET code = excluded.code, display_name = excluded.display_name, parent_id = excluded.parent_id,
        sequence = excluded.sequence
      WHERE unit.sequence < excluded.sequence`,
    values: [
      columns.uuids(rows.map(({ orgUnitId }) => orgUnitId)),
      columns.texts(rows.map(({ code }) => code)),
      columns.texts(rows.map(({ displayName }) => cleanText(displayName))),
      columns.uuids(rows.map(({ parentId }) => (parentId === '' ? null : parentId))),
      columns.int8s(rows.map(({ sequence }) => sequence)),
    ],
  });
  if (rowCount === 0) return;
  // UNION ends the recursion even while half of a move has arrived and the tree has a circle in it.
  await tx.query({
    name: 'rebuild-closure',
    text: `
      WITH RECURSIVE closure (ancestor_id, descendant_id) AS (
        SELECT org_unit_id, org_unit_id FROM customer.org_unit
        UNION
        SELECT unit.parent_id, closure.descendant_id
        FROM closure JOIN customer.org_unit AS unit ON unit.org_unit_id = closure.ancestor_id
        WHERE unit.parent_id IS NOT NULL
      ), gone AS (
        DELETE FROM customer.org_unit_closure AS old
        WHERE NOT EXISTS (
          SELECT FROM closure WHERE closure.ancestor_id = old.ancestor_id AND closure.descendant_id = old.descendant_id)
      )
      INSERT INTO customer.org_unit_closure SELECT ancestor_id, descendant_id FROM closure ON CONFLICT DO NOTHING`,
  });
}
