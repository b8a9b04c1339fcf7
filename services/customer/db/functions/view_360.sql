-- Everything about one customer. No row for a customer the caller does not see, and then nothing is recorded either: the refusal is, elsewhere.
-- p_financials and p_interactions: whether the caller may see transactions and interactions at all. p_permissions: all of the caller's. The function without
-- them stays for the release before.
CREATE OR REPLACE FUNCTION customer.view_360(
  p_keys text[], p_values text[], p_customer_id uuid, p_today date, p_bank_currency text, p_financials boolean, p_interactions boolean,
  p_permissions text[], p_entry_id uuid, p_time timestamptz, p_actor text, p_operation text, p_payload bytea, p_headers jsonb
) RETURNS TABLE (
  profile json, holdings json, positions json, transactions json, interactions json, timeline json, panels json, data_as_of timestamptz
)
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
        CASE WHEN holder_count > 1 THEN holder_count - customer.hidden_holders(account_id) ELSE holder_count END AS holder_count,
        branch_code, linked_account_id, update_time, source_system, source_time, flags, transaction_limits,
        (SELECT product_id FROM customer.product WHERE (product.source_system, product.product_code) = (seen.source_system, seen.product_code)) AS product_id
      FROM seen WHERE state <> 'mentioned'
      UNION ALL
      SELECT account_id, kind, state, number_masked, product_code, product_name, '', 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false, 0,
        holder_count, '', NULL, NULL, source_system, NULL, '{}', '[]',
        (SELECT product_id FROM customer.product WHERE (product.source_system, product.product_code) = (line.source_system, line.product_code))
      FROM customer.signed_lines(p_customer_id) AS line
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
  timeline := '[]';
  IF p_interactions THEN
    interactions := (SELECT coalesce(json_agg(row_to_json(newest)), '[]') FROM (
      SELECT interaction_id, kind, direction, summary, occur_time, staff_id, next_step, next_step_due_date, next_step_done, version::text, subject
      FROM customer.interaction WHERE customer_id = p_customer_id ORDER BY occur_time DESC, interaction_id DESC LIMIT 20) AS newest);
    timeline := customer.timeline_of(p_customer_id, p_financials, p_permissions, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 20);
  END IF;

  panels := (
    SELECT coalesce(json_agg(encode(content, 'base64') ORDER BY panel), '[]') FROM customer.panel
    WHERE customer_id = p_customer_id AND NOT nullif(current_setting('bankcrm.staff_id', true), '')::uuid = ANY (hidden_from));

  -- What a partition has applied, or was seen to have nothing beyond; unknown as long as one of them is.
  SELECT CASE WHEN bool_and(known.until IS NOT NULL) THEN min(known.until) END INTO data_as_of FROM (
    SELECT coalesce(waiting_message_time, greatest(last_message_time, caught_up_time)) AS until FROM events.kafka_offset
    WHERE topic IN ('corebanking.customers.v1', 'corebanking.accounts.v1', 'corebanking.transactions.v1')) AS known;

  PERFORM customer.record_act(p_entry_id, p_customer_id, p_time, p_actor, p_operation, '', NULL, p_payload, p_headers);
  RETURN NEXT;
END
$$;
