-- Up Migration

CREATE SCHEMA audit;

-- Entries as they were received, and columns made from them to find them by. A shard is a partition of the topic.
CREATE TABLE audit.entry (
  shard integer NOT NULL,
  position bigint NOT NULL,
  number bigint NOT NULL,
  event_time timestamptz(3) NOT NULL,
  entry_id uuid NOT NULL,
  customer_id uuid,
  decision integer NOT NULL,
  high_privilege boolean NOT NULL,
  identifying boolean NOT NULL,
  financial boolean NOT NULL,
  readable boolean NOT NULL,
  service text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  operation text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  received bytea NOT NULL,
  PRIMARY KEY (shard, position)
);
COMMENT ON TABLE audit.entry IS 'The log. Only ever added to.';
COMMENT ON COLUMN audit.entry.shard IS 'C1 partition of the topic';
COMMENT ON COLUMN audit.entry.position IS 'C1 within the shard, from 0, without gaps';
COMMENT ON COLUMN audit.entry.number IS 'C1 within its service, as received';
COMMENT ON COLUMN audit.entry.event_time IS 'C1; 1970 where the entry tells none';
COMMENT ON COLUMN audit.entry.entry_id IS 'C1';
COMMENT ON COLUMN audit.entry.customer_id IS 'C1 the customer that the act concerns';
COMMENT ON COLUMN audit.entry.decision IS 'C1 1 allowed, 2 refused';
COMMENT ON COLUMN audit.entry.high_privilege IS 'C1';
COMMENT ON COLUMN audit.entry.identifying IS 'C1 whether a field of C2 identifying was shown or changed';
COMMENT ON COLUMN audit.entry.financial IS 'C1 whether a field of C2 financial was shown or changed';
COMMENT ON COLUMN audit.entry.readable IS 'C1 false: the bytes are no entry, and the other columns are empty';
COMMENT ON COLUMN audit.entry.service IS 'C1';
COMMENT ON COLUMN audit.entry.actor IS 'C1 staff/{uuid}, services/{client id} or anonymous';
COMMENT ON COLUMN audit.entry.operation IS 'C1 full name of the method';
COMMENT ON COLUMN audit.entry.reason IS 'C1';
COMMENT ON COLUMN audit.entry.received IS 'C1 the bytes as they came: what is hashed';

-- The keyset of every list is (event_time, entry_id); ties of a millisecond are sorted as they are read.
CREATE UNIQUE INDEX entry_by_id ON audit.entry (entry_id);
CREATE INDEX entry_by_time ON audit.entry (event_time);
CREATE INDEX entry_by_actor ON audit.entry (actor, event_time);
CREATE INDEX entry_by_customer ON audit.entry (customer_id, event_time) WHERE customer_id IS NOT NULL;
CREATE INDEX entry_by_operation ON audit.entry (operation, event_time);
CREATE INDEX entry_by_reason ON audit.entry (reason, event_time) WHERE reason <> '';
CREATE INDEX entry_refused ON audit.entry (event_time) WHERE decision = 2;
CREATE INDEX entry_high_privilege ON audit.entry (event_time) WHERE high_privilege;
CREATE INDEX entry_refused_high_privilege ON audit.entry (event_time) WHERE decision = 2 AND high_privilege;
CREATE INDEX entry_identifying ON audit.entry (event_time) WHERE identifying;

-- Where each shard goes on.
CREATE TABLE audit.shard (
  shard integer PRIMARY KEY,
  next_position bigint NOT NULL,
  chain bytea NOT NULL
) WITH (fillfactor = 50); -- Updated with every batch: room on the page keeps the updates heap-only.
COMMENT ON TABLE audit.shard IS 'The end of each shard.';
COMMENT ON COLUMN audit.shard.shard IS 'C1 partition of the topic';
COMMENT ON COLUMN audit.shard.next_position IS 'C1 of the entry that comes next';
COMMENT ON COLUMN audit.shard.chain IS 'C1 leaf hash of the record of the newest batch';

CREATE TABLE audit.batch (
  shard integer NOT NULL,
  first_position bigint NOT NULL,
  size integer NOT NULL,
  root bytea NOT NULL,
  previous bytea NOT NULL,
  head_number bigint,
  receive_time timestamptz(3) NOT NULL,
  PRIMARY KEY (shard, first_position)
);
CREATE INDEX batch_without_head ON audit.batch (shard, first_position) WHERE head_number IS NULL;
CREATE INDEX batch_by_head ON audit.batch (head_number);
COMMENT ON TABLE audit.batch IS 'Entries of a shard that were received together, with the Merkle root over them; each names the one before.';
COMMENT ON COLUMN audit.batch.shard IS 'C1';
COMMENT ON COLUMN audit.batch.first_position IS 'C1';
COMMENT ON COLUMN audit.batch.size IS 'C1';
COMMENT ON COLUMN audit.batch.root IS 'C1 over the leaf hashes of its entries (RFC 6962)';
COMMENT ON COLUMN audit.batch.previous IS 'C1 leaf hash of the record of the batch before it; zeros in the first';
COMMENT ON COLUMN audit.batch.head_number IS 'C1 the head that covers it; NULL: none yet';
COMMENT ON COLUMN audit.batch.receive_time IS 'C1';

CREATE TABLE audit.head (
  number bigint PRIMARY KEY,
  head bytea NOT NULL,
  signature bytea NOT NULL,
  key_version integer NOT NULL,
  sign_time timestamptz(3) NOT NULL,
  entry_count bigint NOT NULL,
  batch_count bigint NOT NULL,
  frontier bytea NOT NULL,
  anchor_time timestamptz(3)
);
CREATE INDEX head_not_anchored ON audit.head (number) WHERE anchor_time IS NULL;
COMMENT ON TABLE audit.head IS 'Signed heads over all shards.';
COMMENT ON COLUMN audit.head.number IS 'C1 from 1, without gaps';
COMMENT ON COLUMN audit.head.head IS 'C1 encoded bankcrm.audit.v1.Head: the bytes that are signed';
COMMENT ON COLUMN audit.head.signature IS 'C1';
COMMENT ON COLUMN audit.head.key_version IS 'C1';
COMMENT ON COLUMN audit.head.sign_time IS 'C1';
COMMENT ON COLUMN audit.head.entry_count IS 'C1 entries up to it';
COMMENT ON COLUMN audit.head.batch_count IS 'C1 batches up to it: the size of the tree';
COMMENT ON COLUMN audit.head.frontier IS 'C1 roots of the complete subtrees of the tree, 32 bytes each, the largest first';
COMMENT ON COLUMN audit.head.anchor_time IS 'C1 when it was in both anchors; NULL: it does not count yet';

-- Numbers on their way into audit.numbering.
CREATE TABLE audit.new_numbers (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  service text COLLATE "C" NOT NULL,
  numbers int8multirange NOT NULL,
  doubles int8multirange NOT NULL,
  entry_count bigint NOT NULL,
  unnumbered bigint NOT NULL
);
COMMENT ON TABLE audit.new_numbers IS 'Numbers of entries received, until they are compared with all before.';
COMMENT ON COLUMN audit.new_numbers.position IS 'C1';
COMMENT ON COLUMN audit.new_numbers.service IS 'C1 empty for what is no entry';
COMMENT ON COLUMN audit.new_numbers.numbers IS 'C1';
COMMENT ON COLUMN audit.new_numbers.doubles IS 'C1 that two entries of the batch have';
COMMENT ON COLUMN audit.new_numbers.entry_count IS 'C1';
COMMENT ON COLUMN audit.new_numbers.unnumbered IS 'C1 entries without a number';

CREATE TABLE audit.numbering (
  service text COLLATE "C" PRIMARY KEY,
  -- Compressing it, while partitions are read at different paces, took as long as all else that is done with numbers.
  numbers int8multirange STORAGE EXTERNAL NOT NULL,
  entry_count bigint NOT NULL
);
COMMENT ON TABLE audit.numbering IS 'The numbers of each service that have been received.';
COMMENT ON COLUMN audit.numbering.service IS 'C1';
COMMENT ON COLUMN audit.numbering.numbers IS 'C1';
COMMENT ON COLUMN audit.numbering.entry_count IS 'C1';

CREATE TABLE audit.finding (
  finding_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('GAP', 'DOUBLE', 'UNNUMBERED', 'UNREADABLE')),
  service text COLLATE "C" NOT NULL,
  first_number bigint NOT NULL,
  last_number bigint NOT NULL,
  find_time timestamptz(3) NOT NULL,
  settle_time timestamptz(3),
  UNIQUE (kind, service, first_number, last_number)
);
CREATE INDEX finding_open ON audit.finding (find_time) WHERE settle_time IS NULL;
COMMENT ON TABLE audit.finding IS 'What is wrong with the numbers of entries.';
COMMENT ON COLUMN audit.finding.finding_id IS 'C1';
COMMENT ON COLUMN audit.finding.kind IS 'C1';
COMMENT ON COLUMN audit.finding.service IS 'C1';
COMMENT ON COLUMN audit.finding.first_number IS 'C1';
COMMENT ON COLUMN audit.finding.last_number IS 'C1';
COMMENT ON COLUMN audit.finding.find_time IS 'C1';
COMMENT ON COLUMN audit.finding.settle_time IS 'C1 when a gap was filled after all';

GRANT USAGE ON SCHEMA audit TO audit_request, audit_worker;
GRANT SELECT, INSERT ON audit.entry TO audit_worker;
GRANT SELECT, INSERT, UPDATE ON audit.shard, audit.batch, audit.head, audit.numbering, audit.finding TO audit_worker;
GRANT SELECT, INSERT, DELETE ON audit.new_numbers TO audit_worker;
GRANT SELECT ON audit.entry, audit.shard, audit.batch, audit.head, audit.numbering, audit.finding TO audit_request;

DO $$
DECLARE
  name text;
BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'audit' LOOP
    EXECUTE format('ALTER TABLE audit.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY worker ON audit.%I TO audit_worker USING (true) WITH CHECK (true)', name);
  END LOOP;
END
$$;

-- Everybody the own trail; the whole log where the caller may search the bank's; otherwise that of the people named, those of a subtree.
CREATE POLICY reader ON audit.entry TO audit_request USING (
  actor = (SELECT 'staff/' || nullif(current_setting('bankcrm.staff_id', true), ''))
  OR (SELECT nullif(current_setting('bankcrm.bank', true), '')) IS NOT NULL
  -- The people are read once a statement: a cast outside of the SELECT would read them again for each row.
  OR actor = ANY (coalesce((SELECT nullif(current_setting('bankcrm.people', true), '')::text[]), '{}'))
);

-- How the log stands holds nothing about anybody.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['shard', 'batch', 'head', 'numbering', 'finding'] LOOP
    EXECUTE format(
      $policy$CREATE POLICY staff_only ON audit.%I TO audit_request USING (coalesce(current_setting('bankcrm.staff_id', true), '') <> '')$policy$, name);
  END LOOP;
END
$$;

-- Down Migration
