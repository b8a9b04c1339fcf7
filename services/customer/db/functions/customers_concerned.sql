-- A function that looks past the caller's scope belongs to the worker, which may make some at this moment, and only now.
GRANT CREATE ON SCHEMA customer TO customer_worker;
SET LOCAL ROLE customer_worker;

-- The customers that a message which could not be applied is about: those of these parties, those who hold these accounts, and these themselves, whether or
-- not the caller sees them. The caller learns nothing by it but ids: what is shown is decided by whether all of them are in sight.
CREATE OR REPLACE FUNCTION customer.customers_concerned(p_party_ids uuid[], p_account_ids uuid[], p_customer_ids uuid[])
RETURNS TABLE (customer_id uuid, restricted boolean) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT c.customer_id, c.restricted FROM customer.customer AS c
  WHERE nullif(current_setting('bankcrm.staff_id', true), '') IS NOT NULL AND c.customer_id IN (
    SELECT party.customer_id FROM customer.party WHERE party.party_id = ANY (p_party_ids)
    UNION
    SELECT party.customer_id FROM customer.holder JOIN customer.party USING (party_id) WHERE holder.account_id = ANY (p_account_ids)
    UNION
    SELECT unnest(p_customer_ids))
$$;
REVOKE EXECUTE ON FUNCTION customer.customers_concerned FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customer.customers_concerned TO customer_request;

RESET ROLE;
REVOKE CREATE ON SCHEMA customer FROM customer_worker;
