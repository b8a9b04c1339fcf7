-- Up Migration

-- The newest control totals of each source, topic and key range, and what comparing them with what is stored has said.
CREATE TABLE customer.control_total (
  source_system text NOT NULL,
  topic text NOT NULL,
  from_source_id text COLLATE "C" NOT NULL,
  to_source_id text COLLATE "C" NOT NULL,
  from_post_time timestamptz,
  cut_time timestamptz NOT NULL,
  expected_count bigint NOT NULL,
  expected_checksum bytea NOT NULL,
  receive_time timestamptz NOT NULL,
  is_new boolean NOT NULL DEFAULT true,
  finding text CHECK (finding IN ('AGREES', 'DIFFERS', 'UNDECIDED')),
  stored_count bigint,
  compare_time timestamptz,
  differ_time timestamptz,
  PRIMARY KEY (source_system, topic, from_source_id, to_source_id)
) WITH (fillfactor = 70); -- Every row is updated with every comparison.
COMMENT ON COLUMN customer.control_total.source_system IS 'C1';
COMMENT ON COLUMN customer.control_total.topic IS 'C1: whose rows are counted';
COMMENT ON COLUMN customer.control_total.from_source_id IS 'C1: inclusive; of the account for transactions';
COMMENT ON COLUMN customer.control_total.to_source_id IS 'C1: exclusive; empty: to the last';
COMMENT ON COLUMN customer.control_total.from_post_time IS 'C1: transactions from then on';
COMMENT ON COLUMN customer.control_total.cut_time IS 'C1: what is newer was not counted';
COMMENT ON COLUMN customer.control_total.expected_count IS 'C1';
COMMENT ON COLUMN customer.control_total.expected_checksum IS 'C1: SHA-256 over ids and versions';
COMMENT ON COLUMN customer.control_total.receive_time IS 'C1';
COMMENT ON COLUMN customer.control_total.is_new IS 'C1: not compared since it came';
COMMENT ON COLUMN customer.control_total.finding IS 'C1: what the last comparison said; UNDECIDED where rows newer than the cut are in the way';
COMMENT ON COLUMN customer.control_total.stored_count IS 'C1: rows stored that were there at the cut';
COMMENT ON COLUMN customer.control_total.compare_time IS 'C1';
COMMENT ON COLUMN customer.control_total.differ_time IS 'C1: since when the range is known to differ';
ALTER TABLE customer.control_total ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer.control_total FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON customer.control_total TO customer_worker USING (true) WITH CHECK (true);
CREATE POLICY request_known ON customer.control_total TO customer_request USING (
  (SELECT nullif(current_setting('bankcrm.staff_id', true), '')) IS NOT NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON customer.control_total TO customer_worker;
GRANT SELECT ON customer.control_total TO customer_request;

-- The rows of a range. Those of a party are found by party_number.
CREATE INDEX account_source ON customer.account (source_id, source_system);

-- Down Migration
