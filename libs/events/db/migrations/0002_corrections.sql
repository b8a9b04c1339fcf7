-- Up Migration

-- What people have put in the place of received messages is evidence: each correction stays, whatever comes after it.
CREATE TABLE events.dead_letter_correction (
  dead_letter_id uuid NOT NULL REFERENCES events.dead_letter (id),
  version bigint NOT NULL,
  sealed_message bytea NOT NULL,
  create_time timestamptz NOT NULL,
  PRIMARY KEY (dead_letter_id, version)
);
ALTER TABLE events.dead_letter_correction ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.dead_letter_correction FORCE ROW LEVEL SECURITY;
COMMENT ON TABLE events.dead_letter_correction IS 'Messages to apply instead of dead letters; only ever added to.';
COMMENT ON COLUMN events.dead_letter_correction.dead_letter_id IS 'C1';
COMMENT ON COLUMN events.dead_letter_correction.version IS 'C1 of the letter as it was corrected';
COMMENT ON COLUMN events.dead_letter_correction.sealed_message IS 'C2 sealed: headers, key and value to apply instead';
COMMENT ON COLUMN events.dead_letter_correction.create_time IS 'C1';

ALTER TABLE events.dead_letter DROP COLUMN sealed_correction, ADD COLUMN correction_version bigint;
COMMENT ON COLUMN events.dead_letter.correction_version IS 'C1 which correction a replay applies; NULL: the message as received';

-- Down Migration
