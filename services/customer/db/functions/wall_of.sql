GRANT CREATE ON SCHEMA customer TO customer_worker;
SET LOCAL ROLE customer_worker;

-- What the manager of a wall must know of a customer that the caller would see if it were not restricted, and nothing of its content.
-- The condition is the part of customerScopeSql() in libs/scope after ELSE; a test compares them.
CREATE OR REPLACE FUNCTION customer.wall_of(p_customer_id uuid)
RETURNS TABLE (restricted boolean, by_core boolean, version bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT customer.restricted, customer.restricted AND coalesce(customer.field_sources #>> '{restricted,source}', 'manual') <> 'manual', customer.version
  FROM customer.customer
  WHERE customer.customer_id = p_customer_id AND nullif(current_setting('bankcrm.staff_id', true), '') IS NOT NULL AND (
    (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
    OR ((SELECT nullif(current_setting('bankcrm.portfolio', true), '')) IS NOT NULL AND (customer.rm_staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) OR customer.dedicated_rm_staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) OR EXISTS (
      SELECT FROM customer.collaborator
      WHERE collaborator.customer_id = customer.customer_id AND collaborator.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND (collaborator.start_time IS NULL OR collaborator.start_time <= now()) AND (collaborator.end_time IS NULL OR collaborator.end_time > now()))))
    OR customer.org_unit_id IN (
      SELECT descendant_id FROM customer.org_unit_closure
      WHERE ancestor_id = ANY ((SELECT nullif(current_setting('bankcrm.org_units', true), ''))::uuid[]))
    OR ((SELECT nullif(current_setting('bankcrm.served', true), '')) IS NOT NULL AND EXISTS (
      SELECT FROM customer.service_access
      WHERE service_access.customer_id = customer.customer_id AND service_access.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND service_access.served_time > now() - interval '90 days'))
    OR ((SELECT nullif(current_setting('bankcrm.grants', true), '')) IS NOT NULL AND EXISTS (
      SELECT FROM customer.access_grant
      WHERE access_grant.customer_id = customer.customer_id AND access_grant.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND access_grant.expire_time > now()))
    OR ((SELECT nullif(current_setting('bankcrm.tickets', true), '')) IS NOT NULL AND (EXISTS (
      SELECT FROM customer.ticket_access
      WHERE ticket_access.customer_id = customer.customer_id AND ticket_access.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND (ticket_access.expire_time IS NULL OR ticket_access.expire_time > now())) OR EXISTS (
      SELECT FROM customer.ticket_access
      WHERE ticket_access.customer_id = customer.customer_id
        AND ticket_access.queue_id = ANY (ARRAY (SELECT queue_id FROM customer.queue_member WHERE queue_member.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)))
        AND (ticket_access.expire_time IS NULL OR ticket_access.expire_time > now())))))
$$;
REVOKE EXECUTE ON FUNCTION customer.wall_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customer.wall_of TO customer_request;

RESET ROLE;
REVOKE CREATE ON SCHEMA customer FROM customer_worker;
