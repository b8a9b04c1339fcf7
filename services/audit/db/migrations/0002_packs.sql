-- Up Migration

CREATE TABLE audit.pack (
  quarter text COLLATE "C" PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('OPEN', 'SIGNED_OFF')),
  start_time timestamptz(3) NOT NULL,
  end_time timestamptz(3) NOT NULL,
  create_time timestamptz(3) NOT NULL,
  entry_count bigint NOT NULL,
  entries_hash bytea NOT NULL,
  head bigint NOT NULL,
  version integer NOT NULL,
  reviewer text,
  findings text,
  sign_off_time timestamptz(3),
  CHECK ((state = 'SIGNED_OFF') = (reviewer IS NOT NULL)),
  CHECK (num_nulls(reviewer, findings, sign_off_time) IN (0, 3))
);
COMMENT ON TABLE audit.pack IS 'High-privilege acts of a quarter, for review.';
COMMENT ON COLUMN audit.pack.quarter IS 'C1 2026Q4';
COMMENT ON COLUMN audit.pack.state IS 'C1';
COMMENT ON COLUMN audit.pack.start_time IS 'C1 of the quarter, in the bank''s time zone';
COMMENT ON COLUMN audit.pack.end_time IS 'C1 exclusive: of the quarter, or when the pack was made';
COMMENT ON COLUMN audit.pack.create_time IS 'C1 when it was made, the last time';
COMMENT ON COLUMN audit.pack.entry_count IS 'C1';
COMMENT ON COLUMN audit.pack.entries_hash IS 'C1 SHA-256 over the leaf hashes of the entries, by time and id';
COMMENT ON COLUMN audit.pack.head IS 'C1 number of the anchored head that covers them all; 0 before the first';
COMMENT ON COLUMN audit.pack.version IS 'C1 from 1, the etag';
COMMENT ON COLUMN audit.pack.reviewer IS 'C1 staff/{uuid}';
COMMENT ON COLUMN audit.pack.findings IS 'C1 free text without identifiers';
COMMENT ON COLUMN audit.pack.sign_off_time IS 'C1';

CREATE TABLE audit.pack_count (
  quarter text COLLATE "C" NOT NULL REFERENCES audit.pack,
  actor text COLLATE "C" NOT NULL,
  operation text COLLATE "C" NOT NULL,
  decision integer NOT NULL,
  entry_count bigint NOT NULL,
  PRIMARY KEY (quarter, actor, operation, decision)
);
COMMENT ON TABLE audit.pack_count IS 'Who did what how often in a pack.';
COMMENT ON COLUMN audit.pack_count.quarter IS 'C1';
COMMENT ON COLUMN audit.pack_count.actor IS 'C1';
COMMENT ON COLUMN audit.pack_count.operation IS 'C1';
COMMENT ON COLUMN audit.pack_count.decision IS 'C1 1 allowed, 2 refused';
COMMENT ON COLUMN audit.pack_count.entry_count IS 'C1';

GRANT SELECT, INSERT, UPDATE ON audit.pack TO audit_request, audit_worker;
GRANT SELECT, INSERT, DELETE ON audit.pack_count TO audit_request, audit_worker;
ALTER TABLE audit.pack ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.pack FORCE ROW LEVEL SECURITY;
ALTER TABLE audit.pack_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.pack_count FORCE ROW LEVEL SECURITY;

-- A pack holds acts of everybody: for those who may read the whole bank's. One that is signed off stays as it is, whatever a query forgets. A person signs off, no job does.
CREATE POLICY reader ON audit.pack FOR SELECT TO audit_request USING (
  (SELECT nullif(current_setting('bankcrm.staff_id', true), '')) IS NOT NULL
  AND (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
);
CREATE POLICY maker ON audit.pack FOR INSERT TO audit_request WITH CHECK (
  state = 'OPEN'
  AND (SELECT nullif(current_setting('bankcrm.staff_id', true), '')) IS NOT NULL
  AND (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
);
CREATE POLICY changer ON audit.pack FOR UPDATE TO audit_request
  USING (
    state = 'OPEN'
    AND (SELECT nullif(current_setting('bankcrm.staff_id', true), '')) IS NOT NULL
    AND (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
  )
  WITH CHECK (
    state = 'OPEN' OR reviewer = (SELECT 'staff/' || nullif(current_setting('bankcrm.staff_id', true), ''))
  );
CREATE POLICY worker_reads ON audit.pack FOR SELECT TO audit_worker USING (true);
CREATE POLICY worker_makes ON audit.pack FOR INSERT TO audit_worker WITH CHECK (state = 'OPEN');
CREATE POLICY worker_changes ON audit.pack FOR UPDATE TO audit_worker USING (state = 'OPEN') WITH CHECK (state = 'OPEN');

-- Counts are seen with their pack, and made while it is open.
CREATE POLICY reader ON audit.pack_count FOR SELECT TO audit_request, audit_worker USING (
  EXISTS (SELECT FROM audit.pack WHERE pack.quarter = pack_count.quarter)
);
CREATE POLICY maker ON audit.pack_count FOR INSERT TO audit_request, audit_worker WITH CHECK (
  EXISTS (SELECT FROM audit.pack WHERE pack.quarter = pack_count.quarter AND state = 'OPEN')
);
CREATE POLICY changer ON audit.pack_count FOR DELETE TO audit_request, audit_worker USING (
  EXISTS (SELECT FROM audit.pack WHERE pack.quarter = pack_count.quarter AND state = 'OPEN')
);

-- Down Migration
