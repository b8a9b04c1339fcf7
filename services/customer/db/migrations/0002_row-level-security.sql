-- Up Migration

-- The second wall. customer_request serves people: it sees what their scope holds, and nothing without a caller.
-- customer_worker applies the stream. Neither bypasses row-level security, and FORCE holds for the owner too.
-- The text of the policy on customer.customer is made by customerScopeSql() in libs/access; a test compares them.

GRANT USAGE ON SCHEMA customer TO customer_request, customer_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA customer TO customer_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA customer TO customer_request;
GRANT INSERT, UPDATE ON customer.interaction, customer.service_access, customer.use_count TO customer_request;
GRANT INSERT ON customer.history TO customer_request;
GRANT INSERT, UPDATE, DELETE ON customer.supplement, customer.identifying_value, customer.participant, customer.name_token TO customer_request;
GRANT UPDATE ON customer.customer, customer.sync_state TO customer_request;
GRANT INSERT ON customer.sync_state TO customer_request;

DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'customer' LOOP
    EXECUTE format('ALTER TABLE customer.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE customer.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker ON customer.%I TO customer_worker USING (true) WITH CHECK (true)', name);
  END LOOP;
END
$$;

CREATE POLICY request_scope ON customer.customer TO customer_request USING (
  CASE WHEN customer.restricted THEN EXISTS (
    SELECT FROM customer.participant
    WHERE participant.customer_id = customer.customer_id AND participant.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
      AND (participant.expire_time IS NULL OR participant.expire_time > now()))
  ELSE (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
    OR ((SELECT nullif(current_setting('bankcrm.portfolio', true), '')) IS NOT NULL AND (customer.rm_staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) OR EXISTS (
      SELECT FROM customer.collaborator
      WHERE collaborator.customer_id = customer.customer_id AND collaborator.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid))))
    OR customer.org_unit_id IN (
      SELECT descendant_id FROM customer.org_unit_closure
      WHERE ancestor_id = ANY ((SELECT nullif(current_setting('bankcrm.org_units', true), ''))::uuid[]))
    OR ((SELECT nullif(current_setting('bankcrm.served', true), '')) IS NOT NULL AND EXISTS (
      SELECT FROM customer.service_access
      WHERE service_access.customer_id = customer.customer_id AND service_access.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND service_access.served_time > now() - interval '90 days'))
  END
) WITH CHECK (true);

-- Tables that hang on the customer follow it: the sub-select is itself under the policy above. OFFSET 0 keeps it a probe by key: without it
-- the planner may read all customers into a hash table to answer for one row, and plans every nesting of such choices.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['customer_summary', 'party', 'supplement', 'name_token', 'interaction', 'history', 'panel'] LOOP
    EXECUTE format(
      'CREATE POLICY request_scope ON customer.%1$I TO customer_request USING (
         EXISTS (SELECT FROM customer.customer AS seen WHERE seen.customer_id = %1$I.customer_id OFFSET 0))', name);
  END LOOP;
END
$$;

CREATE POLICY request_scope ON customer.party_snapshot TO customer_request USING (
  EXISTS (SELECT FROM customer.party AS seen WHERE seen.party_id = party_snapshot.party_id OFFSET 0));
CREATE POLICY request_scope ON customer.identifying_value TO customer_request USING (
  EXISTS (SELECT FROM customer.party AS seen WHERE seen.party_id = identifying_value.party_id OFFSET 0)
  OR EXISTS (SELECT FROM customer.customer AS seen WHERE seen.customer_id = identifying_value.customer_id OFFSET 0));
CREATE POLICY request_scope ON customer.holder TO customer_request USING (
  EXISTS (SELECT FROM customer.party AS seen WHERE seen.party_id = holder.party_id OFFSET 0));

-- An account is seen through its owners; who may only sign for it shows that it is there (customer.signed_lines) and nothing of what is on it.
CREATE POLICY request_scope ON customer.account TO customer_request USING (
  EXISTS (SELECT FROM customer.holder AS seen WHERE seen.account_id = account.account_id AND seen.role IN (1, 2) OFFSET 0));

-- Whether an owner of the account is a restricted customer in whom the caller takes no part: that one fact, looked up past the caller's scope.
CREATE FUNCTION customer.behind_wall(p_account_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM customer.holder JOIN customer.party USING (party_id) JOIN customer.customer AS c USING (customer_id)
    WHERE holder.account_id = p_account_id AND holder.role IN (1, 2) AND c.restricted AND NOT EXISTS (
      SELECT FROM customer.participant
      WHERE participant.customer_id = c.customer_id AND participant.staff_id = nullif(current_setting('bankcrm.staff_id', true), '')::uuid
        AND (participant.expire_time IS NULL OR participant.expire_time > now())));
END
$$;

-- What is posted on a joint account is the doing of each of its owners: behind the wall of one, it is not seen through another.
CREATE POLICY request_scope ON customer.transaction TO customer_request USING (
  EXISTS (
    SELECT FROM customer.account AS seen
    WHERE seen.account_id = transaction.account_id AND (seen.holder_count <= 1 OR NOT customer.behind_wall(seen.account_id)) OFFSET 0));

-- What is no customer's data needs a caller all the same.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['org_unit', 'org_unit_closure', 'rate', 'sync_state', 'data_key'] LOOP
    EXECUTE format(
      'CREATE POLICY request_known ON customer.%I TO customer_request USING (
         (SELECT nullif(current_setting(''bankcrm.staff_id'', true), '''')) IS NOT NULL)', name);
  END LOOP;
END
$$;

-- The caller's own rows and nobody else's: who takes part in what is itself behind the wall.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['participant', 'collaborator', 'service_access', 'use_count'] LOOP
    EXECUTE format(
      'CREATE POLICY request_own ON customer.%I TO customer_request USING (
         staff_id = (SELECT nullif(current_setting(''bankcrm.staff_id'', true), '''')::uuid))', name);
  END LOOP;
END
$$;

-- Down Migration
