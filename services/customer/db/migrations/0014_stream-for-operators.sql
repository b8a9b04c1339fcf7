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

-- What sources were asked to send again, and how far they have answered.
CREATE TABLE customer.resync (
  resync_id uuid PRIMARY KEY,
  source_system text NOT NULL,
  topics text[] NOT NULL,
  asked_customers integer NOT NULL,
  reason text NOT NULL,
  requester text NOT NULL,
  request_time timestamptz NOT NULL,
  answered_messages bigint NOT NULL DEFAULT 0,
  answered_customers integer NOT NULL DEFAULT 0,
  last_answer_time timestamptz,
  finish_time timestamptz
);
COMMENT ON COLUMN customer.resync.resync_id IS 'C1';
COMMENT ON COLUMN customer.resync.source_system IS 'C1';
COMMENT ON COLUMN customer.resync.topics IS 'C1: empty: all';
COMMENT ON COLUMN customer.resync.asked_customers IS 'C1: 0: all';
COMMENT ON COLUMN customer.resync.reason IS 'C1';
COMMENT ON COLUMN customer.resync.requester IS 'C1: staff/{uuid}';
COMMENT ON COLUMN customer.resync.request_time IS 'C1';
COMMENT ON COLUMN customer.resync.answered_messages IS 'C1: marked as repair';
COMMENT ON COLUMN customer.resync.answered_customers IS 'C1: of those asked for';
COMMENT ON COLUMN customer.resync.last_answer_time IS 'C1';
COMMENT ON COLUMN customer.resync.finish_time IS 'C1: when the last customer asked for was answered';
CREATE INDEX resync_open ON customer.resync (source_system, request_time) WHERE finish_time IS NULL;

-- The customers that a source was asked for by their numbers.
CREATE TABLE customer.resync_customer (
  resync_id uuid NOT NULL REFERENCES customer.resync (resync_id) ON DELETE CASCADE,
  source_id text NOT NULL,
  answer_time timestamptz,
  PRIMARY KEY (resync_id, source_id)
);
COMMENT ON COLUMN customer.resync_customer.resync_id IS 'C1';
COMMENT ON COLUMN customer.resync_customer.source_id IS 'C1';
COMMENT ON COLUMN customer.resync_customer.answer_time IS 'C1';

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['resync', 'resync_customer'] LOOP
    EXECUTE format('ALTER TABLE customer.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE customer.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker ON customer.%I TO customer_worker USING (true) WITH CHECK (true)', name);
    EXECUTE format(
      'CREATE POLICY request_known ON customer.%I TO customer_request USING (
         (SELECT nullif(current_setting(''bankcrm.staff_id'', true), '''')) IS NOT NULL)', name);
    EXECUTE format('GRANT SELECT, UPDATE ON customer.%I TO customer_worker', name);
    EXECUTE format('GRANT SELECT, INSERT ON customer.%I TO customer_request', name);
  END LOOP;
END
$$;

-- Down Migration
