/**
 * Who sees which customer, defined once. Row-level security is made from it (in the customer service's migration, which a
 * test compares with this text), and so is the predicate that the service's own queries carry.
 *
 * Settings come from {@link callerSettings}. Each is read in an uncorrelated sub-select, which PostgreSQL evaluates once
 * per statement instead of once per row. An absent or empty setting means nobody.
 */
export interface ScopeTables {
  /** Alias or name of the row's table, which has customer_id, org_unit_id, rm_staff_id and restricted. */
  customer: string;
  /** Schema of participant, collaborator, service_access and org_unit_closure. */
  schema: string;
}

const setting = (name: string): string => `(SELECT nullif(current_setting('bankcrm.${name}', true), ''))`;
const staffId = `(SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)`;

/** SQL that is true for the customers the caller sees. */
export function customerScopeSql({ customer, schema }: ScopeTables): string {
  return `CASE WHEN ${customer}.restricted THEN EXISTS (
    SELECT FROM ${schema}.participant
    WHERE participant.customer_id = ${customer}.customer_id AND participant.staff_id = ${staffId}
      AND (participant.expire_time IS NULL OR participant.expire_time > now()))
  ELSE ${setting('bank')} IS NOT NULL
    OR (${setting('portfolio')} IS NOT NULL AND (${customer}.rm_staff_id = ${staffId} OR EXISTS (
      SELECT FROM ${schema}.collaborator
      WHERE collaborator.customer_id = ${customer}.customer_id AND collaborator.staff_id = ${staffId})))
    OR ${customer}.org_unit_id IN (
      SELECT descendant_id FROM ${schema}.org_unit_closure
      WHERE ancestor_id = ANY (${setting('org_units')}::uuid[]))
    OR (${setting('served')} IS NOT NULL AND EXISTS (
      SELECT FROM ${schema}.service_access
      WHERE service_access.customer_id = ${customer}.customer_id AND service_access.staff_id = ${staffId}
        AND service_access.served_time > now() - interval '90 days'))
  END`;
}
