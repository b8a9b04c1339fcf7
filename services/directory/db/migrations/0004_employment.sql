-- What a person is at the bank besides the posts, when somebody stands in, and when they left.
ALTER TABLE directory.staff
  ADD COLUMN position text NOT NULL DEFAULT '' CHECK (length(position) <= 32),
  ADD COLUMN grade text NOT NULL DEFAULT '' CHECK (length(grade) <= 32),
  ADD COLUMN join_date date,
  ADD COLUMN skills text[] NOT NULL DEFAULT '{}' CHECK (cardinality(skills) <= 50),
  ADD COLUMN leave_time timestamptz(3);
COMMENT ON COLUMN directory.staff.position IS 'C1: code of the position; empty where none is known';
COMMENT ON COLUMN directory.staff.grade IS 'C1: code of the grade; empty where none is known';
COMMENT ON COLUMN directory.staff.join_date IS 'C1: day of joining the bank';
COMMENT ON COLUMN directory.staff.skills IS 'C1: codes of skills';
COMMENT ON COLUMN directory.staff.leave_time IS 'C1: when the person left';

CREATE TABLE directory.certification (
  certification_id uuid PRIMARY KEY,
  staff_id uuid NOT NULL REFERENCES directory.staff,
  kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
  valid_until date NOT NULL,
  create_time timestamptz(3) NOT NULL,
  CONSTRAINT certification_held_key UNIQUE (staff_id, kind, valid_until)
);
COMMENT ON TABLE directory.certification IS 'What a person is certified for, and until when; one that is renewed is a row more.';
COMMENT ON COLUMN directory.certification.certification_id IS 'C1: id';
COMMENT ON COLUMN directory.certification.staff_id IS 'C1: id';
COMMENT ON COLUMN directory.certification.kind IS 'C1: code of the certification';
COMMENT ON COLUMN directory.certification.valid_until IS 'C1: last day on which it is valid';
COMMENT ON COLUMN directory.certification.create_time IS 'C1: time';

CREATE TABLE directory.absence (
  absence_id uuid PRIMARY KEY,
  staff_id uuid NOT NULL REFERENCES directory.staff,
  start_time timestamptz(3) NOT NULL,
  end_time timestamptz(3) NOT NULL,
  deputy_id uuid NOT NULL REFERENCES directory.staff,
  cancel_time timestamptz(3),
  create_time timestamptz(3) NOT NULL,
  CHECK (start_time < end_time),
  CHECK (deputy_id <> staff_id)
);
-- Of one person by time, and who is reached from a deputy.
CREATE INDEX absence_of_person ON directory.absence (staff_id, end_time) WHERE cancel_time IS NULL;
CREATE INDEX absence_by_start ON directory.absence (staff_id, start_time, absence_id);
COMMENT ON TABLE directory.absence IS 'When a person is away and who stands in. Kept when it is over or cancelled.';
COMMENT ON COLUMN directory.absence.absence_id IS 'C1: id';
COMMENT ON COLUMN directory.absence.staff_id IS 'C1: id of who is away';
COMMENT ON COLUMN directory.absence.start_time IS 'C1: time';
COMMENT ON COLUMN directory.absence.end_time IS 'C1: time, not part of the absence';
COMMENT ON COLUMN directory.absence.deputy_id IS 'C1: id of who stands in';
COMMENT ON COLUMN directory.absence.cancel_time IS 'C1: from then on it counts no more';
COMMENT ON COLUMN directory.absence.create_time IS 'C1: time';

-- As of the other tables: a request without a caller sees and changes nothing.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['certification', 'absence'] LOOP
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
GRANT SELECT, INSERT, DELETE ON directory.certification TO directory_request, directory_worker;
GRANT SELECT, INSERT, UPDATE ON directory.absence TO directory_request, directory_worker;
