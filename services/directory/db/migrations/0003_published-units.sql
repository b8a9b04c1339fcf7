-- Up Migration

-- Whoever writes, from whichever program and version: the unit is marked to be published with the change.
CREATE FUNCTION directory.mark_org_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM events.mark_states('org-units', ARRAY[NEW.org_unit_id::text]);
  RETURN NULL;
END
$$;
CREATE TRIGGER mark AFTER INSERT OR UPDATE ON directory.org_unit FOR EACH ROW EXECUTE FUNCTION directory.mark_org_unit();

-- Down Migration
