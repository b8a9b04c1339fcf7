CASE WHEN customer.restricted THEN EXISTS (
    SELECT FROM scope.participant
    WHERE participant.customer_id = customer.customer_id AND participant.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
      AND (participant.expire_time IS NULL OR participant.expire_time > now()))
  ELSE (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
    OR ((SELECT nullif(current_setting('bankcrm.portfolio', true), '')) IS NOT NULL AND (customer.rm_staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) OR customer.dedicated_rm_staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) OR EXISTS (
      SELECT FROM scope.collaborator
      WHERE collaborator.customer_id = customer.customer_id AND collaborator.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND (collaborator.start_time IS NULL OR collaborator.start_time <= now()) AND (collaborator.end_time IS NULL OR collaborator.end_time > now()))))
    OR customer.org_unit_id IN (
      SELECT descendant_id FROM scope.org_unit_closure
      WHERE ancestor_id = ANY ((SELECT nullif(current_setting('bankcrm.org_units', true), ''))::uuid[]))
    OR ((SELECT nullif(current_setting('bankcrm.served', true), '')) IS NOT NULL AND EXISTS (
      SELECT FROM scope.service_access
      WHERE service_access.customer_id = customer.customer_id AND service_access.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND service_access.served_time > now() - interval '90 days'))
    OR ((SELECT nullif(current_setting('bankcrm.grants', true), '')) IS NOT NULL AND EXISTS (
      SELECT FROM scope.access_grant
      WHERE access_grant.customer_id = customer.customer_id AND access_grant.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND access_grant.expire_time > now()))
    OR ((SELECT nullif(current_setting('bankcrm.tickets', true), '')) IS NOT NULL AND (EXISTS (
      SELECT FROM scope.ticket_access
      WHERE ticket_access.customer_id = customer.customer_id AND ticket_access.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND (ticket_access.expire_time IS NULL OR ticket_access.expire_time > now())) OR EXISTS (
      SELECT FROM scope.ticket_access
      WHERE ticket_access.customer_id = customer.customer_id
        AND ticket_access.queue_id = ANY (ARRAY (SELECT queue_id FROM scope.queue_member WHERE queue_member.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)))
        AND (ticket_access.expire_time IS NULL OR ticket_access.expire_time > now()))))
  END
