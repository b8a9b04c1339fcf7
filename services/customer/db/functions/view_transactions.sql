-- A page of a customer's transactions after a position, newest first. Null for a customer the caller does not see. A null filter does not filter.
-- p_kind and p_channel are in small letters of normal width. Older postings have what their source wrote, and nothing changes a posting.
CREATE OR REPLACE FUNCTION customer.view_transactions(
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
          AND (p_kind IS NULL OR lower(normalize(t.kind, NFKC)) = p_kind) AND (p_direction IS NULL OR t.direction = p_direction)
          AND (p_channel IS NULL OR lower(normalize(t.channel, NFKC)) = p_channel) AND (p_currency_code IS NULL OR t.currency_code = p_currency_code)
          AND (p_least_minor IS NULL OR t.amount_minor >= p_least_minor) AND (p_most_minor IS NULL OR t.amount_minor <= p_most_minor)
          AND (p_from_date IS NULL OR t.booking_date >= p_from_date) AND (p_to_date IS NULL OR t.booking_date <= p_to_date)
        ORDER BY t.post_time DESC, t.sequence DESC, t.transaction_id DESC LIMIT p_limit) AS matching
      ORDER BY matching.post_time DESC, matching.sequence DESC, matching.transaction_id DESC LIMIT p_limit) AS posted
    ORDER BY posted.post_time DESC, posted.sequence DESC, posted.transaction_id DESC) AS shown;
  PERFORM customer.record_act(p_entry_id, p_customer_id, p_time, p_actor, p_operation, '', NULL, p_payload, p_headers);
  RETURN page;
END
$$;
