-- Up Migration

-- A topic that holds identifying data is fed through the outbox like any other; what waits there to be sent is sealed.
ALTER TABLE events.outbox
  ADD COLUMN is_sealed boolean NOT NULL DEFAULT false,
  DROP CONSTRAINT outbox_payload_check,
  -- 1 MiB and what sealing adds.
  ADD CONSTRAINT outbox_payload_check CHECK (octet_length(payload) <= 1049600);
COMMENT ON COLUMN events.outbox.payload IS 'C1 ids and keyed hashes; C2 sealed where is_sealed says so';
COMMENT ON COLUMN events.outbox.is_sealed IS 'C1 whether the relay opens the payload before it sends it';

-- Down Migration
