-- A log of 200,000 entries made in the database: 400 people of unequal industry, 20,000 customers, three of a hundred refused, one of a hundred a reveal, a rare
-- operation, and a system. Run as the worker role. Ids are derived from numbers, so that tests can name rows.
INSERT INTO audit.entry (shard, position, number, event_time, entry_id, customer_id, decision, high_privilege, identifying, financial, readable, service, actor,
  operation, reason, received)
SELECT n % 12, n / 12, n, TIMESTAMPTZ '2026-01-01Z' + n * INTERVAL '30 seconds', ('40000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
  CASE WHEN n % 4 > 0 AND n % 50 <> 20 THEN ('20000000-0000-7000-8000-' || lpad((n * 7919 % 20000)::text, 12, '0'))::uuid END,
  CASE WHEN n % 100 < 3 THEN 2 ELSE 1 END, n % 100 = 50, n % 100 = 50, n % 100 > 60, true, CASE WHEN n % 20 = 19 THEN 'quota' ELSE 'customer' END,
  CASE WHEN n % 50 = 20 THEN 'services/customer'
    ELSE 'staff/30000000-0000-7000-8000-' || lpad((floor(power(n * 7907 % 100000 / 100000.0, 2) * 400))::text, 12, '0') END,
  CASE WHEN n % 50000 = 1 THEN 'Customers/LiftRestriction' WHEN n % 20 = 19 THEN 'Assignments/ListAssignments' WHEN n % 50 = 20 THEN 'sync/customers'
    WHEN n % 100 = 50 THEN 'Customers/RevealFields' WHEN n % 4 = 0 THEN 'Customers/ListCustomers' ELSE 'Customers/ViewCustomer360' END,
  CASE WHEN n % 10000 = 2 THEN 'RARE_REASON' WHEN n % 100 < 3 THEN 'CUSTOMER_NOT_FOUND' WHEN n % 100 = 50 THEN 'CALL_BACK' ELSE '' END,
  decode(repeat(md5(n::text), 20), 'hex')
FROM generate_series(0, 199999) AS n;
