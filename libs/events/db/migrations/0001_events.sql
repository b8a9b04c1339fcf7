-- What every service with a consumer or an outbox keeps: positions in Kafka, events waiting to be sent, messages that could not be applied.
CREATE SCHEMA events;

CREATE TABLE events.kafka_offset (
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL CHECK (next_offset >= 0),
  applied_messages bigint NOT NULL DEFAULT 0,
  last_message_time timestamptz,
  caught_up_time timestamptz,
  waiting_message_time timestamptz,
  stopped_reason text,
  stopped_detail text,
  stop_time timestamptz,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (consumer_group, topic, partition)
) WITH (fillfactor = 50); -- One row per partition, updated with every batch: room on the page keeps the updates heap-only.
COMMENT ON TABLE events.kafka_offset IS 'Where each partition goes on. Moved by compare-and-set in the transaction that writes the rows; Kafka''s own committed offset is a hint only.';
COMMENT ON COLUMN events.kafka_offset.consumer_group IS 'C1';
COMMENT ON COLUMN events.kafka_offset.topic IS 'C1 name as in the contract, without the prefix of a test';
COMMENT ON COLUMN events.kafka_offset.partition IS 'C1';
COMMENT ON COLUMN events.kafka_offset.next_offset IS 'C1 first offset not yet applied';
COMMENT ON COLUMN events.kafka_offset.applied_messages IS 'C1 since the start of time, dead letters not counted; repeated messages count again';
COMMENT ON COLUMN events.kafka_offset.last_message_time IS 'C1 timestamp of the newest message applied';
COMMENT ON COLUMN events.kafka_offset.caught_up_time IS 'C1 when a check last found nothing waiting';
COMMENT ON COLUMN events.kafka_offset.waiting_message_time IS 'C1 timestamp of the message at next_offset where the consumer has seen it and waits in front of it';
COMMENT ON COLUMN events.kafka_offset.stopped_reason IS 'C1 why the partition stands still until a person decides';
COMMENT ON COLUMN events.kafka_offset.stopped_detail IS 'C1';
COMMENT ON COLUMN events.kafka_offset.stop_time IS 'C1';
COMMENT ON COLUMN events.kafka_offset.update_time IS 'C1';

-- Shaped for Debezium's outbox event router: id, aggregatetype, aggregateid, type and payload carry their default names.
CREATE TABLE events.outbox (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL,
  aggregatetype text NOT NULL,
  aggregateid text NOT NULL,
  type text NOT NULL,
  topic text NOT NULL,
  key text NOT NULL,
  payload bytea NOT NULL CHECK (octet_length(payload) <= 1048576),
  content_type text NOT NULL DEFAULT 'application/protobuf',
  headers jsonb NOT NULL DEFAULT '{}' CHECK (octet_length(headers::text) <= 1024),
  subject text NOT NULL,
  sequence bigint,
  entry_number bigint,
  event_time timestamptz NOT NULL,
  create_time timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (
  -- Rows live for milliseconds. Dead ones at the front of the index are what the next sweep has to step over.
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_scale_factor = 0
);
COMMENT ON TABLE events.outbox IS 'Events not yet in Kafka, written in the transaction of the change they report; the relay deletes what Kafka has acknowledged.';
COMMENT ON COLUMN events.outbox.position IS 'C1 order of insertion, not of commit: gaps fill up late';
COMMENT ON COLUMN events.outbox.id IS 'C1 ce_id';
COMMENT ON COLUMN events.outbox.aggregatetype IS 'C1';
COMMENT ON COLUMN events.outbox.aggregateid IS 'C1';
COMMENT ON COLUMN events.outbox.type IS 'C1 ce_type';
COMMENT ON COLUMN events.outbox.topic IS 'C1';
COMMENT ON COLUMN events.outbox.key IS 'C1 partition key: an id';
COMMENT ON COLUMN events.outbox.payload IS 'C1 ids and keyed hashes, never identifiers';
COMMENT ON COLUMN events.outbox.content_type IS 'C1';
COMMENT ON COLUMN events.outbox.headers IS 'C1 traceparent and the like';
COMMENT ON COLUMN events.outbox.subject IS 'C1 ce_subject: a resource name';
COMMENT ON COLUMN events.outbox.sequence IS 'C1 version of the aggregate';
COMMENT ON COLUMN events.outbox.entry_number IS 'C1 number of an audit entry within its service, given before it is first sent';
COMMENT ON COLUMN events.outbox.event_time IS 'C1 ce_time';
COMMENT ON COLUMN events.outbox.create_time IS 'C1';

CREATE TABLE events.entry_counter (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  last_number bigint NOT NULL
);
COMMENT ON TABLE events.entry_counter IS 'Last number given to an audit entry of this service.';
COMMENT ON COLUMN events.entry_counter.only_row IS 'C1';
COMMENT ON COLUMN events.entry_counter.last_number IS 'C1';
INSERT INTO events.entry_counter (last_number) VALUES (0);

-- A sequence leaves gaps when a transaction rolls back; a counter row does not. The row lock makes two relays that both believe they lead
-- take turns, and each statement after it sees what the other one has committed.
CREATE FUNCTION events.number_entries(positions bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  given bigint;
BEGIN
  PERFORM 1 FROM events.entry_counter FOR UPDATE;
  UPDATE events.outbox AS entry
  SET entry_number = counter.last_number + numbered.ordinal
  FROM events.entry_counter AS counter, (
    SELECT waiting.position, row_number() OVER (ORDER BY waiting.position) AS ordinal
    FROM events.outbox AS waiting
    WHERE waiting.position = ANY (positions) AND waiting.entry_number IS NULL
  ) AS numbered
  WHERE entry.position = numbered.position;
  GET DIAGNOSTICS given = ROW_COUNT;
  UPDATE events.entry_counter SET last_number = last_number + given;
END
$$;

-- For SQL functions that change and report in one round trip; everybody else uses appendToOutbox.
CREATE FUNCTION events.append_outbox(
  id uuid, aggregatetype text, aggregateid text, type text, topic text, key text, payload bytea,
  headers jsonb, subject text, sequence bigint, event_time timestamptz
) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
  INSERT INTO events.outbox (id, aggregatetype, aggregateid, type, topic, key, payload, headers, subject, sequence, event_time)
  VALUES (id, aggregatetype, aggregateid, type, topic, key, payload, headers, subject, sequence, event_time);
END;

CREATE TABLE events.dead_letter (
  id uuid PRIMARY KEY,
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  message_time timestamptz NOT NULL,
  consumer_group text NOT NULL,
  source_system text NOT NULL,
  reason text NOT NULL,
  field text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'WAITING' CHECK (state IN ('WAITING', 'REPLAYED', 'DISCARDED')),
  sealed_message bytea NOT NULL,
  sealed_correction bytea,
  size_bytes integer NOT NULL,
  attempts integer NOT NULL DEFAULT 1,
  receive_time timestamptz NOT NULL,
  update_time timestamptz NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  UNIQUE (topic, partition, "offset", consumer_group)
);
-- People work through what waits, by reason; the rest is history.
CREATE INDEX dead_letter_waiting ON events.dead_letter (reason, id) WHERE state = 'WAITING';
ALTER TABLE events.dead_letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE events.dead_letter FORCE ROW LEVEL SECURITY;
COMMENT ON TABLE events.dead_letter IS 'Messages that could not be applied, as received and encrypted, each with its reason.';
COMMENT ON COLUMN events.dead_letter.id IS 'C1';
COMMENT ON COLUMN events.dead_letter.topic IS 'C1';
COMMENT ON COLUMN events.dead_letter.partition IS 'C1';
COMMENT ON COLUMN events.dead_letter."offset" IS 'C1';
COMMENT ON COLUMN events.dead_letter.message_time IS 'C1 Kafka''s timestamp of the message';
COMMENT ON COLUMN events.dead_letter.consumer_group IS 'C1';
COMMENT ON COLUMN events.dead_letter.source_system IS 'C1 empty where the message does not say';
COMMENT ON COLUMN events.dead_letter.reason IS 'C1';
COMMENT ON COLUMN events.dead_letter.field IS 'C1 path of the field at fault, never its value';
COMMENT ON COLUMN events.dead_letter.state IS 'C1';
COMMENT ON COLUMN events.dead_letter.sealed_message IS 'C2 sealed: headers, key and value as received';
COMMENT ON COLUMN events.dead_letter.sealed_correction IS 'C2 sealed: headers, key and value to apply instead';
COMMENT ON COLUMN events.dead_letter.size_bytes IS 'C1 of key and value';
COMMENT ON COLUMN events.dead_letter.attempts IS 'C1 how often it was tried';
COMMENT ON COLUMN events.dead_letter.receive_time IS 'C1';
COMMENT ON COLUMN events.dead_letter.update_time IS 'C1';
COMMENT ON COLUMN events.dead_letter.version IS 'C1 for the etag';
