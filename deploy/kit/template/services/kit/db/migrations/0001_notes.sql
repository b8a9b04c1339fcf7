CREATE SCHEMA kit;

CREATE TABLE kit.note (
  note_id uuid PRIMARY KEY,
  staff_id uuid NOT NULL,
  text text NOT NULL,
  create_time timestamptz(3) NOT NULL
);
COMMENT ON TABLE kit.note IS 'Notes of staff.';
COMMENT ON COLUMN kit.note.note_id IS 'C1: id';
COMMENT ON COLUMN kit.note.staff_id IS 'C1: who keeps it';
COMMENT ON COLUMN kit.note.text IS 'C1: free text without identifiers';
COMMENT ON COLUMN kit.note.create_time IS 'C1: time';

ALTER TABLE kit.note ENABLE ROW LEVEL SECURITY;
ALTER TABLE kit.note FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON kit.note TO kit_request
  USING (staff_id = (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid));
CREATE POLICY worker ON kit.note TO kit_worker USING (true) WITH CHECK (true);
GRANT USAGE ON SCHEMA kit TO kit_request, kit_worker;
GRANT SELECT, INSERT ON kit.note TO kit_request;
GRANT SELECT ON kit.note TO kit_worker;
