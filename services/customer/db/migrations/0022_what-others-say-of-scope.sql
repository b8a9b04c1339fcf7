-- Up Migration

-- What others say of who sees a customer: quota assigns customers and gives access for a time, ticketing says who works on a ticket. Rows stand here whether or
-- not the customer is known yet, without foreign keys: no topic waits for another. Each has its sequence beside it: an older one never overwrites a newer one.

-- rm_staff_id is who looks after the customer: as core banking says, from the first assignment on as it was assigned. Rows of before need no renewal:
-- without an assignment rm_staff_id is what core banking says.
ALTER TABLE customer.customer
  ADD COLUMN dedicated_rm_staff_id uuid,
  ADD COLUMN core_rm_staff_id uuid,
  ADD COLUMN rm_assigned boolean NOT NULL DEFAULT false;
CREATE INDEX customer_dedicated_rm ON customer.customer (dedicated_rm_staff_id) WHERE dedicated_rm_staff_id IS NOT NULL;
CREATE INDEX customer_core_rm_awaited ON customer.customer (rm_staff_number)
  WHERE rm_staff_number <> '' AND CASE WHEN rm_assigned THEN core_rm_staff_id ELSE rm_staff_id END IS NULL;
COMMENT ON COLUMN customer.customer.dedicated_rm_staff_id IS 'C1: sees the customer as the relationship manager does';
COMMENT ON COLUMN customer.customer.core_rm_staff_id IS 'C1: as core banking says; counts where rm_assigned, otherwise rm_staff_id is that';
COMMENT ON COLUMN customer.customer.rm_assigned IS 'C1: rm_staff_id is as BankCRM has decided, null included';

CREATE TABLE customer.assignment (
  customer_id uuid PRIMARY KEY,
  sequence bigint NOT NULL,
  rm_staff_id uuid,
  dedicated_rm_staff_id uuid,
  effective_time timestamptz NOT NULL
);
COMMENT ON COLUMN customer.assignment.customer_id IS 'C1';
COMMENT ON COLUMN customer.assignment.sequence IS 'C1: an older one never overwrites a newer one';
COMMENT ON COLUMN customer.assignment.rm_staff_id IS 'C1: null where the customer was put into the public pool';
COMMENT ON COLUMN customer.assignment.dedicated_rm_staff_id IS 'C1';
COMMENT ON COLUMN customer.assignment.effective_time IS 'C1';

ALTER TABLE customer.collaborator ADD COLUMN start_time timestamptz, ADD COLUMN end_time timestamptz;
COMMENT ON COLUMN customer.collaborator.start_time IS 'C1: null: since ever';
COMMENT ON COLUMN customer.collaborator.end_time IS 'C1: over from this instant on; null: until further notice';

CREATE TABLE customer.grant_version (
  grant_id uuid PRIMARY KEY,
  sequence bigint NOT NULL
);
COMMENT ON COLUMN customer.grant_version.grant_id IS 'C1';
COMMENT ON COLUMN customer.grant_version.sequence IS 'C1: an older one never overwrites a newer one';

CREATE TABLE customer.access_grant (
  grant_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  expire_time timestamptz NOT NULL,
  PRIMARY KEY (customer_id, grant_id)
);
CREATE INDEX access_grant_staff ON customer.access_grant (staff_id, customer_id);
CREATE INDEX access_grant_grant ON customer.access_grant (grant_id);
CREATE INDEX access_grant_ended ON customer.access_grant (expire_time);
COMMENT ON COLUMN customer.access_grant.grant_id IS 'C1';
COMMENT ON COLUMN customer.access_grant.customer_id IS 'C1';
COMMENT ON COLUMN customer.access_grant.staff_id IS 'C1';
COMMENT ON COLUMN customer.access_grant.expire_time IS 'C1: over from this instant on';

CREATE TABLE customer.ticket_access_version (
  customer_id uuid PRIMARY KEY,
  sequence bigint NOT NULL
);
COMMENT ON COLUMN customer.ticket_access_version.customer_id IS 'C1';
COMMENT ON COLUMN customer.ticket_access_version.sequence IS 'C1: an older one never overwrites a newer one';

CREATE TABLE customer.ticket_access (
  customer_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  staff_id uuid,
  queue_id uuid,
  expire_time timestamptz,
  CHECK (num_nonnulls(staff_id, queue_id) = 1),
  UNIQUE NULLS NOT DISTINCT (customer_id, ticket_id, staff_id, queue_id)
);
CREATE INDEX ticket_access_staff ON customer.ticket_access (staff_id, customer_id) WHERE staff_id IS NOT NULL;
CREATE INDEX ticket_access_queue ON customer.ticket_access (queue_id, customer_id) WHERE queue_id IS NOT NULL;
CREATE INDEX ticket_access_ended ON customer.ticket_access (expire_time) WHERE expire_time IS NOT NULL;
COMMENT ON COLUMN customer.ticket_access.customer_id IS 'C1';
COMMENT ON COLUMN customer.ticket_access.ticket_id IS 'C1';
COMMENT ON COLUMN customer.ticket_access.staff_id IS 'C1: the person to whom the ticket is assigned';
COMMENT ON COLUMN customer.ticket_access.queue_id IS 'C1: or the queue whose members see the customer';
COMMENT ON COLUMN customer.ticket_access.expire_time IS 'C1: over from this instant on; null: while the row stands';

CREATE TABLE customer.queue_version (
  queue_id uuid PRIMARY KEY,
  sequence bigint NOT NULL
);
COMMENT ON COLUMN customer.queue_version.queue_id IS 'C1';
COMMENT ON COLUMN customer.queue_version.sequence IS 'C1: an older one never overwrites a newer one';

CREATE TABLE customer.queue_member (
  queue_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  PRIMARY KEY (queue_id, staff_id)
);
CREATE INDEX queue_member_staff ON customer.queue_member (staff_id, queue_id);
COMMENT ON COLUMN customer.queue_member.queue_id IS 'C1: of tickets';
COMMENT ON COLUMN customer.queue_member.staff_id IS 'C1';

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['assignment', 'grant_version', 'access_grant', 'ticket_access_version', 'ticket_access', 'queue_version', 'queue_member'] LOOP
    EXECUTE format('ALTER TABLE customer.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE customer.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker ON customer.%I TO customer_worker USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON customer.%I TO customer_worker', name);
  END LOOP;
  -- The caller's own rows and nobody else's, those of queues in which the caller works among them.
  FOREACH name IN ARRAY ARRAY['access_grant', 'queue_member'] LOOP
    EXECUTE format(
      'CREATE POLICY request_own ON customer.%I FOR SELECT TO customer_request USING (
         staff_id = (SELECT nullif(current_setting(''bankcrm.staff_id'', true), '''')::uuid))', name);
  END LOOP;
END
$$;
CREATE POLICY request_own ON customer.ticket_access FOR SELECT TO customer_request USING (
  staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
  OR queue_id IN (
    SELECT queue_member.queue_id FROM customer.queue_member
    WHERE queue_member.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)));
GRANT SELECT ON customer.access_grant, customer.ticket_access, customer.queue_member TO customer_request;

-- The text is made by customerScopeSql() in libs/scope; a test compares them.
ALTER POLICY request_scope ON customer.customer USING (
  CASE WHEN customer.restricted THEN EXISTS (
    SELECT FROM customer.participant
    WHERE participant.customer_id = customer.customer_id AND participant.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
      AND (participant.expire_time IS NULL OR participant.expire_time > now()))
  ELSE (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
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
        AND (ticket_access.expire_time IS NULL OR ticket_access.expire_time > now()))))
  END
);

-- A request folds a record anew after a supplement; where the customer belongs and who sees it stays as it was.
CREATE OR REPLACE TRIGGER request_moves_nobody BEFORE UPDATE ON customer.customer FOR EACH ROW
  WHEN (current_user = 'customer_request'
    AND (old.customer_id, old.restricted, old.org_unit_id, old.rm_staff_id, old.dedicated_rm_staff_id, old.rm_assigned, old.field_sources #>> '{restricted,source}')
      IS DISTINCT FROM (
        new.customer_id, new.restricted, new.org_unit_id, new.rm_staff_id, new.dedicated_rm_staff_id, new.rm_assigned, new.field_sources #>> '{restricted,source}'))
  EXECUTE FUNCTION customer.refuse_move();

-- Down Migration
