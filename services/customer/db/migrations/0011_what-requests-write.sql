-- Up Migration

-- Sight is given by the stream and by the reviewed functions that run as the worker, never by a row that a request writes for itself.

-- Who takes part, who collaborates and who has served are read by requests, each caller the own rows.
REVOKE INSERT, UPDATE, DELETE ON customer.participant FROM customer_request;
REVOKE INSERT, UPDATE ON customer.service_access FROM customer_request;
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['participant', 'collaborator', 'service_access'] LOOP
    EXECUTE format('DROP POLICY request_own ON customer.%I', name);
    EXECUTE format(
      'CREATE POLICY request_own ON customer.%I FOR SELECT TO customer_request USING (
         staff_id = (SELECT nullif(current_setting(''bankcrm.staff_id'', true), '''')::uuid))', name);
  END LOOP;
END
$$;

-- Requests get their keys from the worker at the start of the service.
REVOKE SELECT ON customer.data_key FROM customer_request;
DROP POLICY request_known ON customer.data_key;

-- A request folds a record anew after a supplement; where the customer belongs and who sees it stays as it was.
CREATE FUNCTION customer.refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE insufficient_privilege USING MESSAGE = 'a request does not change who sees a customer';
END
$$;
REVOKE EXECUTE ON FUNCTION customer.refuse_move FROM PUBLIC;
CREATE TRIGGER request_moves_nobody BEFORE UPDATE ON customer.customer FOR EACH ROW
  WHEN (current_user = 'customer_request'
    AND (old.customer_id, old.restricted, old.org_unit_id, old.rm_staff_id, old.field_sources #>> '{restricted,source}')
      IS DISTINCT FROM (new.customer_id, new.restricted, new.org_unit_id, new.rm_staff_id, new.field_sources #>> '{restricted,source}'))
  EXECUTE FUNCTION customer.refuse_move();

-- The supplement that keeps a wall up is written by set_wall alone; requests read it when they fold.
CREATE POLICY request_walls ON customer.supplement AS RESTRICTIVE FOR INSERT TO customer_request WITH CHECK (field <> 'restricted');
CREATE POLICY request_walls_stay ON customer.supplement AS RESTRICTIVE FOR UPDATE TO customer_request USING (field <> 'restricted');
CREATE POLICY request_walls_kept ON customer.supplement AS RESTRICTIVE FOR DELETE TO customer_request USING (field <> 'restricted');

-- Functions that look past the caller's scope belong to the worker, which may make some at this moment, and only now.
GRANT CREATE ON SCHEMA customer TO customer_worker;
SET LOCAL ROLE customer_worker;

-- Opens a customer to the caller for 90 days, if the complete value presented is the customer's and nobody else's: false where it is not.
CREATE FUNCTION customer.open_presented(p_kind text, p_indexes bytea[], p_customer_id uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO customer.service_access (staff_id, customer_id, served_time)
  SELECT current_setting('bankcrm.staff_id')::uuid, p_customer_id, now() FROM customer.find_presented(p_kind, p_indexes) AS presented
  HAVING array_agg(presented) = ARRAY[p_customer_id]
  ON CONFLICT (customer_id, staff_id) DO UPDATE SET served_time = now();
  RETURN FOUND;
END
$$;

-- Whoever serves a customer goes on doing so: moves the caller's window to an interaction of that time. One that has ended stays closed.
CREATE FUNCTION customer.keep_serving(p_customer_id uuid, p_time timestamptz) RETURNS void LANGUAGE sql VOLATILE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE customer.service_access SET served_time = greatest(served_time, least(p_time, now()))
  WHERE customer_id = p_customer_id AND staff_id = nullif(current_setting('bankcrm.staff_id', true), '')::uuid
    AND served_time > now() - interval '90 days'
$$;

-- Whoever keeps a wall is let through it by somebody else, and whoever takes it down was let through: it takes two. Otherwise as before.
CREATE OR REPLACE FUNCTION customer.set_wall(p_customer_id uuid, p_version bigint, p_restricted boolean, p_reason text, p_time timestamptz, p_time_text text)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  staff uuid := nullif(current_setting('bankcrm.staff_id', true), '')::uuid;
  new_version bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM customer.wall_of(p_customer_id)) THEN
    RETURN NULL;
  END IF;
  IF NOT p_restricted AND NOT EXISTS (
    SELECT FROM customer.participant WHERE customer_id = p_customer_id AND staff_id = staff AND (expire_time IS NULL OR expire_time > now())) THEN
    RETURN NULL;
  END IF;
  UPDATE customer.customer SET restricted = p_restricted, version = version + 1, update_time = p_time,
    field_sources = CASE WHEN p_restricted
      THEN field_sources || jsonb_build_object('restricted', jsonb_build_object('source', 'manual', 'time', p_time_text, 'conflicting', false))
      ELSE field_sources - 'restricted' END
  WHERE customer_id = p_customer_id AND version = p_version AND restricted <> p_restricted
  RETURNING version INTO new_version;
  IF new_version IS NULL THEN
    RETURN NULL;
  END IF;
  IF p_restricted THEN
    INSERT INTO customer.supplement (customer_id, field, value, staff_id, update_time) VALUES (p_customer_id, 'restricted', 'true', staff, p_time)
    ON CONFLICT (customer_id, field) DO UPDATE SET value = 'true', staff_id = staff, update_time = p_time;
    INSERT INTO customer.participant (customer_id, staff_id, reason, source, create_time) VALUES (p_customer_id, staff, p_reason, 'manual', p_time)
    ON CONFLICT (customer_id, staff_id) DO UPDATE SET reason = p_reason, expire_time = NULL;
  ELSE
    DELETE FROM customer.supplement WHERE customer_id = p_customer_id AND field = 'restricted';
    DELETE FROM customer.participant WHERE customer_id = p_customer_id AND source = 'manual';
  END IF;
  RETURN new_version;
END
$$;

-- Nobody names themself. Otherwise as before.
CREATE OR REPLACE FUNCTION customer.add_participant(p_customer_id uuid, p_staff_id uuid, p_reason text, p_expire_time timestamptz, p_time timestamptz)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO customer.participant (customer_id, staff_id, reason, source, expire_time, create_time)
  SELECT p_customer_id, p_staff_id, p_reason, 'manual', p_expire_time, p_time FROM customer.wall_of(p_customer_id)
  WHERE p_staff_id <> current_setting('bankcrm.staff_id')::uuid
  ON CONFLICT (customer_id, staff_id) DO UPDATE SET reason = excluded.reason, source = 'manual', expire_time = excluded.expire_time
    WHERE participant.expire_time <= p_time;
  RETURN CASE WHEN FOUND THEN customer.next_version(p_customer_id, p_time) END;
END
$$;

REVOKE EXECUTE ON FUNCTION customer.open_presented, customer.keep_serving FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customer.open_presented, customer.keep_serving TO customer_request;

RESET ROLE;
REVOKE CREATE ON SCHEMA customer FROM customer_worker;

-- Down Migration
