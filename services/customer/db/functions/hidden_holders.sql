GRANT CREATE ON SCHEMA customer TO customer_worker;
SET LOCAL ROLE customer_worker;

-- How many holders of an account are restricted customers in whom the caller takes no part: that one number, looked up past the caller's scope. An account counts
-- without them, as the counter finds customers without them, so that no answer tells that there is one.
CREATE OR REPLACE FUNCTION customer.hidden_holders(p_account_id uuid) RETURNS int LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (
    SELECT count(*) FROM customer.holder JOIN customer.party USING (party_id) JOIN customer.customer AS c USING (customer_id)
    WHERE holder.account_id = p_account_id AND c.restricted AND NOT EXISTS (
      SELECT FROM customer.participant
      WHERE participant.customer_id = c.customer_id AND participant.staff_id = nullif(current_setting('bankcrm.staff_id', true), '')::uuid
        AND (participant.expire_time IS NULL OR participant.expire_time > now())));
END
$$;
REVOKE EXECUTE ON FUNCTION customer.hidden_holders FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customer.hidden_holders TO customer_request;

RESET ROLE;
REVOKE CREATE ON SCHEMA customer FROM customer_worker;
