-- Up Migration

-- Requests to send again are forgotten some time after the last answer that counts; the customers that they asked for go with them (ON DELETE CASCADE).
GRANT DELETE ON customer.resync TO customer_worker;

-- Down Migration
