-- Interactions with a customer and what other services say happened, together, newest first, after a position. Whether the caller sees the customer is decided
-- before. Of the same time entries stand before interactions, and those of one kind in the order of their ids. A null filter does not filter.
-- p_permissions: the caller's, for entries that ask for one. p_after_rank: 1 interaction, 2 entry.
CREATE OR REPLACE FUNCTION customer.timeline_of(
  p_customer_id uuid, p_financials boolean, p_permissions text[], p_kind text, p_resource_type text, p_from_time timestamptz, p_to_time timestamptz,
  p_after_time timestamptz, p_after_rank int, p_after_id uuid, p_limit int
) RETURNS json LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN (
    SELECT coalesce(json_agg(json_build_object('event_time', event_time, 'rank', rank, 'id', id, 'interaction', interaction, 'entry', entry)
      ORDER BY event_time DESC, rank DESC, id DESC), '[]')
    FROM (
      (SELECT i.occur_time AS event_time, 1 AS rank, i.interaction_id AS id,
        json_build_object('interaction_id', i.interaction_id, 'kind', i.kind, 'direction', i.direction, 'summary', i.summary,
          'occur_time', i.occur_time, 'staff_id', i.staff_id, 'next_step', i.next_step, 'next_step_due_date', i.next_step_due_date,
          'next_step_done', i.next_step_done, 'version', i.version::text, 'subject', i.subject) AS interaction, NULL::json AS entry
      FROM customer.interaction AS i
      WHERE i.customer_id = p_customer_id AND (p_kind IS NULL OR i.kind = p_kind) AND (p_resource_type IS NULL OR p_resource_type = 'interactions')
        AND i.occur_time >= coalesce(p_from_time, '-infinity') AND i.occur_time <= least(p_to_time, p_after_time, 'infinity')
        AND (p_after_time IS NULL OR (i.occur_time, 1, i.interaction_id) < (p_after_time, p_after_rank, p_after_id))
      ORDER BY i.occur_time DESC, i.interaction_id DESC LIMIT p_limit)
      UNION ALL
      (SELECT e.event_time, 2, e.entry_id, NULL,
        json_build_object('entry_id', e.entry_id, 'sequence', e.sequence::text, 'event_time', e.event_time, 'label_zh', e.label_zh,
          'label_en', e.label_en, 'resource', e.resource, 'subject', e.subject, 'financial', e.financial, 'permission', e.permission)
      FROM customer.timeline_entry AS e
      WHERE e.customer_id = p_customer_id AND NOT e.removed
        -- The first wall; the policy says the same.
        AND NOT (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) = ANY (e.hidden_from)
        AND (p_financials OR NOT e.financial) AND (e.permission = '' OR e.permission = ANY (p_permissions))
        AND p_kind IS NULL AND (p_resource_type IS NULL OR e.resource_type = p_resource_type)
        AND e.event_time >= coalesce(p_from_time, '-infinity') AND e.event_time <= least(p_to_time, p_after_time, 'infinity')
        AND (p_after_time IS NULL OR (e.event_time, 2, e.entry_id) < (p_after_time, p_after_rank, p_after_id))
      ORDER BY e.event_time DESC, e.entry_id DESC LIMIT p_limit)
      ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT p_limit) AS newest);
END
$$;
