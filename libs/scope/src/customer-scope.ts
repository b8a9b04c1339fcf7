/**
 * Who sees which customer, defined once. Row-level security is made from it, in the customer service and in every service that keeps the placements, and so is
 * the predicate that their own queries carry.
 *
 * Settings come from `callerSettings` of @bankcrm/access. Each is read in an uncorrelated sub-select, which PostgreSQL evaluates once per statement instead
 * of once per row. An absent or empty setting means nobody. An end needs no message: `now()` decides. Tickets of the person and of queues
 * are asked for apart: each is found by an index, for one customer as well as for a list.
 */
export interface ScopeTables {
  /** Alias or name of the row's table, which has customer_id, org_unit_id, rm_staff_id, dedicated_rm_staff_id and restricted. */
  customer: string;
  /** Schema of participant, collaborator, service_access, access_grant, ticket_access, queue_member and org_unit_closure. */
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
    OR (${setting('portfolio')} IS NOT NULL AND (${customer}.rm_staff_id = ${staffId} OR ${customer}.dedicated_rm_staff_id = ${staffId} OR EXISTS (
      SELECT FROM ${schema}.collaborator
      WHERE collaborator.customer_id = ${customer}.customer_id AND collaborator.staff_id = ${staffId}
        AND (collaborator.start_time IS NULL OR collaborator.start_time <= now()) AND (collaborator.end_time IS NULL OR collaborator.end_time > now()))))
    OR ${customer}.org_unit_id IN (
      SELECT descendant_id FROM ${schema}.org_unit_closure
      WHERE ancestor_id = ANY (${setting('org_units')}::uuid[]))
    OR (${setting('served')} IS NOT NULL AND EXISTS (
      SELECT FROM ${schema}.service_access
      WHERE service_access.customer_id = ${customer}.customer_id AND service_access.staff_id = ${staffId}
        AND service_access.served_time > now() - interval '90 days'))
    OR (${setting('grants')} IS NOT NULL AND EXISTS (
      SELECT FROM ${schema}.access_grant
      WHERE access_grant.customer_id = ${customer}.customer_id AND access_grant.staff_id = ${staffId}
        AND access_grant.expire_time > now()))
    OR (${setting('tickets')} IS NOT NULL AND (EXISTS (
      SELECT FROM ${schema}.ticket_access
      WHERE ticket_access.customer_id = ${customer}.customer_id AND ticket_access.staff_id = ${staffId}
        AND (ticket_access.expire_time IS NULL OR ticket_access.expire_time > now())) OR EXISTS (
      SELECT FROM ${schema}.ticket_access
      WHERE ticket_access.customer_id = ${customer}.customer_id
        AND ticket_access.queue_id = ANY (ARRAY (SELECT queue_id FROM ${schema}.queue_member WHERE queue_member.staff_id = ${staffId}))
        AND (ticket_access.expire_time IS NULL OR ticket_access.expire_time > now()))))
  END`;
}
