-- Up Migration

-- Fields that sources send and the contract does not have yet, by source and topic: ignored, and shown to operators.
CREATE TABLE customer.unknown_field (
  source_system text NOT NULL,
  topic text NOT NULL,
  path text NOT NULL,
  messages bigint NOT NULL,
  first_time timestamptz NOT NULL,
  last_time timestamptz NOT NULL,
  PRIMARY KEY (source_system, topic, path)
);
COMMENT ON COLUMN customer.unknown_field.source_system IS 'C1';
COMMENT ON COLUMN customer.unknown_field.topic IS 'C1';
COMMENT ON COLUMN customer.unknown_field.path IS 'C1: names or numbers of fields, no value; empty: further ones together';
COMMENT ON COLUMN customer.unknown_field.messages IS 'C1: how many had it';
COMMENT ON COLUMN customer.unknown_field.first_time IS 'C1';
COMMENT ON COLUMN customer.unknown_field.last_time IS 'C1';
ALTER TABLE customer.unknown_field ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer.unknown_field FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON customer.unknown_field TO customer_worker USING (true) WITH CHECK (true);
CREATE POLICY request_known ON customer.unknown_field TO customer_request USING (
  (SELECT nullif(current_setting('bankcrm.staff_id', true), '')) IS NOT NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON customer.unknown_field TO customer_worker;
GRANT SELECT ON customer.unknown_field TO customer_request;

-- Down Migration
