-- Up Migration

-- What other services say happened with a customer: the newest version of each entry. A removed one stays as a row, so that an older version of it that
-- comes again brings nothing back.
CREATE TABLE customer.timeline_entry (
  customer_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  sequence bigint NOT NULL,
  event_time timestamptz NOT NULL,
  label_zh text NOT NULL,
  label_en text NOT NULL,
  resource text NOT NULL,
  resource_type text NOT NULL GENERATED ALWAYS AS (split_part(resource, '/', 1)) STORED,
  subject text NOT NULL,
  financial boolean NOT NULL,
  permission text NOT NULL,
  hidden_from uuid[] NOT NULL,
  removed boolean NOT NULL,
  PRIMARY KEY (customer_id, entry_id)
);
CREATE INDEX timeline_entry_customer ON customer.timeline_entry (customer_id, event_time DESC, entry_id DESC) WHERE NOT removed;
COMMENT ON COLUMN customer.timeline_entry.customer_id IS 'C1';
COMMENT ON COLUMN customer.timeline_entry.entry_id IS 'C1: chosen by the publisher';
COMMENT ON COLUMN customer.timeline_entry.sequence IS 'C1: an older one never overwrites a newer one';
COMMENT ON COLUMN customer.timeline_entry.event_time IS 'C1';
COMMENT ON COLUMN customer.timeline_entry.label_zh IS 'C2 financial: where the entry is';
COMMENT ON COLUMN customer.timeline_entry.label_en IS 'C2 financial: where the entry is';
COMMENT ON COLUMN customer.timeline_entry.resource IS 'C1: tickets/{uuid}';
COMMENT ON COLUMN customer.timeline_entry.resource_type IS 'C1: tickets';
COMMENT ON COLUMN customer.timeline_entry.subject IS 'C1: name of the resource that it belongs to, or empty';
COMMENT ON COLUMN customer.timeline_entry.financial IS 'C1: shown with the permission for financial data only';
COMMENT ON COLUMN customer.timeline_entry.permission IS 'C1: shown to its holders only; empty: to everybody in scope';
COMMENT ON COLUMN customer.timeline_entry.hidden_from IS 'C1: staff for whom it does not exist';
COMMENT ON COLUMN customer.timeline_entry.removed IS 'C1';

ALTER TABLE customer.timeline_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer.timeline_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON customer.timeline_entry TO customer_worker USING (true) WITH CHECK (true);
CREATE POLICY request_scope ON customer.timeline_entry TO customer_request USING (
  NOT removed
  AND NOT (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) = ANY (hidden_from)
  AND EXISTS (SELECT FROM customer.customer AS seen WHERE seen.customer_id = timeline_entry.customer_id OFFSET 0));
GRANT SELECT, INSERT, UPDATE, DELETE ON customer.timeline_entry TO customer_worker;
GRANT SELECT ON customer.timeline_entry TO customer_request;

-- What an interaction was about.
ALTER TABLE customer.interaction ADD COLUMN subject text NOT NULL DEFAULT '';
COMMENT ON COLUMN customer.interaction.subject IS 'C1: name of a resource, or empty';

-- A panel does not exist for those that it is hidden from.
ALTER TABLE customer.panel ADD COLUMN hidden_from uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN customer.panel.hidden_from IS 'C1: staff for whom it does not exist';
ALTER POLICY request_scope ON customer.panel USING (
  NOT (SELECT nullif(current_setting('bankcrm.staff_id', true), '')::uuid) = ANY (hidden_from)
  AND EXISTS (SELECT FROM customer.customer AS seen WHERE seen.customer_id = panel.customer_id OFFSET 0));

-- Down Migration
