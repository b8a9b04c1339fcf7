-- What services that act for themselves read of customers: they have no scope, so these look past it, for a service alone and never while a person asks. Each is
-- called by one operation, which asks for a permission and writes an audit entry.
GRANT CREATE ON SCHEMA customer TO customer_worker;
SET LOCAL ROLE customer_worker;

-- Whether a service is asking, which its operation says for the transaction.
CREATE OR REPLACE FUNCTION customer.service_asks() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('bankcrm.service', true), '') IS NOT NULL AND nullif(current_setting('bankcrm.staff_id', true), '') IS NULL
$$;

-- Name and one contact of a kind (mobile, email) of each of these customers, in the order given: what staff have written, else what a source prefers. Restricted
-- customers, and contacts of closed ones, for service messages only.
CREATE OR REPLACE FUNCTION customer.read_contacts(p_customer_ids uuid[], p_kind text, p_for_service boolean)
RETURNS TABLE (customer_id uuid, full_name text, closed boolean, value_id uuid, sealed bytea) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.customer_id, c.full_name, c.state = 'CLOSED', chosen.value_id, chosen.sealed
  FROM unnest(p_customer_ids) WITH ORDINALITY AS asked (customer_id, place) JOIN customer.customer AS c USING (customer_id)
  LEFT JOIN LATERAL (
    SELECT known.value_id, known.sealed FROM (
      SELECT v.value_id, v.sealed, false AS manual, v.preferred FROM customer.party JOIN customer.identifying_value AS v USING (party_id)
      WHERE party.customer_id = c.customer_id AND v.category = 'contact' AND v.kind = p_kind
      UNION ALL
      SELECT v.value_id, v.sealed, true, v.preferred FROM customer.identifying_value AS v
      WHERE v.customer_id = c.customer_id AND v.category = 'contact' AND v.kind = p_kind) AS known
    WHERE p_for_service OR c.state <> 'CLOSED'
    ORDER BY known.manual DESC, known.preferred DESC, known.value_id LIMIT 1) AS chosen ON true
  WHERE customer.service_asks() AND (p_for_service OR NOT c.restricted)
  ORDER BY asked.place
$$;

-- Whose contact this is, by its blind index: those whose relation goes on first. Of a number that very many have, such as one that stands for none, some.
CREATE OR REPLACE FUNCTION customer.find_by_contact(p_indexes bytea[], p_limit int)
RETURNS TABLE (customer_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.customer_id FROM (
    SELECT DISTINCT coalesce(few.customer_id, party.customer_id) AS customer_id FROM (
      SELECT v.customer_id, v.party_id FROM customer.identifying_value AS v
      WHERE v.blind_index = ANY (p_indexes) AND v.category = 'contact' LIMIT 1000) AS few
    LEFT JOIN customer.party USING (party_id)) AS found
  JOIN customer.customer AS c USING (customer_id)
  WHERE customer.service_asks()
  ORDER BY c.state = 'CLOSED', c.customer_id LIMIT p_limit
$$;

REVOKE EXECUTE ON FUNCTION customer.service_asks, customer.read_contacts, customer.find_by_contact FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customer.read_contacts, customer.find_by_contact TO customer_request;

RESET ROLE;
REVOKE CREATE ON SCHEMA customer FROM customer_worker;
