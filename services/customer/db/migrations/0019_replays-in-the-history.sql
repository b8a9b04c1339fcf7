-- Up Migration

-- A replay runs as the worker and writes, for what a person had corrected, that person's act into the customer's history.
GRANT EXECUTE ON FUNCTION customer.record_act, events.append_outbox TO customer_worker;

-- Down Migration
