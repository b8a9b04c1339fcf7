-- Who changed a person or a unit, and what they were before: the audit log holds only keyed hashes of it.
CREATE TABLE directory.change (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  entry_id uuid NOT NULL UNIQUE,
  resource text NOT NULL CHECK (resource ~ '^(staff|orgUnits)/'),
  event_time timestamptz(3) NOT NULL,
  actor text NOT NULL,
  operation text NOT NULL,
  reason text NOT NULL,
  old_value text,
  new_value text
);
CREATE INDEX change_resource ON directory.change (resource, position);
COMMENT ON TABLE directory.change IS 'The history of staff and org units; grows only.';
COMMENT ON COLUMN directory.change.position IS 'C1: order of the changes';
COMMENT ON COLUMN directory.change.entry_id IS 'C1: id of the entry in the audit log';
COMMENT ON COLUMN directory.change.resource IS 'C1: id of the person or unit';
COMMENT ON COLUMN directory.change.event_time IS 'C1: time';
COMMENT ON COLUMN directory.change.actor IS 'C1: id of who did it';
COMMENT ON COLUMN directory.change.operation IS 'C1: name of the method';
COMMENT ON COLUMN directory.change.reason IS 'C1: why a state was changed';
COMMENT ON COLUMN directory.change.old_value IS 'C1: facts of a member of staff or a unit as JSON, the very text that the entry''s hash was made of';
COMMENT ON COLUMN directory.change.new_value IS 'C1: facts of a member of staff or a unit as JSON, the very text that the entry''s hash was made of';

-- Whoever acts writes down the own act; nobody changes what is written.
ALTER TABLE directory.change ENABLE ROW LEVEL SECURITY;
ALTER TABLE directory.change FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON directory.change TO directory_worker USING (true);
CREATE POLICY known_caller ON directory.change FOR SELECT TO directory_request
  USING ((SELECT nullif(current_setting('bankcrm.staff_id', true), '')) IS NOT NULL);
CREATE POLICY own_acts ON directory.change FOR INSERT TO directory_request
  WITH CHECK (actor = (SELECT 'staff/' || nullif(current_setting('bankcrm.staff_id', true), '')));
GRANT SELECT, INSERT ON directory.change TO directory_request, directory_worker;
