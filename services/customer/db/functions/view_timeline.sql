-- A page of a customer's timeline after a position, as customer.timeline_of gives it. Null for a customer the caller does not see.
CREATE OR REPLACE FUNCTION customer.view_timeline(
  p_keys text[], p_values text[], p_customer_id uuid, p_financials boolean, p_permissions text[], p_kind text, p_resource_type text,
  p_from_time timestamptz, p_to_time timestamptz, p_after_time timestamptz, p_after_rank int, p_after_id uuid, p_limit int,
  p_entry_id uuid, p_time timestamptz, p_actor text, p_operation text, p_payload bytea, p_headers jsonb
) RETURNS json LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  page json;
BEGIN
  PERFORM customer.set_caller(p_keys, p_values);
  IF NOT customer.in_sight(p_customer_id) THEN
    RETURN NULL;
  END IF;
  page := customer.timeline_of(p_customer_id, p_financials, p_permissions, p_kind, p_resource_type, p_from_time, p_to_time,
    p_after_time, p_after_rank, p_after_id, p_limit);
  PERFORM customer.record_act(p_entry_id, p_customer_id, p_time, p_actor, p_operation, '', NULL, p_payload, p_headers);
  RETURN page;
END
$$;
