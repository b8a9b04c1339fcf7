-- Up Migration

-- What applying the stream needs beside the tables.

-- A code may pass from one unit to another, and the two changes arrive in any order: only the directory knows that codes are unique.
DROP INDEX customer.org_unit_code;
CREATE INDEX org_unit_code ON customer.org_unit (code, sequence DESC);

-- Customers whose unit or relationship manager could not be made out when they came: few, and looked for every second.
CREATE INDEX customer_unplaced ON customer.customer (home_org_unit_code) WHERE org_unit_id IS NULL AND home_org_unit_code <> '';
CREATE INDEX customer_unmanaged ON customer.customer (rm_staff_number) WHERE rm_staff_id IS NULL AND rm_staff_number <> '';

-- Customers whose totals depend on a rate. Most hold the bank's currency only and are not in it.
CREATE INDEX customer_summary_currencies ON customer.customer_summary USING gin (currencies) WHERE currencies <> '{}';

-- Currencies whose rate has changed, and how far the customers that hold them have been computed anew: done in bounded transactions, resumed after a crash.
CREATE TABLE customer.stale_currency (
  currency_code text PRIMARY KEY,
  after_customer_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);
COMMENT ON COLUMN customer.stale_currency.currency_code IS 'C1';
COMMENT ON COLUMN customer.stale_currency.after_customer_id IS 'C1: customers up to this one are done';
ALTER TABLE customer.stale_currency ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer.stale_currency FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON customer.stale_currency TO customer_worker USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON customer.stale_currency TO customer_worker;

-- PostgreSQL rounds a half away from zero; the bank's totals are rounded half to even, as the kernel's convert() does.
CREATE FUNCTION customer.half_even(amount numeric) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN abs(amount - trunc(amount)) = 0.5 THEN 2 * round(amount / 2) ELSE round(amount) END;

-- Down Migration
