-- A function that looks past the caller's scope belongs to the worker, which may make some at this moment, and only now.
GRANT CREATE ON SCHEMA quota TO quota_worker;
SET LOCAL ROLE quota_worker;

-- How many customers each of these people looks after, whoever asks: by the newest decision, or, where there is none, by what core banking says. Closed ones,
-- restricted ones and those that are part of another one are nobody's load. A quota counts customers whom the caller does not see, too: numbers are all that it
-- gives.
CREATE OR REPLACE FUNCTION quota.loads_of(p_staff_ids uuid[]) RETURNS TABLE (staff_id uuid, load int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT asked.staff_id, (decided.count + core.count)::int
  FROM unnest(p_staff_ids) AS asked (staff_id)
    CROSS JOIN LATERAL (
      SELECT count(*) FROM quota.assignment AS a JOIN scope.customer AS c USING (customer_id)
      WHERE a.rm_staff_id = asked.staff_id AND c.merged_into IS NULL AND NOT c.restricted AND c.state <> 'CLOSED') AS decided
    CROSS JOIN LATERAL (
      SELECT count(*) FROM scope.customer AS c
      WHERE c.rm_staff_id = asked.staff_id AND c.merged_into IS NULL AND NOT c.restricted AND c.state <> 'CLOSED'
        AND NOT EXISTS (SELECT FROM quota.assignment AS a WHERE a.customer_id = c.customer_id)) AS core
  WHERE nullif(current_setting('bankcrm.staff_id', true), '') IS NOT NULL
$$;
REVOKE EXECUTE ON FUNCTION quota.loads_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION quota.loads_of TO quota_request;

RESET ROLE;
REVOKE CREATE ON SCHEMA quota FROM quota_worker;
