import { batch, type Tx } from '@bankcrm/database';
import { newestBySequence } from '@bankcrm/kernel';

/** The newest state of an org unit. */
export interface OrgUnit {
  orgUnitId: string;
  code: string;
  displayName: string;
  /** Empty for the root. */
  parentId: string;
  sequence: bigint;
}

/**
 * Brings the projection of the org tree in a schema (tables `org_unit` and `org_unit_closure`) up to date and makes the closure anew. A unit's older state never
 * overwrites a newer one.
 */
export async function applyOrgUnits(tx: Tx, schema: string, units: readonly OrgUnit[]): Promise<void> {
  const rows = newestBySequence(units, ({ orgUnitId }) => orgUnitId).map((unit) => ({
    ...unit,
    parentId: unit.parentId || null,
  }));
  // The closure is computed from the whole tree: one at a time, whatever the partitions.
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`bankcrm/${schema}/org-tree`]);
  const { rowCount } = await tx.query({
    name: `upsert-org-units-${schema}`,
    text: `
      INSERT INTO ${schema}.org_unit AS unit (org_unit_id, code, display_name, parent_id, sequence)
      SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::int8[])
      ON CONFLICT (org_unit_id) DO UPDATE SET code = excluded.code, display_name = excluded.display_name, parent_id = excluded.parent_id,
        sequence = excluded.sequence
      WHERE unit.sequence < excluded.sequence`,
    values: batch(rows, { orgUnitId: 'uuid', code: 'text', displayName: 'text', parentId: 'uuid', sequence: 'int8' }),
  });
  if (rowCount === 0) return;
  // UNION ends the recursion even while half of a move has arrived and the tree has a circle in it.
  await tx.query({
    name: `rebuild-closure-${schema}`,
    text: `
      WITH RECURSIVE closure (ancestor_id, descendant_id) AS (
        SELECT org_unit_id, org_unit_id FROM ${schema}.org_unit
        UNION
        SELECT unit.parent_id, closure.descendant_id
        FROM closure JOIN ${schema}.org_unit AS unit ON unit.org_unit_id = closure.ancestor_id
        WHERE unit.parent_id IS NOT NULL
      ), gone AS (
        DELETE FROM ${schema}.org_unit_closure AS old
        WHERE NOT EXISTS (
          SELECT FROM closure WHERE closure.ancestor_id = old.ancestor_id AND closure.descendant_id = old.descendant_id)
      )
      INSERT INTO ${schema}.org_unit_closure SELECT ancestor_id, descendant_id FROM closure ON CONFLICT DO NOTHING`,
  });
}
