-- Up Migration

-- Letters that somebody decided long ago are deleted, their corrections with them and in no other way. One that waits is deleted by nobody.
CREATE INDEX dead_letter_decided ON events.dead_letter (update_time) WHERE state <> 'WAITING';
CREATE POLICY decided_only ON events.dead_letter AS RESTRICTIVE FOR DELETE USING (state <> 'WAITING');
ALTER TABLE events.dead_letter_correction
  DROP CONSTRAINT dead_letter_correction_dead_letter_id_fkey,
  ADD CONSTRAINT dead_letter_correction_dead_letter_id_fkey FOREIGN KEY (dead_letter_id) REFERENCES events.dead_letter (id) ON DELETE CASCADE;
COMMENT ON TABLE events.dead_letter_correction IS 'Messages to apply instead of dead letters; only ever added to, and deleted with their letter.';
COMMENT ON COLUMN events.dead_letter.update_time IS 'C1 of a letter that waits no longer: when it was decided';

-- Down Migration
