-- Up Migration

-- Topics that keep the newest state are fed from marks: a transaction says which keys it changed, and the publisher sends what stands behind them once.
CREATE TABLE events.epoch (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  epoch bigint NOT NULL DEFAULT 0 CHECK (epoch BETWEEN 0 AND 8388607)
);
COMMENT ON TABLE events.epoch IS 'Raised by one when the database was restored, so that every sequence given after it is above those given before.';
COMMENT ON COLUMN events.epoch.only_row IS 'C1';
COMMENT ON COLUMN events.epoch.epoch IS 'C1 sequence = epoch * 2^40 + version';
INSERT INTO events.epoch DEFAULT VALUES;

CREATE TABLE events.state_mark (
  topic text NOT NULL,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  key text COLLATE "C" NOT NULL,
  PRIMARY KEY (topic, xid, key)
) WITH (
  -- As those of the outbox these rows live for milliseconds.
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_scale_factor = 0
);
COMMENT ON TABLE events.state_mark IS 'Keys whose state changed and is not yet in Kafka, written in the transaction of the change; the publisher deletes what Kafka has acknowledged.';
COMMENT ON COLUMN events.state_mark.topic IS 'C1 short name of the feed';
COMMENT ON COLUMN events.state_mark.xid IS 'C1 the transaction that changed it: no two transactions wait for one another over a key';
COMMENT ON COLUMN events.state_mark.key IS 'C1 key of the message: an id';

CREATE TABLE events.state_feed (
  topic text PRIMARY KEY,
  turn bigint NOT NULL DEFAULT 4294967296,
  epoch bigint,
  asked bigint NOT NULL DEFAULT 0,
  done bigint NOT NULL DEFAULT 0,
  run_epoch bigint,
  run_asked bigint,
  run_last_key text,
  CHECK (num_nulls(run_epoch, run_asked, run_last_key) IN (0, 3))
);
COMMENT ON TABLE events.state_feed IS 'How far the publisher of newest states has come with each feed.';
COMMENT ON COLUMN events.state_feed.topic IS 'C1 short name of the feed';
COMMENT ON COLUMN events.state_feed.turn IS 'C1 the last turn; begins above every version that was a sequence before there were turns';
COMMENT ON COLUMN events.state_feed.epoch IS 'C1 the last in which all keys were marked; NULL: they never were';
COMMENT ON COLUMN events.state_feed.asked IS 'C1 how often a person has asked that all keys be marked again';
COMMENT ON COLUMN events.state_feed.done IS 'C1 what asked was when the marking of all keys that was completed last had begun';
COMMENT ON COLUMN events.state_feed.run_epoch IS 'C1 in which the marking of all keys that goes on was begun; NULL: none goes on';
COMMENT ON COLUMN events.state_feed.run_asked IS 'C1 what asked was then';
COMMENT ON COLUMN events.state_feed.run_last_key IS 'C1 the last key that it has marked: an id; empty before the first';

-- A worker has them to itself; a request adds marks and sees none.
ALTER TABLE events.epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.epoch FORCE ROW LEVEL SECURITY;
ALTER TABLE events.state_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.state_mark FORCE ROW LEVEL SECURITY;
ALTER TABLE events.state_feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.state_feed FORCE ROW LEVEL SECURITY;

-- For triggers and SQL functions; everybody else uses markStates.
CREATE FUNCTION events.mark_states(feed text, keys text[]) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
  INSERT INTO events.state_mark (topic, key) SELECT feed, key FROM unnest(keys) AS changed (key) ON CONFLICT DO NOTHING;
END;

-- Down Migration
