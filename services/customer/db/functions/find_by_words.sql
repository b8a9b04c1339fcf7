-- Customers in the caller's sight, not the caller's own, whose names have all the words given: each begins one of the customer's name tokens. What
-- begins with one of p_except has been found by the whole text and is left out. Texts that begin with a word are those from it to its end, which p_ends and p_except_ends hold.
--
-- Driven by the word that fewest names have, in the order of its tokens. It looks at p_most of them at most, for two common words that no name has
-- together would read half the bank: then a row with matched = false says where to go on, for a sealed page token, and is shown to nobody.
-- It looks past the caller's scope, so that this bound holds however small the scope is, and applies the scope to what it finds: the text of
-- customerScopeSql() in libs/scope; a test compares them.
GRANT CREATE ON SCHEMA customer TO customer_worker;
SET LOCAL ROLE customer_worker;

CREATE OR REPLACE FUNCTION customer.find_by_words(
  p_words text[], p_ends text[], p_except text[], p_except_ends text[], p_include_closed boolean,
  p_driver int, p_after_token text, p_after_id uuid, p_most int, p_limit int
) RETURNS TABLE (driver int, token text, customer_id uuid, kind smallint, matched boolean) LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  me uuid := nullif(current_setting('bankcrm.staff_id', true), '')::uuid;
  rarest int := p_driver;
  word text;
  past text;
  shown bigint;
BEGIN
  IF rarest IS NULL THEN
    SELECT w.n INTO rarest FROM unnest(p_words, p_ends) WITH ORDINALITY AS w (word, past, n)
    ORDER BY (
      SELECT count(*) FROM (
        SELECT FROM customer.name_token AS t WHERE t.token >= w.word AND t.token < w.past LIMIT p_most) AS few), w.n
    LIMIT 1;
  END IF;
  word := p_words[rarest];
  past := p_ends[rarest];

  RETURN QUERY
  SELECT rarest, found.token, found.customer_id, found.kind, true
  FROM (
    SELECT candidate.* FROM (
      SELECT t.token, t.customer_id, t.kind FROM customer.name_token AS t
      WHERE t.token >= word AND t.token < past AND (t.token, t.customer_id) > (p_after_token COLLATE "C", p_after_id)
      ORDER BY t.token, t.customer_id LIMIT p_most) AS candidate
    CROSS JOIN LATERAL (SELECT array_agg(t.token) AS tokens FROM customer.name_token AS t WHERE t.customer_id = candidate.customer_id) AS named
    -- All that begin with the driving word come in the order of their tokens: each customer once, with the first.
    WHERE NOT EXISTS (SELECT FROM unnest(named.tokens) AS sooner (token) WHERE sooner.token >= word AND sooner.token < candidate.token)
      AND NOT EXISTS (
        SELECT FROM unnest(p_words, p_ends) AS w (word, past)
        WHERE NOT EXISTS (SELECT FROM unnest(named.tokens) AS has (token) WHERE has.token >= w.word AND has.token < w.past))
      AND NOT EXISTS (
        SELECT FROM unnest(p_except, p_except_ends) AS w (word, past), unnest(named.tokens) AS has (token)
        WHERE has.token >= w.word AND has.token < w.past)
    ORDER BY candidate.token, candidate.customer_id OFFSET 0) AS found
  WHERE EXISTS (
    SELECT FROM customer.customer AS c
    WHERE c.customer_id = found.customer_id AND (c.state IN ('ACTIVE', 'DORMANT') OR (p_include_closed AND c.state = 'CLOSED'))
      AND c.rm_staff_id IS DISTINCT FROM me AND c.dedicated_rm_staff_id IS DISTINCT FROM me
      AND NOT EXISTS (
        SELECT FROM customer.collaborator AS k
        WHERE k.staff_id = me AND k.customer_id = c.customer_id
          AND (k.start_time IS NULL OR k.start_time <= now()) AND (k.end_time IS NULL OR k.end_time > now()))
      AND
  CASE WHEN c.restricted THEN EXISTS (
    SELECT FROM customer.participant
    WHERE participant.customer_id = c.customer_id AND participant.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
      AND (participant.expire_time IS NULL OR participant.expire_time > now()))
  ELSE (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
    OR ((SELECT nullif(current_setting('bankcrm.portfolio', true), '')) IS NOT NULL AND (c.rm_staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) OR c.dedicated_rm_staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) OR EXISTS (
      SELECT FROM customer.collaborator
      WHERE collaborator.customer_id = c.customer_id AND collaborator.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND (collaborator.start_time IS NULL OR collaborator.start_time <= now()) AND (collaborator.end_time IS NULL OR collaborator.end_time > now()))))
    OR c.org_unit_id IN (
      SELECT descendant_id FROM customer.org_unit_closure
      WHERE ancestor_id = ANY ((SELECT nullif(current_setting('bankcrm.org_units', true), ''))::uuid[]))
    OR ((SELECT nullif(current_setting('bankcrm.served', true), '')) IS NOT NULL AND EXISTS (
      SELECT FROM customer.service_access
      WHERE service_access.customer_id = c.customer_id AND service_access.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND service_access.served_time > now() - interval '90 days'))
    OR ((SELECT nullif(current_setting('bankcrm.grants', true), '')) IS NOT NULL AND EXISTS (
      SELECT FROM customer.access_grant
      WHERE access_grant.customer_id = c.customer_id AND access_grant.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND access_grant.expire_time > now()))
    OR ((SELECT nullif(current_setting('bankcrm.tickets', true), '')) IS NOT NULL AND (EXISTS (
      SELECT FROM customer.ticket_access
      WHERE ticket_access.customer_id = c.customer_id AND ticket_access.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)
        AND (ticket_access.expire_time IS NULL OR ticket_access.expire_time > now())) OR EXISTS (
      SELECT FROM customer.ticket_access
      WHERE ticket_access.customer_id = c.customer_id
        AND ticket_access.queue_id = ANY (ARRAY (SELECT queue_id FROM customer.queue_member WHERE queue_member.staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid)))
        AND (ticket_access.expire_time IS NULL OR ticket_access.expire_time > now()))))
  END
    OFFSET 0)
  ORDER BY found.token, found.customer_id LIMIT p_limit;

  GET DIAGNOSTICS shown = ROW_COUNT;
  IF shown < p_limit THEN
    RETURN QUERY
    SELECT rarest, t.token, t.customer_id, t.kind, false FROM customer.name_token AS t
    WHERE t.token >= word AND t.token < past AND (t.token, t.customer_id) > (p_after_token COLLATE "C", p_after_id)
    ORDER BY t.token, t.customer_id OFFSET p_most - 1 LIMIT 1;
  END IF;
END
$$;

REVOKE EXECUTE ON FUNCTION customer.find_by_words FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customer.find_by_words TO customer_request;

RESET ROLE;
REVOKE CREATE ON SCHEMA customer FROM customer_worker;
