-- Up Migration

ALTER TABLE customer.account ADD COLUMN flags text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN customer.account.flags IS 'C1: oddities that were accepted';

-- Down Migration
