-- Up Migration

-- What identifying values are indexed by and how they are masked changes now and then. Rows written before are renewed bit by bit (renew-forms); the index
-- holds those that wait and is empty afterwards. The default is what the service wrote before this migration, and still writes where it runs beside.
ALTER TABLE customer.identifying_value ADD COLUMN form smallint NOT NULL DEFAULT 1;
COMMENT ON COLUMN customer.identifying_value.form IS 'C1: version of the rules by which blind index and mask were made';
CREATE INDEX identifying_value_old_form ON customer.identifying_value (value_id) WHERE form < 2;

-- Down Migration
