-- Up Migration

-- What is published of a customer follows what is written, whoever writes it: each statement marks the customers whose placement or profile it may have
-- changed, in its transaction. Statements, not rows: a batch of the stream marks its customers at once. Accounts are marked by who applies them
-- (recomputeSummaries), who has their customers in hand.

CREATE FUNCTION customer.mark_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM events.mark_states('placements', ARRAY(SELECT DISTINCT customer_id::text FROM changed));
  RETURN NULL;
END
$$;

CREATE FUNCTION customer.mark_new() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ids text[] := ARRAY(SELECT customer_id::text FROM changed);
BEGIN
  PERFORM events.mark_states('placements', ids), events.mark_states('profiles', ids);
  RETURN NULL;
END
$$;

CREATE FUNCTION customer.mark_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM events.mark_states('profiles', ARRAY(SELECT customer_id::text FROM changed));
  PERFORM events.mark_states('placements', ARRAY(
    SELECT customer_id::text FROM changed AS after JOIN former AS before USING (customer_id)
    WHERE (before.kind, before.state, before.org_unit_id, before.rm_staff_id, before.rm_assigned, before.core_rm_staff_id,
        before.dedicated_rm_staff_id, before.restricted)
      IS DISTINCT FROM (after.kind, after.state, after.org_unit_id, after.rm_staff_id, after.rm_assigned, after.core_rm_staff_id,
        after.dedicated_rm_staff_id, after.restricted)));
  RETURN NULL;
END
$$;

-- A party that goes over to another customer changes both.
CREATE FUNCTION customer.mark_party() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ids text[] := ARRAY(SELECT customer_id::text FROM changed UNION SELECT customer_id::text FROM former);
BEGIN
  PERFORM events.mark_states('placements', ids), events.mark_states('profiles', ids);
  RETURN NULL;
END
$$;

CREATE FUNCTION customer.mark_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM events.mark_states('placements', ARRAY(SELECT DISTINCT 'queues/' || queue_id FROM changed));
  RETURN NULL;
END
$$;

CREATE FUNCTION customer.mark_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM events.mark_states('products', ARRAY(SELECT product_id::text FROM changed));
  RETURN NULL;
END
$$;

CREATE TRIGGER mark_new AFTER INSERT ON customer.customer REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION customer.mark_new();
CREATE TRIGGER mark_changed AFTER UPDATE ON customer.customer REFERENCING OLD TABLE AS former NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION customer.mark_changed();
CREATE TRIGGER mark_party AFTER UPDATE ON customer.party REFERENCING OLD TABLE AS former NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION customer.mark_party();

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['participant', 'collaborator', 'service_access', 'access_grant', 'ticket_access', 'assignment'] LOOP
    EXECUTE format('CREATE TRIGGER mark_inserted AFTER INSERT ON customer.%I REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION customer.mark_placed()', name);
    EXECUTE format('CREATE TRIGGER mark_updated AFTER UPDATE ON customer.%I REFERENCING NEW TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION customer.mark_placed()', name);
    EXECUTE format('CREATE TRIGGER mark_deleted AFTER DELETE ON customer.%I REFERENCING OLD TABLE AS changed
      FOR EACH STATEMENT EXECUTE FUNCTION customer.mark_placed()', name);
  END LOOP;
END
$$;
CREATE TRIGGER mark_inserted AFTER INSERT ON customer.queue_member REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION customer.mark_queue();
CREATE TRIGGER mark_deleted AFTER DELETE ON customer.queue_member REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION customer.mark_queue();
CREATE TRIGGER mark_inserted AFTER INSERT ON customer.product REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION customer.mark_product();
CREATE TRIGGER mark_updated AFTER UPDATE ON customer.product REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION customer.mark_product();

-- Down Migration
