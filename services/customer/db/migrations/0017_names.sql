-- Up Migration

-- Lists come in the order in which a Chinese reader looks names up, which no collation of PostgreSQL knows: the service writes a text that sorts so.
-- Who has none yet comes last, like customers without a name.
ALTER TABLE customer.customer
  ADD COLUMN name_order text COLLATE "C" NOT NULL DEFAULT U&'\+10FFFF',
  ADD COLUMN name_form smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN customer.customer.name_order IS 'C1: sorts as the name does: 单伟 is shan4单wei3伟';
COMMENT ON COLUMN customer.customer.name_form IS 'C1: which way of making order and name tokens the row was written by; a background job renews older ones';

DROP INDEX customer.customer_name;
CREATE INDEX customer_name ON customer.customer (name_order, customer_id) WHERE state IN ('ACTIVE', 'DORMANT');
CREATE INDEX customer_old_name ON customer.customer (customer_id) WHERE name_form < 1 AND full_name <> '';

-- Down Migration
