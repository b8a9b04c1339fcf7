-- Org units, staff and their posts, and what the identity provider still has to be told of them.
CREATE SCHEMA directory;

-- Everything the feed carries takes its number from here, under the lock that `lockDirectory` takes until it commits: numbers become
-- visible in their order, so a reader that asks for "greater than the last one" misses nothing.
CREATE SEQUENCE directory.revision AS bigint;

CREATE TABLE directory.org_unit (
  org_unit_id uuid PRIMARY KEY,
  code text NOT NULL CONSTRAINT org_unit_code_key UNIQUE CHECK (code ~ '^[A-Z0-9](-?[A-Z0-9])*$' AND length(code) <= 32),
  display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 100),
  kind text NOT NULL CHECK (kind IN ('HEAD_OFFICE', 'BRANCH', 'SUB_BRANCH', 'TEAM')),
  parent_id uuid REFERENCES directory.org_unit,
  version integer NOT NULL,
  revision bigint NOT NULL UNIQUE,
  create_time timestamptz(3) NOT NULL,
  update_time timestamptz(3) NOT NULL,
  CHECK ((kind = 'HEAD_OFFICE') = (parent_id IS NULL))
);
CREATE UNIQUE INDEX org_unit_one_head_office ON directory.org_unit ((parent_id IS NULL)) WHERE parent_id IS NULL;
CREATE INDEX org_unit_parent ON directory.org_unit (parent_id);
COMMENT ON TABLE directory.org_unit IS 'The bank''s org units, a tree below one head office.';
COMMENT ON COLUMN directory.org_unit.org_unit_id IS 'C1: id';
COMMENT ON COLUMN directory.org_unit.code IS 'C1: the short code that core banking uses';
COMMENT ON COLUMN directory.org_unit.display_name IS 'C1: name';
COMMENT ON COLUMN directory.org_unit.kind IS 'C1: level in the tree';
COMMENT ON COLUMN directory.org_unit.parent_id IS 'C1: the unit above; none for the head office';
COMMENT ON COLUMN directory.org_unit.version IS 'C1: for the etag';
COMMENT ON COLUMN directory.org_unit.revision IS 'C1: position in the staff feed; grows with every change';
COMMENT ON COLUMN directory.org_unit.create_time IS 'C1: time';
COMMENT ON COLUMN directory.org_unit.update_time IS 'C1: time';

CREATE TABLE directory.staff (
  staff_id uuid PRIMARY KEY,
  staff_number text NOT NULL CONSTRAINT staff_number_key UNIQUE CHECK (staff_number ~ '^[0-9]{6,12}$'),
  display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 100),
  email text NOT NULL CONSTRAINT staff_email_key UNIQUE CHECK (length(email) BETWEEN 3 AND 254),
  state text NOT NULL CHECK (state IN ('ACTIVE', 'SUSPENDED', 'LEFT')),
  not_before timestamptz(3),
  version integer NOT NULL,
  revision bigint NOT NULL UNIQUE,
  create_time timestamptz(3) NOT NULL,
  update_time timestamptz(3) NOT NULL
);
COMMENT ON TABLE directory.staff IS 'The people who work with the system, as the bank wants them to be.';
COMMENT ON COLUMN directory.staff.staff_id IS 'C1: id';
COMMENT ON COLUMN directory.staff.staff_number IS 'C1: what the person signs in with';
COMMENT ON COLUMN directory.staff.display_name IS 'C1: name of a member of staff';
COMMENT ON COLUMN directory.staff.email IS 'C1: address at work, of a member of staff';
COMMENT ON COLUMN directory.staff.state IS 'C1: state';
COMMENT ON COLUMN directory.staff.not_before IS 'C1: tokens issued before are refused, after a reinstatement too';
COMMENT ON COLUMN directory.staff.version IS 'C1: for the etag';
COMMENT ON COLUMN directory.staff.revision IS 'C1: position in the staff feed; grows with every change';
COMMENT ON COLUMN directory.staff.create_time IS 'C1: time';
COMMENT ON COLUMN directory.staff.update_time IS 'C1: time';

CREATE TABLE directory.post (
  staff_id uuid NOT NULL REFERENCES directory.staff,
  ordinal smallint NOT NULL CHECK (ordinal IN (1, 2)),
  org_unit_id uuid NOT NULL REFERENCES directory.org_unit,
  role text NOT NULL CHECK (role <> ''),
  PRIMARY KEY (staff_id, ordinal),
  UNIQUE (staff_id, org_unit_id, role)
);
CREATE INDEX post_org_unit ON directory.post (org_unit_id);
CREATE INDEX post_role ON directory.post (role);
COMMENT ON TABLE directory.post IS 'Which role a person holds where; at most two.';
COMMENT ON COLUMN directory.post.staff_id IS 'C1: id';
COMMENT ON COLUMN directory.post.ordinal IS 'C1: first or second post';
COMMENT ON COLUMN directory.post.org_unit_id IS 'C1: id';
COMMENT ON COLUMN directory.post.role IS 'C1: id of a role in the permission table';

CREATE TABLE directory.account (
  staff_id uuid PRIMARY KEY REFERENCES directory.staff,
  wanted_version integer NOT NULL,
  stored_version integer NOT NULL DEFAULT 0 CHECK (stored_version <= wanted_version),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_time timestamptz(3) NOT NULL,
  error text NOT NULL DEFAULT ''
);
CREATE INDEX account_waiting ON directory.account (next_attempt_time) WHERE stored_version < wanted_version;
COMMENT ON TABLE directory.account IS 'How far the identity provider''s account of a person equals what is wanted here. It holds no secret.';
COMMENT ON COLUMN directory.account.staff_id IS 'C1: id';
COMMENT ON COLUMN directory.account.wanted_version IS 'C1: grows with every change that concerns the account';
COMMENT ON COLUMN directory.account.stored_version IS 'C1: the version that the identity provider is known to hold';
COMMENT ON COLUMN directory.account.attempts IS 'C1: failed attempts since the last success';
COMMENT ON COLUMN directory.account.next_attempt_time IS 'C1: not to be tried before';
COMMENT ON COLUMN directory.account.error IS 'C1: why the last attempt failed, as a reason code';

CREATE TABLE directory.permission_table (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sha256 text NOT NULL,
  revision bigint NOT NULL
);
COMMENT ON TABLE directory.permission_table IS 'Since which revision the feed tells the roles as they are now: who resumes from before is told everything anew.';
COMMENT ON COLUMN directory.permission_table.only_row IS 'C1: there is one row';
COMMENT ON COLUMN directory.permission_table.sha256 IS 'C1: hash of the table of roles';
COMMENT ON COLUMN directory.permission_table.revision IS 'C1: position in the staff feed';

-- Whoever writes, from whichever program: watchers hear of it when it commits.
CREATE FUNCTION directory.announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('directory', '');
  RETURN NULL;
END
$$;
CREATE TRIGGER announce AFTER INSERT OR UPDATE ON directory.staff FOR EACH STATEMENT EXECUTE FUNCTION directory.announce();
CREATE TRIGGER announce AFTER INSERT OR UPDATE ON directory.org_unit FOR EACH STATEMENT EXECUTE FUNCTION directory.announce();
CREATE TRIGGER announce AFTER INSERT OR UPDATE ON directory.permission_table FOR EACH STATEMENT EXECUTE FUNCTION directory.announce();

-- A request without a caller sees and changes nothing, whatever its statement says. The worker feeds the services and reconciles.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['org_unit', 'staff', 'post', 'account', 'permission_table'] LOOP
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

GRANT USAGE ON SCHEMA directory TO directory_request, directory_worker;
GRANT USAGE ON SEQUENCE directory.revision TO directory_request, directory_worker;
GRANT SELECT, INSERT, UPDATE ON directory.org_unit, directory.staff, directory.account TO directory_request, directory_worker;
GRANT SELECT, INSERT, DELETE ON directory.post TO directory_request, directory_worker;
GRANT SELECT, INSERT, UPDATE ON directory.permission_table TO directory_worker;
