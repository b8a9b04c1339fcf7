-- Up Migration

-- Reads of one customer that say who is asking, read under row-level security and record the view in one round trip. Every function here runs
-- with the rights of its caller: what the policies hide stays hidden. Plans are made once per connection (force_generic_plan): planning under
-- nested policies costs more than running.

CREATE INDEX participant_staff ON customer.participant (staff_id);
CREATE INDEX collaborator_customer ON customer.collaborator (staff_id, customer_id);
DROP INDEX customer.collaborator_staff;

-- Whoever acts writes down the own act, also on a customer that the act itself moves out of sight.
CREATE POLICY own_acts ON customer.history FOR INSERT TO customer_request
  WITH CHECK (actor = (SELECT 'staff/' || nullif(current_setting('bankcrm.staff_id', true), '')));

GRANT EXECUTE ON FUNCTION events.append_outbox TO customer_request;

-- The caller for the rest of the transaction; every setting every time.
CREATE FUNCTION customer.set_caller(p_keys text[], p_values text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM set_config(setting.key, setting.value, true) FROM unnest(p_keys, p_values) AS setting(key, value);
END
$$;

-- An act on a customer: the row that is kept here and the entry of the audit log, together.
CREATE FUNCTION customer.record_act(
  p_entry_id uuid, p_customer_id uuid, p_time timestamptz, p_actor text, p_operation text, p_reason text, p_changes_sealed bytea,
  p_payload bytea, p_headers jsonb
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  INSERT INTO customer.history (entry_id, customer_id, event_time, actor, operation, decision, reason, changes_sealed)
  VALUES (p_entry_id, p_customer_id, p_time, p_actor, p_operation, 'ALLOWED', p_reason, p_changes_sealed);
  PERFORM events.append_outbox(
    p_entry_id, 'audit-entry', p_entry_id::text, 'bankcrm.audit.v1.Entry', 'bankcrm.audit.v1.entries', 'customers/' || p_customer_id, p_payload,
    p_headers, 'customers/' || p_customer_id, NULL, p_time);
END
$$;

-- The first wall, for the functions below: a query that trusts row-level security alone has one wall. The text is that of customerScopeSql() in
-- libs/access; a test compares them.
CREATE FUNCTION customer.in_sight(p_customer_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN EXISTS (SELECT FROM customer.customer AS c WHERE c.customer_id = p_customer_id AND
  CASE WHEN c.restricted THEN EXISTS (
    SELECT FROM customer.participant
    WHERE participant.customer_id = c.customer_id AND participant.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
      AND (participant.expire_time IS NULL OR participant.expire_time > now()))
  ELSE (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
    OR ((SELECT nullif(current_setting('bankcrm.portfolio', true), '')) IS NOT NULL AND (c.rm_staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) OR EXISTS (
      SELECT FROM customer.collaborator
      WHERE collaborator.customer_id = c.customer_id AND collaborator.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid))))
    OR c.org_unit_id IN (
      SELECT descendant_id FROM customer.org_unit_closure
      WHERE ancestor_id = ANY ((SELECT nullif(current_setting('bankcrm.org_units', true), ''))::uuid[]))
    OR ((SELECT nullif(current_setting('bankcrm.served', true), '')) IS NOT NULL AND EXISTS (
      SELECT FROM customer.service_access
      WHERE service_access.customer_id = c.customer_id AND service_access.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND service_access.served_time > now() - interval '90 days'))
  END);
END
$$;

-- The first wall of accounts: whether the caller sees somebody who owns it.
CREATE FUNCTION customer.owner_in_sight(p_account_id uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM customer.holder JOIN customer.party USING (party_id)
    WHERE holder.account_id = p_account_id AND holder.role IN (1, 2) AND customer.in_sight(party.customer_id));
END
$$;

-- The accounts for which a customer in the caller's sight may only sign, whoever owns them: that there are such, and of what kind. No amount, date or
-- branch, which are the owner's.
CREATE FUNCTION customer.signed_lines(p_customer_id uuid)
RETURNS TABLE (account_id uuid, kind text, state text, number_masked text, product_code text, product_name text, holder_count smallint, source_system text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT account.account_id, account.kind, account.state, account.number_masked, account.product_code, account.product_name, account.holder_count,
    account.source_system
  FROM customer.party JOIN customer.holder USING (party_id) JOIN customer.account USING (account_id)
  WHERE party.customer_id = p_customer_id AND account.state <> 'mentioned' AND customer.in_sight(p_customer_id)
  GROUP BY account.account_id HAVING min(holder.role) = 3
$$;

-- Profile, numbers and masked identifying values; null for a customer the caller does not see.
CREATE FUNCTION customer.profile_of(p_customer_id uuid) RETURNS json LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN (
    SELECT json_build_object(
      'customer_id', c.customer_id, 'kind', c.kind, 'state', c.state, 'full_name', c.full_name, 'short_name', c.short_name, 'segment', c.segment,
      'home_org_unit_code', c.home_org_unit_code, 'rm_staff_id', c.rm_staff_id, 'rm_staff_number', c.rm_staff_number, 'restricted', c.restricted,
      'birth_date', c.birth_date, 'open_date', c.open_date, 'close_date', c.close_date, 'profile', c.profile, 'income_currency', c.income_currency,
      'income_minor', c.income_minor::text, 'kyc', c.kyc, 'flags', c.flags, 'field_sources', c.field_sources, 'version', c.version::text,
      'update_time', c.update_time,
      'numbers', (
        SELECT coalesce(json_agg(json_build_array(party.source_system, party.source_id) ORDER BY party.create_time, party.party_id), '[]')
        FROM customer.party WHERE party.customer_id = c.customer_id),
      'values', (
        SELECT coalesce(json_agg(json_build_object('value_id', v.value_id, 'category', v.category, 'kind', v.kind, 'masked', v.masked,
          'preferred', v.preferred, 'region_code', v.region_code, 'expire_date', v.expire_date, 'source', v.source, 'source_time', v.source_time)
          ORDER BY v.source = 'manual' DESC, v.preferred DESC, v.kind, v.value_id), '[]')
        FROM (
          -- OFFSET 0: each party's snapshot is looked up once, not for each of its values.
          SELECT v.*, known.source, known.source_time FROM (
            SELECT party.party_id, party.source_system AS source, snapshot.source_time
            FROM customer.party LEFT JOIN customer.party_snapshot AS snapshot USING (party_id)
            WHERE party.customer_id = c.customer_id OFFSET 0) AS known JOIN customer.identifying_value AS v USING (party_id)
          UNION ALL
          SELECT v.*, 'manual', supplement.update_time
          FROM customer.identifying_value AS v LEFT JOIN customer.supplement ON supplement.customer_id = v.customer_id AND supplement.value = v.value_id::text
          WHERE v.customer_id = c.customer_id
        ) AS v))
    FROM customer.customer AS c WHERE c.customer_id = p_customer_id AND customer.in_sight(p_customer_id));
END
$$;

CREATE FUNCTION customer.view_customer(
  p_keys text[], p_values text[], p_customer_id uuid, p_entry_id uuid, p_time timestamptz, p_actor text, p_operation text, p_payload bytea,
  p_headers jsonb
) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  profile json;
BEGIN
  PERFORM customer.set_caller(p_keys, p_values);
  profile := customer.profile_of(p_customer_id);
  IF profile IS NOT NULL THEN
    PERFORM customer.record_act(p_entry_id, p_customer_id, p_time, p_actor, p_operation, '', NULL, p_payload, p_headers);
  END IF;
  RETURN profile;
END
$$;

-- Everything about one customer. No row for a customer the caller does not see, and then nothing is recorded either: the refusal is, elsewhere.
-- p_financials and p_interactions: whether the caller may see transactions and interactions at all.
CREATE FUNCTION customer.view_360(
  p_keys text[], p_values text[], p_customer_id uuid, p_today date, p_bank_currency text, p_financials boolean, p_interactions boolean,
  p_entry_id uuid, p_time timestamptz, p_actor text, p_operation text, p_payload bytea, p_headers jsonb
) RETURNS TABLE (profile json, holdings json, positions json, transactions json, interactions json, panels json, data_as_of timestamptz)
LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM customer.set_caller(p_keys, p_values);
  profile := customer.profile_of(p_customer_id);
  IF profile IS NULL THEN
    RETURN;
  END IF;

  WITH held AS MATERIALIZED (
    -- One account may be held through two numbers of the customer: the stronger role counts, once.
    SELECT holder.account_id, min(holder.role) AS role
    FROM customer.party JOIN customer.holder USING (party_id)
    WHERE party.customer_id = p_customer_id GROUP BY holder.account_id
  ), seen AS MATERIALIZED (
    SELECT held.role, account.* FROM held JOIN customer.account USING (account_id)
    WHERE held.role < 3 OR customer.owner_in_sight(held.account_id)
  ), position AS (
    SELECT kind, currency_code, sum(balance_minor) AS balance_minor, count(*) AS holdings
    FROM seen WHERE p_financials AND role IN (1, 2) AND state = 'active' AND balance_minor IS NOT NULL GROUP BY kind, currency_code
  )
  SELECT
    (SELECT coalesce(json_agg(row_to_json(shown)), '[]') FROM (
      SELECT account_id, kind, state, number_masked, product_code, product_name, currency_code, role, balance_minor::text, available_minor::text,
        credit_limit_minor::text, principal_minor::text, annual_rate_micros::text, open_date, maturity_date, frozen, dormant, days_past_due,
        holder_count, branch_code, linked_account_id, update_time, source_system, source_time
      FROM seen WHERE state <> 'mentioned'
      UNION ALL
      SELECT account_id, kind, state, number_masked, product_code, product_name, '', 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false, 0,
        holder_count, '', NULL, NULL, source_system, NULL
      FROM customer.signed_lines(p_customer_id)
      WHERE EXISTS (SELECT FROM held WHERE role = 3) AND account_id NOT IN (SELECT account_id FROM seen)
      ORDER BY state, kind, open_date DESC NULLS LAST, account_id LIMIT 201) AS shown),
    (SELECT coalesce(json_agg(json_build_object('kind', position.kind, 'currency_code', position.currency_code,
        'balance_minor', position.balance_minor::text, 'holdings', position.holdings, 'rate', quoted.rate::text, 'rate_date', quoted.rate_date)), '[]')
      FROM position LEFT JOIN LATERAL (
        SELECT rate.rate, rate.rate_date FROM customer.rate
        WHERE rate.base_currency_code = position.currency_code AND rate.quote_currency_code = p_bank_currency AND rate.rate_date <= p_today
        ORDER BY rate.rate_date DESC LIMIT 1) AS quoted ON true),
    CASE WHEN p_financials THEN (
      SELECT coalesce(json_agg(row_to_json(newest)), '[]') FROM (
        SELECT posted.* FROM (
          SELECT account_id, number_masked FROM seen WHERE holder_count <= 1 OR NOT customer.behind_wall(account_id)) AS readable
        CROSS JOIN LATERAL (
          SELECT t.transaction_id, t.account_id, t.sequence, t.sequence::text AS sequence_text, t.post_time, t.booking_date, t.direction, t.currency_code, t.amount_minor::text,
            t.balance_after_minor::text, t.kind, t.channel, t.counterparty_name, t.counterparty_masked, t.remark, t.reverses_source_transaction_id,
            readable.number_masked
          FROM customer.transaction AS t WHERE t.account_id = readable.account_id
          ORDER BY t.post_time DESC, t.sequence DESC, t.transaction_id DESC LIMIT 20) AS posted
        ORDER BY posted.post_time DESC, posted.sequence DESC, posted.transaction_id DESC LIMIT 20) AS newest)
    ELSE '[]' END
  INTO holdings, positions, transactions;

  interactions := '[]';
  IF p_interactions THEN
    interactions := (SELECT coalesce(json_agg(row_to_json(newest)), '[]') FROM (
      SELECT interaction_id, kind, direction, summary, occur_time, staff_id, next_step, next_step_due_date, next_step_done, version::text
      FROM customer.interaction WHERE customer_id = p_customer_id ORDER BY occur_time DESC, interaction_id DESC LIMIT 20) AS newest);
  END IF;

  panels := (SELECT coalesce(json_agg(encode(content, 'base64') ORDER BY panel), '[]') FROM customer.panel WHERE customer_id = p_customer_id);

  -- What a partition has applied, or was seen to have nothing beyond; unknown as long as one of them is.
  SELECT CASE WHEN bool_and(known.until IS NOT NULL) THEN min(known.until) END INTO data_as_of FROM (
    SELECT coalesce(waiting_message_time, greatest(last_message_time, caught_up_time)) AS until FROM events.kafka_offset
    WHERE topic IN ('corebanking.customers.v1', 'corebanking.accounts.v1', 'corebanking.transactions.v1')) AS known;

  PERFORM customer.record_act(p_entry_id, p_customer_id, p_time, p_actor, p_operation, '', NULL, p_payload, p_headers);
  RETURN NEXT;
END
$$;

-- A page of a customer's transactions after a position, newest first. Null for a customer the caller does not see. A null filter does not filter.
CREATE FUNCTION customer.view_transactions(
  p_keys text[], p_values text[], p_customer_id uuid, p_account_id uuid, p_kind text, p_direction smallint, p_channel text, p_currency_code text,
  p_least_minor bigint, p_most_minor bigint, p_from_time timestamptz, p_to_time timestamptz, p_from_date date, p_to_date date,
  p_after_time timestamptz, p_after_sequence bigint, p_after_id uuid, p_limit int,
  p_entry_id uuid, p_time timestamptz, p_actor text, p_operation text, p_payload bytea, p_headers jsonb
) RETURNS json LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  page json;
BEGIN
  PERFORM customer.set_caller(p_keys, p_values);
  IF NOT customer.in_sight(p_customer_id) THEN
    RETURN NULL;
  END IF;
  WITH readable AS MATERIALIZED (
    SELECT account_id, account.number_masked
    FROM (
      SELECT holder.account_id, min(holder.role) AS role FROM customer.party JOIN customer.holder USING (party_id)
      WHERE party.customer_id = p_customer_id AND (p_account_id IS NULL OR holder.account_id = p_account_id) GROUP BY holder.account_id) AS held
    JOIN customer.account USING (account_id)
    WHERE (held.role < 3 OR customer.owner_in_sight(account_id)) AND (account.holder_count <= 1 OR NOT customer.behind_wall(account_id))
  )
  SELECT coalesce(json_agg(row_to_json(shown)), '[]') INTO page FROM (
    SELECT posted.*
    FROM (
      SELECT matching.*, readable.number_masked FROM readable CROSS JOIN LATERAL (
        SELECT t.transaction_id, t.account_id, t.sequence, t.sequence::text AS sequence_text, t.post_time, t.booking_date, t.direction, t.currency_code, t.amount_minor::text,
          t.balance_after_minor::text, t.kind, t.channel, t.counterparty_name, t.counterparty_masked, t.remark, t.reverses_source_transaction_id
        FROM customer.transaction AS t
        WHERE t.account_id = readable.account_id
          AND t.post_time >= coalesce(p_from_time, '-infinity') AND t.post_time <= coalesce(p_to_time, 'infinity')
          AND (t.post_time, t.sequence, t.transaction_id)
            < (coalesce(p_after_time, 'infinity'), coalesce(p_after_sequence, 9223372036854775807), coalesce(p_after_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
          AND (p_kind IS NULL OR t.kind = p_kind) AND (p_direction IS NULL OR t.direction = p_direction)
          AND (p_channel IS NULL OR t.channel = p_channel) AND (p_currency_code IS NULL OR t.currency_code = p_currency_code)
          AND (p_least_minor IS NULL OR t.amount_minor >= p_least_minor) AND (p_most_minor IS NULL OR t.amount_minor <= p_most_minor)
          AND (p_from_date IS NULL OR t.booking_date >= p_from_date) AND (p_to_date IS NULL OR t.booking_date <= p_to_date)
        ORDER BY t.post_time DESC, t.sequence DESC, t.transaction_id DESC LIMIT p_limit) AS matching
      ORDER BY matching.post_time DESC, matching.sequence DESC, matching.transaction_id DESC LIMIT p_limit) AS posted
    ORDER BY posted.post_time DESC, posted.sequence DESC, posted.transaction_id DESC) AS shown;
  PERFORM customer.record_act(p_entry_id, p_customer_id, p_time, p_actor, p_operation, '', NULL, p_payload, p_headers);
  RETURN page;
END
$$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA customer FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA customer TO customer_request;
-- For what runs as the worker and applies the caller's scope itself.
GRANT EXECUTE ON FUNCTION customer.in_sight, customer.owner_in_sight TO customer_worker;

-- Down Migration
