-- A bank of 100,000 customers made in the database: 40 sub-branches, 400 relationship managers, every hundredth customer with a dedicated one, every thousandth restricted, every 200th an
-- organisation, every 250th dormant, every 500th in private banking, every tenth affluent.
-- Run as the worker role. Ids are derived from numbers, so that tests can name rows.
INSERT INTO customer.org_unit (org_unit_id, code, display_name, parent_id, sequence)
SELECT ('10000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'B' || n, 'Sub-branch ' || n, '10000000-0000-7000-8000-000000000000'::uuid, 1
FROM generate_series(1, 40) AS n
UNION ALL SELECT '10000000-0000-7000-8000-000000000000', 'HQ', 'Head office', NULL, 1;

INSERT INTO customer.org_unit_closure (ancestor_id, descendant_id)
SELECT org_unit_id, org_unit_id FROM customer.org_unit
UNION ALL SELECT parent_id, org_unit_id FROM customer.org_unit WHERE parent_id IS NOT NULL;

INSERT INTO customer.customer (customer_id, kind, state, full_name, primary_number, segment, org_unit_id, home_org_unit_code, rm_staff_id, rm_staff_number,
  dedicated_rm_staff_id, restricted, birth_date, birthday, open_date, profile, version, name_order, name_form)
SELECT ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, CASE WHEN n % 200 = 5 THEN 'ORGANISATION' ELSE 'INDIVIDUAL' END,
  CASE WHEN n % 50 = 0 THEN 'CLOSED' WHEN n % 250 = 6 THEN 'DORMANT' ELSE 'ACTIVE' END,
  full_name,
  'C' || lpad(n::text, 7, '0'), CASE WHEN n % 500 = 9 THEN 'private' WHEN n % 10 = 1 THEN 'affluent' ELSE 'mass' END, ('10000000-0000-7000-8000-' || lpad((1 + n % 40)::text, 12, '0'))::uuid, 'B' || (1 + n % 40),
  ('30000000-0000-7000-8000-' || lpad((1 + n % 400)::text, 12, '0'))::uuid, lpad((100000 + 1 + n % 400)::text, 6, '0'),
  CASE WHEN n % 100 = 11 THEN ('30000000-0000-7000-8000-' || lpad((1 + n / 100 % 400)::text, 12, '0'))::uuid END, n % 1000 = 7, DATE '1960-01-01' + n % 15000, extract(month FROM DATE '1960-01-01' + n % 15000) * 100 + extract(day FROM DATE '1960-01-01' + n % 15000),
  DATE '2010-01-01' + n % 5000, '{"gender": "female"}', 1, full_name, 1
FROM generate_series(1, 100000) AS n, LATERAL (
  SELECT (ARRAY['张','王','李','赵','陈','单','曾','解','查','仇','刘','杨','黄','周','吴','徐','孙','马','朱','胡'])[1 + n / 401 % 20] || chr(19968 + n % 5000) || chr(20000 + n / 20) AS full_name) AS named;

INSERT INTO customer.customer_summary (customer_id, total_assets_minor, next_maturity_date)
SELECT ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, (n::bigint * 7919 % 100000007) * 10, CASE WHEN n % 3 = 0 THEN DATE '2026-01-01' + n % 700 END
FROM generate_series(1, 100000) AS n;

INSERT INTO customer.party (party_id, customer_id, source_system, source_id)
SELECT ('40000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'core', 'C' || lpad(n::text, 7, '0')
FROM generate_series(1, 100000) AS n;

INSERT INTO customer.name_token (token, customer_id, kind)
SELECT token, customer_id, kind FROM (
  SELECT customer_id, full_name AS token, 1 AS kind FROM customer.customer
  UNION ALL SELECT customer_id, substr(full_name, 2), 1 FROM customer.customer
  UNION ALL SELECT customer_id, (ARRAY['hu','zhang','wang','li','zhao','chen','shan','zeng','xie','zha','qiu','liu','yang','huang','zhou','wu','xu','sun','ma','zhu'])[1 + right(primary_number, 6)::int / 401 % 20] || 'p' || right(primary_number, 6)::int % 400, 2 FROM customer.customer
  UNION ALL SELECT customer_id, (ARRAY['h','z','w','l','z','c','s','z','x','z','q','l','y','h','z','w','x','s','m','z'])[1 + right(primary_number, 6)::int / 401 % 20] || chr(97 + right(primary_number, 6)::int % 26) || chr(97 + right(primary_number, 6)::int / 26 % 26), 3 FROM customer.customer
) AS tokens
ON CONFLICT DO NOTHING;

-- Two words that a third of the bank has each and nobody together, and one that every thousandth has beside the second.
INSERT INTO customer.name_token (token, customer_id, kind)
SELECT CASE n % 3 WHEN 0 THEN 'alpha' ELSE 'beta' END, ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 1
FROM generate_series(1, 100000) AS n WHERE n % 3 < 2
UNION ALL
SELECT 'gammaray', ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 1 FROM generate_series(1, 100000, 999) AS n;

INSERT INTO customer.identifying_value (value_id, party_id, category, kind, masked, sealed, blind_index, index_version, preferred)
SELECT ('50000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, ('40000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'contact', 'mobile', '138****' || right(lpad(n::text, 4, '0'), 4),
  '\x00', decode(md5('mobile' || n), 'hex'), 1, true
FROM generate_series(1, 100000) AS n;

INSERT INTO customer.account (account_id, source_system, source_id, version, kind, state, number_masked, number_index, currency_code, balance_minor, holder_count)
SELECT ('60000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'core', 'A' || n, 1, (ARRAY['deposit', 'term-deposit', 'loan'])[1 + n % 3], 'active', '************' || right(lpad(n::text, 4, '0'), 4),
  decode(md5('account' || n), 'hex'), 'CNY', n * 100, 1
FROM generate_series(1, 200000) AS n;

INSERT INTO customer.holder (party_id, account_id, role)
SELECT ('40000000-0000-7000-8000-' || lpad((1 + (n - 1) / 2)::text, 12, '0'))::uuid, ('60000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 1
FROM generate_series(1, 200000) AS n;

-- Two hundred transactions for each of the first 200 accounts, one for each of some others.
INSERT INTO customer.transaction (transaction_id, account_id, party_id, sequence, post_time, booking_date, direction, currency_code, amount_minor, balance_after_minor, kind, channel,
  counterparty_name, counterparty_masked, remark, source_transaction_id, reverses_source_transaction_id)
SELECT gen_random_uuid(), ('60000000-0000-7000-8000-' || lpad(a::text, 12, '0'))::uuid, ('40000000-0000-7000-8000-' || lpad((1 + (a - 1) / 2)::text, 12, '0'))::uuid, t,
  TIMESTAMPTZ '2026-01-01' + t * interval '1 hour' + a * interval '1 second', DATE '2026-01-01', 1 + t % 2, 'CNY', t * 100, t * 1000, 'transfer', 'mobile', '', '', '', 'T' || a || '-' || t, ''
FROM generate_series(1, 20000) AS a, generate_series(1, CASE WHEN a <= 200 THEN 200 ELSE 1 END) AS t;

INSERT INTO customer.collaborator (customer_id, staff_id)
SELECT ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, ('30000000-0000-7000-8000-' || lpad((1 + (n / 100) % 400)::text, 12, '0'))::uuid
FROM generate_series(50, 100000, 100) AS n;

INSERT INTO customer.service_access (staff_id, customer_id, served_time)
SELECT '30000000-0000-7000-8000-000000009999', ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, now() - interval '1 day'
FROM generate_series(3, 100000, 500) AS n;

INSERT INTO customer.participant (customer_id, staff_id, reason, source)
SELECT ('20000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, '30000000-0000-7000-8000-000000000008', 'named', 'manual'
FROM generate_series(7, 100000, 1000) AS n;

-- Five hundred grants of 20 customers each, five for each of a hundred relationship managers.
INSERT INTO customer.access_grant (grant_id, customer_id, staff_id, expire_time)
SELECT ('80000000-0000-7000-8000-' || lpad((n / 20)::text, 12, '0'))::uuid, ('20000000-0000-7000-8000-' || lpad((1 + n * 9)::text, 12, '0'))::uuid,
  ('30000000-0000-7000-8000-' || lpad((1 + n / 100)::text, 12, '0'))::uuid, now() + CASE WHEN n % 2 = 0 THEN interval '10 days' ELSE interval '-10 days' END
FROM generate_series(0, 9999) AS n;

-- Fifty thousand tickets in five hundred queues of three people each; every tenth is one person's alone.
INSERT INTO customer.ticket_access (customer_id, ticket_id, staff_id, queue_id)
SELECT ('20000000-0000-7000-8000-' || lpad((n * 2)::text, 12, '0'))::uuid, gen_random_uuid(),
  CASE WHEN n % 10 = 0 THEN ('30000000-0000-7000-8000-' || lpad((9000 + n / 10 % 500)::text, 12, '0'))::uuid END,
  CASE WHEN n % 10 > 0 THEN ('90000000-0000-7000-8000-' || lpad((n % 500)::text, 12, '0'))::uuid END
FROM generate_series(1, 50000) AS n;
INSERT INTO customer.queue_member (queue_id, staff_id)
SELECT ('90000000-0000-7000-8000-' || lpad(q::text, 12, '0'))::uuid, ('30000000-0000-7000-8000-' || lpad((9000 + (q + s) % 500)::text, 12, '0'))::uuid
FROM generate_series(0, 499) AS q, generate_series(0, 2) AS s;

-- Two hundred interactions and entries of the timeline for each of the first 100 customers, one for each of some others.
INSERT INTO customer.interaction (interaction_id, customer_id, kind, direction, summary, occur_time, staff_id)
SELECT gen_random_uuid(), ('20000000-0000-7000-8000-' || lpad(c::text, 12, '0'))::uuid, 'call', 'inbound', 'x',
  TIMESTAMPTZ '2026-01-01' + n * interval '1 hour', '30000000-0000-7000-8000-000000000002'
FROM generate_series(1, 20000) AS c, generate_series(1, CASE WHEN c <= 100 THEN 200 ELSE 1 END) AS n;

INSERT INTO customer.timeline_entry (customer_id, entry_id, sequence, event_time, label_zh, label_en, resource, subject, financial, permission, hidden_from, removed)
SELECT ('20000000-0000-7000-8000-' || lpad(c::text, 12, '0'))::uuid, gen_random_uuid(), 1, TIMESTAMPTZ '2026-01-01' + n * interval '1 hour', 'x', 'x',
  'tickets/30000000-0000-7000-8000-000000000002', '', false, '', '{}', n % 10 = 0
FROM generate_series(1, 20000) AS c, generate_series(1, CASE WHEN c <= 100 THEN 200 ELSE 1 END) AS n;

INSERT INTO customer.panel (customer_id, panel, sequence, content)
SELECT ('20000000-0000-7000-8000-' || lpad(c::text, 12, '0'))::uuid, 'tickets', 1, '' FROM generate_series(1, 20000) AS c;
