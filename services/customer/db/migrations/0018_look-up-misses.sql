-- Up Migration

-- Look-ups by a complete number that found nobody, one row for each meaning of the number. Who looks up is counted here before anybody is found, by the functions of
-- db/functions/look_up_misses.sql alone: a request neither reads nor writes it.
CREATE TABLE customer.look_up_miss (
  look_up_id uuid NOT NULL,
  shape bytea NOT NULL,
  staff_id uuid NOT NULL,
  day date NOT NULL,
  miss_time timestamptz NOT NULL,
  number bytea NOT NULL,
  PRIMARY KEY (look_up_id, shape)
);
CREATE INDEX look_up_miss_staff ON customer.look_up_miss (staff_id, miss_time);
CREATE INDEX look_up_miss_shape ON customer.look_up_miss (shape, miss_time);
CREATE INDEX look_up_miss_time ON customer.look_up_miss (miss_time);
COMMENT ON COLUMN customer.look_up_miss.look_up_id IS 'C1';
COMMENT ON COLUMN customer.look_up_miss.shape IS 'C2 sealed: keyed hash of what a mask would show of the number';
COMMENT ON COLUMN customer.look_up_miss.staff_id IS 'C1';
COMMENT ON COLUMN customer.look_up_miss.day IS 'C1: in the bank''s zone';
COMMENT ON COLUMN customer.look_up_miss.miss_time IS 'C1';
COMMENT ON COLUMN customer.look_up_miss.number IS 'C2 sealed: keyed hash of the number';

ALTER TABLE customer.look_up_miss ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer.look_up_miss FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON customer.look_up_miss TO customer_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON customer.look_up_miss TO customer_worker;

-- What rows are, not what they were made from: ids of before were derived from it with a secret key.
COMMENT ON COLUMN customer.identifying_value.value_id IS 'C1: says nothing of the value';

-- Down Migration
