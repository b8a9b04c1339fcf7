-- Up Migration

-- Two acts must look past the caller's scope: opening the customer who stands at the counter, and managing who takes part in a restricted one.
-- Each is one small reviewed function that runs as customer_worker (SECURITY DEFINER), answers exactly one question and nothing without a caller.

-- The customers whose ID document, phone, account or card the complete value presented is, known by its blind index: never a restricted one, unless
-- the caller takes part in it, so that an account of one and others answers as if it were the others' alone. Whoever stands there may be any holder of
-- the account, its signers included; a closed one is nobody's. Only for callers whose scope is the customers they have served.
CREATE FUNCTION customer.find_presented(p_kind text, p_indexes bytea[]) RETURNS SETOF uuid LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT presented.customer_id
  FROM (
    SELECT party.customer_id FROM customer.identifying_value AS v JOIN customer.party USING (party_id)
    WHERE v.blind_index = ANY (p_indexes)
      AND ((p_kind = 'id-number' AND v.category = 'identifier') OR (p_kind = 'phone' AND v.kind IN ('mobile', 'phone')))
    UNION ALL
    SELECT v.customer_id FROM customer.identifying_value AS v
    WHERE v.blind_index = ANY (p_indexes) AND v.customer_id IS NOT NULL AND p_kind = 'phone' AND v.kind IN ('mobile', 'phone')
    UNION ALL
    SELECT party.customer_id FROM customer.account JOIN customer.holder USING (account_id) JOIN customer.party USING (party_id)
    WHERE account.number_index = ANY (p_indexes) AND account.state = 'active'
      AND ((p_kind = 'account' AND account.kind NOT IN ('credit-card', 'debit-card')) OR (p_kind = 'card' AND account.kind IN ('credit-card', 'debit-card')))
  ) AS presented
  JOIN customer.customer AS c USING (customer_id)
  WHERE nullif(current_setting('bankcrm.staff_id', true), '') IS NOT NULL
    AND nullif(current_setting('bankcrm.served', true), '') IS NOT NULL
    AND (NOT c.restricted OR EXISTS (
      SELECT FROM customer.participant
      WHERE participant.customer_id = c.customer_id AND participant.staff_id = nullif(current_setting('bankcrm.staff_id', true), '')::uuid
        AND (participant.expire_time IS NULL OR participant.expire_time > now())))
  LIMIT 3
$$;

-- What the manager of a wall must know of a customer that the caller would see if it were not restricted, and nothing of its content.
-- The condition is the part of customerScopeSql() after ELSE; a test compares them.
CREATE FUNCTION customer.wall_of(p_customer_id uuid)
RETURNS TABLE (restricted boolean, by_core boolean, version bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT customer.restricted, customer.restricted AND coalesce(customer.field_sources #>> '{restricted,source}', 'manual') <> 'manual', customer.version
  FROM customer.customer
  WHERE customer.customer_id = p_customer_id AND nullif(current_setting('bankcrm.staff_id', true), '') IS NOT NULL AND (
    (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
    OR ((SELECT nullif(current_setting('bankcrm.portfolio', true), '')) IS NOT NULL AND (customer.rm_staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) OR EXISTS (
      SELECT FROM customer.collaborator
      WHERE collaborator.customer_id = customer.customer_id AND collaborator.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid))))
    OR customer.org_unit_id IN (
      SELECT descendant_id FROM customer.org_unit_closure
      WHERE ancestor_id = ANY ((SELECT nullif(current_setting('bankcrm.org_units', true), ''))::uuid[]))
    OR ((SELECT nullif(current_setting('bankcrm.served', true), '')) IS NOT NULL AND EXISTS (
      SELECT FROM customer.service_access
      WHERE service_access.customer_id = customer.customer_id AND service_access.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND service_access.served_time > now() - interval '90 days')))
$$;

-- Raises or takes down the wall if the customer still has this version; gives the new version, or nothing. Whoever raises it is the first to take
-- part. Kept as a manual supplement as well, so that the next synchronisation does not undo it.
CREATE FUNCTION customer.set_wall(p_customer_id uuid, p_version bigint, p_restricted boolean, p_reason text, p_time timestamptz, p_time_text text)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  staff uuid := nullif(current_setting('bankcrm.staff_id', true), '')::uuid;
  new_version bigint;
BEGIN
  IF NOT EXISTS (SELECT FROM customer.wall_of(p_customer_id)) THEN
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

CREATE FUNCTION customer.participants_of(p_customer_id uuid)
RETURNS TABLE (staff_id uuid, reason text, source text, expire_time timestamptz) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT participant.staff_id, participant.reason, participant.source, participant.expire_time
  FROM customer.participant
  WHERE participant.customer_id = p_customer_id AND EXISTS (SELECT FROM customer.wall_of(p_customer_id))
  ORDER BY participant.create_time, participant.staff_id LIMIT 200
$$;

-- Who takes part is a part of the customer's state. For the functions below, in whose name it runs.
CREATE FUNCTION customer.next_version(p_customer_id uuid, p_time timestamptz) RETURNS bigint LANGUAGE sql VOLATILE AS $$
  UPDATE customer.customer SET version = version + 1, update_time = p_time WHERE customer_id = p_customer_id RETURNING version
$$;
REVOKE EXECUTE ON FUNCTION customer.next_version FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customer.next_version TO customer_worker;

-- The customer's new version where somebody was added; null where they take part already. A participation that has ended is renewed.
CREATE FUNCTION customer.add_participant(p_customer_id uuid, p_staff_id uuid, p_reason text, p_expire_time timestamptz, p_time timestamptz)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO customer.participant (customer_id, staff_id, reason, source, expire_time, create_time)
  SELECT p_customer_id, p_staff_id, p_reason, 'manual', p_expire_time, p_time FROM customer.wall_of(p_customer_id)
  ON CONFLICT (customer_id, staff_id) DO UPDATE SET reason = excluded.reason, source = 'manual', expire_time = excluded.expire_time
    WHERE participant.expire_time <= p_time;
  RETURN CASE WHEN FOUND THEN customer.next_version(p_customer_id, p_time) END;
END
$$;

-- The customer's new version where a participant named by a person was there. Those named by core banking are core banking's to withdraw.
CREATE FUNCTION customer.remove_participant(p_customer_id uuid, p_staff_id uuid, p_time timestamptz) RETURNS bigint LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM customer.participant
  WHERE customer_id = p_customer_id AND staff_id = p_staff_id AND source = 'manual' AND EXISTS (SELECT FROM customer.wall_of(p_customer_id));
  RETURN CASE WHEN FOUND THEN customer.next_version(p_customer_id, p_time) END;
END
$$;

DO $$
DECLARE
  signature regprocedure;
BEGIN
  -- A function's new owner needs CREATE on the schema at this moment, and only now.
  GRANT CREATE ON SCHEMA customer TO customer_worker;
  FOR signature IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'customer'::regnamespace AND prosecdef LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO customer_request', signature);
    EXECUTE format('ALTER FUNCTION %s OWNER TO customer_worker', signature);
  END LOOP;
  REVOKE CREATE ON SCHEMA customer FROM customer_worker;
END
$$;

-- Down Migration
