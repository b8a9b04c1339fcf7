-- Look-ups by complete numbers that find nobody, counted for the caller. They run as the worker: a request could otherwise count itself less.

GRANT CREATE ON SCHEMA customer TO customer_worker;
SET LOCAL ROLE customer_worker;

-- How many the caller has had on a day of the bank, and since a time how many other numbers of one of these shapes: the caller's, and of the rare shapes everybody's.
-- The caller's next look-up waits until this transaction has ended, so that those made at once are counted one after the other.
CREATE OR REPLACE FUNCTION customer.look_up_misses(
  p_day date, p_since timestamptz, p_shapes bytea[], p_rare_shapes bytea[], p_numbers bytea[]
) RETURNS TABLE (today int, of_shape int, of_shape_together int) LANGUAGE plpgsql VOLATILE
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  staff uuid := current_setting('bankcrm.staff_id')::uuid;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('customer.look_up_miss ' || staff, 0));
  RETURN QUERY
    WITH own AS MATERIALIZED (SELECT * FROM customer.look_up_miss WHERE staff_id = staff AND miss_time > p_since)
    SELECT
      (SELECT count(DISTINCT look_up_id)::int FROM own WHERE day = p_day),
      (SELECT coalesce(max(numbers), 0)::int FROM (
        SELECT count(DISTINCT number) AS numbers FROM own
        WHERE shape = ANY (p_shapes) AND number <> ALL (p_numbers) GROUP BY shape) AS of_one),
      (SELECT coalesce(max(misses), 0)::int FROM (
        SELECT count(DISTINCT (staff_id, number)) AS misses FROM customer.look_up_miss
        WHERE shape = ANY (p_rare_shapes) AND miss_time > p_since GROUP BY shape) AS of_all);
END
$$;

-- Counts a look-up of the caller as one that finds nobody. Shapes and numbers belong together, place by place.
CREATE OR REPLACE FUNCTION customer.add_look_up_miss(p_look_up_id uuid, p_day date, p_time timestamptz, p_shapes bytea[], p_numbers bytea[])
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO customer.look_up_miss (look_up_id, shape, staff_id, day, miss_time, number)
  SELECT p_look_up_id, shape, current_setting('bankcrm.staff_id')::uuid, p_day, p_time, number FROM unnest(p_shapes, p_numbers) AS tried (shape, number)
$$;

-- Somebody was found: the caller's look-up no longer counts, unless the caller has written the number, in any form that was searched, or a name of those found by name alone:
-- who notes guesses down as the phone or short name of some customer and looks them up finds that one each time.
DROP FUNCTION IF EXISTS customer.take_look_up_miss_back(uuid);
CREATE OR REPLACE FUNCTION customer.take_look_up_miss_back(p_look_up_id uuid, p_searched bytea[], p_found_by_name uuid[])
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM customer.look_up_miss
  WHERE look_up_id = p_look_up_id AND staff_id = current_setting('bankcrm.staff_id')::uuid AND NOT EXISTS (
    SELECT FROM customer.identifying_value AS v
    JOIN customer.supplement ON supplement.customer_id = v.customer_id AND supplement.value = v.value_id::text
    WHERE v.blind_index = ANY (p_searched) AND supplement.staff_id = current_setting('bankcrm.staff_id')::uuid)
    AND NOT EXISTS (
      SELECT FROM customer.supplement
      WHERE customer_id = ANY (p_found_by_name) AND field = 'short_name' AND staff_id = current_setting('bankcrm.staff_id')::uuid)
$$;

REVOKE EXECUTE ON FUNCTION customer.look_up_misses, customer.add_look_up_miss, customer.take_look_up_miss_back FROM PUBLIC;
GRANT EXECUTE ON FUNCTION customer.look_up_misses, customer.add_look_up_miss, customer.take_look_up_miss_back TO customer_request;

RESET ROLE;
REVOKE CREATE ON SCHEMA customer FROM customer_worker;
