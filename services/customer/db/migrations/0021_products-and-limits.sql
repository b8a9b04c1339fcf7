-- Up Migration

-- The catalogue: the newest state of each product of each source. No customer's data.
CREATE TABLE customer.product (
  product_id uuid PRIMARY KEY,
  source_system text NOT NULL,
  product_code text NOT NULL,
  version bigint NOT NULL,
  line text NOT NULL,
  kind text NOT NULL,
  display_name_zh text NOT NULL,
  display_name_en text NOT NULL,
  risk_level text NOT NULL,
  annual_margin_micros bigint,
  sale_start_date date,
  sale_end_date date,
  flags text[] NOT NULL DEFAULT '{}',
  content_hash bytea NOT NULL,
  source_time timestamptz,
  update_time timestamptz NOT NULL,
  UNIQUE (source_system, product_code)
);
COMMENT ON COLUMN customer.product.product_id IS 'C1: derived from source system and code';
COMMENT ON COLUMN customer.product.source_system IS 'C1';
COMMENT ON COLUMN customer.product.product_code IS 'C1: as accounts name it';
COMMENT ON COLUMN customer.product.version IS 'C1: of the source';
COMMENT ON COLUMN customer.product.line IS 'C1: line of business';
COMMENT ON COLUMN customer.product.kind IS 'C1: kind of a holding of it; empty: not known here';
COMMENT ON COLUMN customer.product.display_name_zh IS 'C1';
COMMENT ON COLUMN customer.product.display_name_en IS 'C1';
COMMENT ON COLUMN customer.product.risk_level IS 'C1';
COMMENT ON COLUMN customer.product.annual_margin_micros IS 'C1: what the bank earns in a year, in millionths of the balance';
COMMENT ON COLUMN customer.product.sale_start_date IS 'C1';
COMMENT ON COLUMN customer.product.sale_end_date IS 'C1: the last day';
COMMENT ON COLUMN customer.product.flags IS 'C1: oddities that were accepted';
COMMENT ON COLUMN customer.product.content_hash IS 'C1: keyed hash; tells whether a repair differs';
COMMENT ON COLUMN customer.product.source_time IS 'C1: when the source made this version';
COMMENT ON COLUMN customer.product.update_time IS 'C1';

ALTER TABLE customer.product ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer.product FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON customer.product TO customer_worker USING (true) WITH CHECK (true);
-- What is no customer's data needs a caller all the same.
CREATE POLICY request_known ON customer.product TO customer_request USING (
  (SELECT nullif(current_setting('bankcrm.staff_id', true), '')) IS NOT NULL);
GRANT SELECT, INSERT, UPDATE ON customer.product TO customer_worker;
GRANT SELECT ON customer.product TO customer_request;

-- A list of {kind, channel, currency_code, minor_units}, the amount as text: JSON numbers lose digits.
ALTER TABLE customer.account ADD COLUMN transaction_limits jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN customer.account.transaction_limits IS 'C2 financial: what may be moved at once and in a day';

-- Down Migration
