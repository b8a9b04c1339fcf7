-- Up Migration

-- A list of the whole bank filtered by what few customers have reads those few. Where most have it, the index of the order finds a page at once.
CREATE INDEX customer_segment ON customer.customer (segment, org_unit_id);
CREATE INDEX customer_organisation ON customer.customer (customer_id) WHERE kind = 'ORGANISATION';
CREATE INDEX customer_dormant ON customer.customer (customer_id) WHERE state = 'DORMANT';

-- The birthdays coming in a branch are found among its own customers, not among those of the bank.
DROP INDEX customer.customer_org_unit;
CREATE INDEX customer_org_unit ON customer.customer (org_unit_id, birthday);

-- Down Migration
