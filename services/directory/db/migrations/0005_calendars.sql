-- When the bank works: a plain week, and a year at a time what differs from it.
CREATE TABLE directory.calendar (
  calendar_id text PRIMARY KEY CHECK (calendar_id ~ '^[a-z0-9](-?[a-z0-9])*$' AND length(calendar_id) <= 32),
  display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 100),
  time_zone text NOT NULL,
  week jsonb NOT NULL,
  version integer NOT NULL,
  revision bigint NOT NULL,
  create_time timestamptz(3) NOT NULL,
  update_time timestamptz(3) NOT NULL
);
COMMENT ON TABLE directory.calendar IS 'Business calendars.';
COMMENT ON COLUMN directory.calendar.calendar_id IS 'C1: short name';
COMMENT ON COLUMN directory.calendar.display_name IS 'C1: name';
COMMENT ON COLUMN directory.calendar.time_zone IS 'C1: IANA name of the zone';
COMMENT ON COLUMN directory.calendar.week IS 'C1: periods of work by weekday';
COMMENT ON COLUMN directory.calendar.version IS 'C1: for the etag';
COMMENT ON COLUMN directory.calendar.revision IS 'C1: order of the changes; no part of the staff feed';
COMMENT ON COLUMN directory.calendar.create_time IS 'C1: time';
COMMENT ON COLUMN directory.calendar.update_time IS 'C1: time';

CREATE TABLE directory.calendar_year (
  calendar_id text NOT NULL REFERENCES directory.calendar,
  year smallint NOT NULL,
  days jsonb NOT NULL,
  PRIMARY KEY (calendar_id, year)
);
COMMENT ON TABLE directory.calendar_year IS 'The years of a calendar that are loaded, each replaced as a whole.';
COMMENT ON COLUMN directory.calendar_year.calendar_id IS 'C1: short name';
COMMENT ON COLUMN directory.calendar_year.year IS 'C1: year';
COMMENT ON COLUMN directory.calendar_year.days IS 'C1: days off and make-up days';

-- As of the other tables: a request without a caller sees and changes nothing.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['calendar', 'calendar_year'] LOOP
    EXECUTE format('ALTER TABLE directory.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE directory.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker ON directory.%I TO directory_worker USING (true)', name);
    EXECUTE format(
      $policy$CREATE POLICY known_caller ON directory.%I TO directory_request
        USING ((SELECT nullif(current_setting('bankcrm.staff_id', true), '')) IS NOT NULL)$policy$,
      name
    );
  END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON directory.calendar, directory.calendar_year TO directory_request, directory_worker;

-- The history takes calendars, too. What it may hold is written by this service alone.
ALTER TABLE directory.change DROP CONSTRAINT change_resource_check;
COMMENT ON TABLE directory.change IS 'The history of staff, org units and calendars; grows only.';
COMMENT ON COLUMN directory.change.resource IS 'C1: id of the person, unit or calendar';
