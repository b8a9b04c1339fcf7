GRANT CREATE ON SCHEMA customer TO customer_worker;
SET LOCAL ROLE customer_worker;

-- The accounts for which a customer in the caller's sight may only sign, whoever owns them: that there are such, and of what kind. No amount, date or
-- branch, which are the owner's.
CREATE OR REPLACE FUNCTION customer.signed_lines(p_customer_id uuid)
RETURNS TABLE (account_id uuid, kind text, state text, number_masked text, product_code text, product_name text, holder_count smallint, source_system text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT account.account_id, account.kind, account.state, account.number_masked, account.product_code, account.product_name,
    (account.holder_count - customer.hidden_holders(account.account_id))::smallint, account.source_system
  FROM customer.party JOIN customer.holder USING (party_id) JOIN customer.account USING (account_id)
  WHERE party.customer_id = p_customer_id AND account.state <> 'mentioned' AND customer.in_sight(p_customer_id)
  GROUP BY account.account_id HAVING min(holder.role) = 3
$$;

RESET ROLE;
REVOKE CREATE ON SCHEMA customer FROM customer_worker;
