-- Who sees which customer, as the customer service publishes it, and the org tree of the directory: ids only. A customer that is not here is nobody's.
CREATE SCHEMA scope;

CREATE TABLE scope.customer (
  customer_id uuid PRIMARY KEY,
  sequence bigint NOT NULL,
  kind text NOT NULL,
  state text NOT NULL,
  merged_into uuid,
  org_unit_id uuid,
  rm_staff_id uuid,
  dedicated_rm_staff_id uuid,
  restricted boolean NOT NULL
);
CREATE INDEX customer_merged_into ON scope.customer (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX customer_org_unit ON scope.customer (org_unit_id, customer_id);
CREATE INDEX customer_rm ON scope.customer (rm_staff_id, customer_id);
CREATE INDEX customer_dedicated_rm ON scope.customer (dedicated_rm_staff_id, customer_id) WHERE dedicated_rm_staff_id IS NOT NULL;
COMMENT ON TABLE scope.customer IS 'Where each customer stands in the bank: the newest state published.';
COMMENT ON COLUMN scope.customer.customer_id IS 'C1';
COMMENT ON COLUMN scope.customer.sequence IS 'C1: an older one never overwrites a newer one';
COMMENT ON COLUMN scope.customer.kind IS 'C1';
COMMENT ON COLUMN scope.customer.state IS 'C1';
COMMENT ON COLUMN scope.customer.merged_into IS 'C1: the customer that it is now part of';
COMMENT ON COLUMN scope.customer.org_unit_id IS 'C1';
COMMENT ON COLUMN scope.customer.rm_staff_id IS 'C1';
COMMENT ON COLUMN scope.customer.dedicated_rm_staff_id IS 'C1';
COMMENT ON COLUMN scope.customer.restricted IS 'C1: only participants see it';

CREATE TABLE scope.participant (
  customer_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  expire_time timestamptz,
  PRIMARY KEY (customer_id, staff_id)
);
CREATE INDEX participant_staff ON scope.participant (staff_id, customer_id);
COMMENT ON TABLE scope.participant IS 'Who sees a restricted customer.';
COMMENT ON COLUMN scope.participant.customer_id IS 'C1';
COMMENT ON COLUMN scope.participant.staff_id IS 'C1';
COMMENT ON COLUMN scope.participant.expire_time IS 'C1: null without an end';

CREATE TABLE scope.collaborator (
  customer_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  start_time timestamptz,
  end_time timestamptz,
  PRIMARY KEY (customer_id, staff_id)
);
CREATE INDEX collaborator_staff ON scope.collaborator (staff_id, customer_id);
COMMENT ON TABLE scope.collaborator IS 'Who works with the relationship manager.';
COMMENT ON COLUMN scope.collaborator.customer_id IS 'C1';
COMMENT ON COLUMN scope.collaborator.staff_id IS 'C1';
COMMENT ON COLUMN scope.collaborator.start_time IS 'C1: null for always';
COMMENT ON COLUMN scope.collaborator.end_time IS 'C1: null without an end';

CREATE TABLE scope.service_access (
  customer_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  served_time timestamptz NOT NULL,
  PRIMARY KEY (customer_id, staff_id)
);
CREATE INDEX service_access_staff ON scope.service_access (staff_id, served_time);
COMMENT ON TABLE scope.service_access IS 'Who served a customer.';
COMMENT ON COLUMN scope.service_access.customer_id IS 'C1';
COMMENT ON COLUMN scope.service_access.staff_id IS 'C1';
COMMENT ON COLUMN scope.service_access.served_time IS 'C1: the last one';

CREATE TABLE scope.access_grant (
  customer_id uuid NOT NULL,
  grant_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  expire_time timestamptz NOT NULL,
  PRIMARY KEY (customer_id, grant_id)
);
CREATE INDEX access_grant_staff ON scope.access_grant (staff_id, customer_id);
COMMENT ON TABLE scope.access_grant IS 'Access that was given for a time.';
COMMENT ON COLUMN scope.access_grant.customer_id IS 'C1';
COMMENT ON COLUMN scope.access_grant.grant_id IS 'C1';
COMMENT ON COLUMN scope.access_grant.staff_id IS 'C1';
COMMENT ON COLUMN scope.access_grant.expire_time IS 'C1';

CREATE TABLE scope.ticket_access (
  customer_id uuid NOT NULL,
  ticket_id uuid NOT NULL,
  staff_id uuid,
  queue_id uuid,
  expire_time timestamptz,
  CHECK (num_nonnulls(staff_id, queue_id) = 1),
  UNIQUE NULLS NOT DISTINCT (customer_id, ticket_id, staff_id, queue_id)
);
CREATE INDEX ticket_access_staff ON scope.ticket_access (staff_id, customer_id) WHERE staff_id IS NOT NULL;
CREATE INDEX ticket_access_queue ON scope.ticket_access (queue_id, customer_id) WHERE queue_id IS NOT NULL;
COMMENT ON TABLE scope.ticket_access IS 'Who sees a customer because of a ticket: a person, or the members of a queue.';
COMMENT ON COLUMN scope.ticket_access.customer_id IS 'C1';
COMMENT ON COLUMN scope.ticket_access.ticket_id IS 'C1';
COMMENT ON COLUMN scope.ticket_access.staff_id IS 'C1';
COMMENT ON COLUMN scope.ticket_access.queue_id IS 'C1';
COMMENT ON COLUMN scope.ticket_access.expire_time IS 'C1: null without an end';

CREATE TABLE scope.queue (
  queue_id uuid PRIMARY KEY,
  sequence bigint NOT NULL
);
COMMENT ON TABLE scope.queue IS 'Queues of tickets whose members are known.';
COMMENT ON COLUMN scope.queue.queue_id IS 'C1';
COMMENT ON COLUMN scope.queue.sequence IS 'C1: an older one never overwrites a newer one';

CREATE TABLE scope.queue_member (
  queue_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  PRIMARY KEY (queue_id, staff_id)
);
CREATE INDEX queue_member_staff ON scope.queue_member (staff_id, queue_id);
COMMENT ON TABLE scope.queue_member IS 'Who works on a queue.';
COMMENT ON COLUMN scope.queue_member.queue_id IS 'C1';
COMMENT ON COLUMN scope.queue_member.staff_id IS 'C1';

CREATE TABLE scope.org_unit (
  org_unit_id uuid PRIMARY KEY,
  code text NOT NULL,
  display_name text NOT NULL,
  parent_id uuid,
  sequence bigint NOT NULL
);
COMMENT ON TABLE scope.org_unit IS 'The org tree of the directory.';
COMMENT ON COLUMN scope.org_unit.org_unit_id IS 'C1';
COMMENT ON COLUMN scope.org_unit.code IS 'C1';
COMMENT ON COLUMN scope.org_unit.display_name IS 'C1';
COMMENT ON COLUMN scope.org_unit.parent_id IS 'C1';
COMMENT ON COLUMN scope.org_unit.sequence IS 'C1: an older one never overwrites a newer one';

CREATE TABLE scope.org_unit_closure (
  ancestor_id uuid NOT NULL,
  descendant_id uuid NOT NULL,
  PRIMARY KEY (ancestor_id, descendant_id)
);
CREATE INDEX org_unit_closure_descendant ON scope.org_unit_closure (descendant_id);
COMMENT ON TABLE scope.org_unit_closure IS 'The units below each unit.';
COMMENT ON COLUMN scope.org_unit_closure.ancestor_id IS 'C1: every unit is its own ancestor';
COMMENT ON COLUMN scope.org_unit_closure.descendant_id IS 'C1';

CREATE TABLE scope.feed (
  topic text NOT NULL,
  partition int NOT NULL,
  as_of timestamptz NOT NULL,
  PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE scope.feed IS 'How old what stands here may be.';
COMMENT ON COLUMN scope.feed.topic IS 'C1: as in the contract';
COMMENT ON COLUMN scope.feed.partition IS 'C1';
COMMENT ON COLUMN scope.feed.as_of IS 'C1: all that was committed before it and belongs on this partition stands here';

DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'scope' LOOP
    EXECUTE format('ALTER TABLE scope.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE scope.%I FORCE ROW LEVEL SECURITY', name);
  END LOOP;
END
$$;

-- The customer that another one is part of now, through chains of merges; itself where it was merged into none, null where merges go in a circle. It looks past
-- the caller's scope, and tells of one id another one.
CREATE FUNCTION scope.survivor_of(p_customer_id uuid) RETURNS uuid LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found uuid := p_customer_id;
  further uuid;
BEGIN
  FOR step IN 1..100 LOOP
    SELECT merged_into INTO further FROM scope.customer WHERE customer_id = found;
    IF further IS NULL THEN
      RETURN found;
    END IF;
    found := further;
  END LOOP;
  RETURN NULL;
END
$$;

-- A customer and all that are part of it now: what hangs on any of them is its own.
CREATE FUNCTION scope.parts_of(p_customer_id uuid) RETURNS SETOF uuid LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE part (customer_id) AS (
    SELECT p_customer_id
    UNION
    SELECT merged.customer_id FROM part JOIN scope.customer AS merged ON merged.merged_into = part.customer_id
  )
  SELECT customer_id FROM part
$$;
REVOKE EXECUTE ON FUNCTION scope.survivor_of, scope.parts_of FROM PUBLIC;
