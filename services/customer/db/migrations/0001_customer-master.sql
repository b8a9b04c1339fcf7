-- Up Migration

-- The customer master: parties and the customers behind them, what identifies them, what they hold, what was posted, who met them.
-- Ids of parties, accounts and transactions are derived from their keys in the source system, so no message waits for another one;
-- that is also why there are no foreign keys between tables that different topics fill.

CREATE SCHEMA customer;

-- Keys -----------------------------------------------------------------------------------------------------------------

CREATE TABLE customer.data_key (
  class text NOT NULL,
  version int NOT NULL,
  wrapped bytea NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (class, version)
);
COMMENT ON COLUMN customer.data_key.class IS 'C1: what the key seals: field, message';
COMMENT ON COLUMN customer.data_key.version IS 'C1';
COMMENT ON COLUMN customer.data_key.wrapped IS 'C1: the data key under the key-encryption key';
COMMENT ON COLUMN customer.data_key.create_time IS 'C1';

-- Org units: a projection of the directory's topic --------------------------------------------------------------------

CREATE TABLE customer.org_unit (
  org_unit_id uuid PRIMARY KEY,
  code text NOT NULL,
  display_name text NOT NULL,
  parent_id uuid,
  sequence bigint NOT NULL
);
CREATE UNIQUE INDEX org_unit_code ON customer.org_unit (code);
COMMENT ON COLUMN customer.org_unit.org_unit_id IS 'C1';
COMMENT ON COLUMN customer.org_unit.code IS 'C1: as core banking writes it';
COMMENT ON COLUMN customer.org_unit.display_name IS 'C1';
COMMENT ON COLUMN customer.org_unit.parent_id IS 'C1';
COMMENT ON COLUMN customer.org_unit.sequence IS 'C1: an older one never overwrites a newer one';

CREATE TABLE customer.org_unit_closure (
  ancestor_id uuid NOT NULL,
  descendant_id uuid NOT NULL,
  PRIMARY KEY (ancestor_id, descendant_id)
);
CREATE INDEX org_unit_closure_descendant ON customer.org_unit_closure (descendant_id);
COMMENT ON COLUMN customer.org_unit_closure.ancestor_id IS 'C1: every unit is its own ancestor';
COMMENT ON COLUMN customer.org_unit_closure.descendant_id IS 'C1';

-- Customers and parties -----------------------------------------------------------------------------------------------

CREATE TABLE customer.customer (
  customer_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('UNKNOWN', 'INDIVIDUAL', 'ORGANISATION')),
  state text NOT NULL CHECK (state IN ('MENTIONED', 'ACTIVE', 'DORMANT', 'CLOSED')),
  full_name text COLLATE "C" NOT NULL DEFAULT '',
  short_name text NOT NULL DEFAULT '',
  primary_number text COLLATE "C" NOT NULL DEFAULT '',
  segment text NOT NULL DEFAULT '',
  org_unit_id uuid,
  home_org_unit_code text NOT NULL DEFAULT '',
  rm_staff_id uuid,
  rm_staff_number text NOT NULL DEFAULT '',
  restricted boolean NOT NULL DEFAULT false,
  birth_date date,
  birthday smallint,
  open_date date,
  close_date date,
  profile jsonb NOT NULL DEFAULT '{}',
  income_currency text,
  income_minor bigint,
  kyc jsonb NOT NULL DEFAULT '{}',
  flags text[] NOT NULL DEFAULT '{}',
  field_sources jsonb NOT NULL DEFAULT '{}',
  version bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX customer_rm ON customer.customer (rm_staff_id) WHERE rm_staff_id IS NOT NULL;
CREATE INDEX customer_org_unit ON customer.customer (org_unit_id);
CREATE INDEX customer_name ON customer.customer (full_name, customer_id) WHERE state IN ('ACTIVE', 'DORMANT');
CREATE INDEX customer_birthday ON customer.customer (birthday, customer_id) WHERE state IN ('ACTIVE', 'DORMANT') AND birthday IS NOT NULL;
CREATE INDEX customer_open_date ON customer.customer (open_date DESC, customer_id) WHERE state IN ('ACTIVE', 'DORMANT');
COMMENT ON COLUMN customer.customer.customer_id IS 'C1';
COMMENT ON COLUMN customer.customer.kind IS 'C1';
COMMENT ON COLUMN customer.customer.state IS 'C1: MENTIONED until the own snapshot comes';
COMMENT ON COLUMN customer.customer.full_name IS 'C1: full inside scope, masked outside it';
COMMENT ON COLUMN customer.customer.short_name IS 'C1';
COMMENT ON COLUMN customer.customer.primary_number IS 'C1: customer number of the leading party';
COMMENT ON COLUMN customer.customer.segment IS 'C1';
COMMENT ON COLUMN customer.customer.org_unit_id IS 'C1: null while the code is not known in the directory';
COMMENT ON COLUMN customer.customer.home_org_unit_code IS 'C1';
COMMENT ON COLUMN customer.customer.rm_staff_id IS 'C1: null in the public pool';
COMMENT ON COLUMN customer.customer.rm_staff_number IS 'C1: as core banking names the relationship manager';
COMMENT ON COLUMN customer.customer.restricted IS 'C1: only named participants see the customer';
COMMENT ON COLUMN customer.customer.birth_date IS 'C1';
COMMENT ON COLUMN customer.customer.birthday IS 'C1: month * 100 + day';
COMMENT ON COLUMN customer.customer.open_date IS 'C1';
COMMENT ON COLUMN customer.customer.close_date IS 'C1';
COMMENT ON COLUMN customer.customer.profile IS 'C1: golden fields of the individual or organisation';
COMMENT ON COLUMN customer.customer.income_currency IS 'C2 financial: of the annual income or registered capital';
COMMENT ON COLUMN customer.customer.income_minor IS 'C2 financial';
COMMENT ON COLUMN customer.customer.kyc IS 'C1';
COMMENT ON COLUMN customer.customer.flags IS 'C1: oddities that were accepted';
COMMENT ON COLUMN customer.customer.field_sources IS 'C1: field to source, time and whether sources disagree';
COMMENT ON COLUMN customer.customer.version IS 'C1: the etag';
COMMENT ON COLUMN customer.customer.create_time IS 'C1';
COMMENT ON COLUMN customer.customer.update_time IS 'C1';

-- What lists sort by, kept beside the customer so that a changed balance rewrites a narrow row.
CREATE TABLE customer.customer_summary (
  customer_id uuid PRIMARY KEY,
  total_assets_minor bigint NOT NULL DEFAULT 0,
  total_liabilities_minor bigint NOT NULL DEFAULT 0,
  next_maturity_date date,
  next_maturity_currency text,
  next_maturity_minor bigint,
  currencies text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX customer_summary_assets ON customer.customer_summary (total_assets_minor DESC, customer_id);
CREATE INDEX customer_summary_maturity ON customer.customer_summary (next_maturity_date, customer_id) WHERE next_maturity_date IS NOT NULL;
COMMENT ON COLUMN customer.customer_summary.customer_id IS 'C1';
COMMENT ON COLUMN customer.customer_summary.total_assets_minor IS 'C2 financial: in the bank''s currency, at the newest rates when it was computed';
COMMENT ON COLUMN customer.customer_summary.total_liabilities_minor IS 'C2 financial';
COMMENT ON COLUMN customer.customer_summary.next_maturity_date IS 'C2 financial: earliest maturity of an active holding from the bank''s today on';
COMMENT ON COLUMN customer.customer_summary.next_maturity_currency IS 'C2 financial';
COMMENT ON COLUMN customer.customer_summary.next_maturity_minor IS 'C2 financial';
COMMENT ON COLUMN customer.customer_summary.currencies IS 'C2 financial: those whose rates the totals depend on';

CREATE TABLE customer.party (
  party_id uuid PRIMARY KEY,
  customer_id uuid NOT NULL,
  source_system text COLLATE "C" NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX party_customer ON customer.party (customer_id);
CREATE INDEX party_number ON customer.party (source_id, source_system);
COMMENT ON COLUMN customer.party.party_id IS 'C1: derived from source system and id';
COMMENT ON COLUMN customer.party.customer_id IS 'C1: merging changes this and nothing else';
COMMENT ON COLUMN customer.party.source_system IS 'C1';
COMMENT ON COLUMN customer.party.source_id IS 'C1: customer number in the source';
COMMENT ON COLUMN customer.party.create_time IS 'C1';

-- Provenance: the newest snapshot of each source, as received.
CREATE TABLE customer.party_snapshot (
  party_id uuid PRIMARY KEY,
  version bigint NOT NULL,
  source_time timestamptz,
  receive_time timestamptz NOT NULL,
  content_hash bytea NOT NULL,
  content_sealed bytea NOT NULL
);
COMMENT ON COLUMN customer.party_snapshot.party_id IS 'C1';
COMMENT ON COLUMN customer.party_snapshot.version IS 'C1';
COMMENT ON COLUMN customer.party_snapshot.source_time IS 'C1';
COMMENT ON COLUMN customer.party_snapshot.receive_time IS 'C1';
COMMENT ON COLUMN customer.party_snapshot.content_hash IS 'C1: keyed hash, tells whether a repair differs';
COMMENT ON COLUMN customer.party_snapshot.content_sealed IS 'C2 sealed: the snapshot as protobuf';

-- Manual values beside the synchronised ones. Identifying ones live in identifying_value and only their id is here.
CREATE TABLE customer.supplement (
  customer_id uuid NOT NULL,
  field text NOT NULL,
  value text NOT NULL,
  staff_id uuid NOT NULL,
  update_time timestamptz NOT NULL,
  PRIMARY KEY (customer_id, field)
);
COMMENT ON COLUMN customer.supplement.customer_id IS 'C1';
COMMENT ON COLUMN customer.supplement.field IS 'C1';
COMMENT ON COLUMN customer.supplement.value IS 'C1: the value, or the id of the identifying value';
COMMENT ON COLUMN customer.supplement.staff_id IS 'C1';
COMMENT ON COLUMN customer.supplement.update_time IS 'C1';

-- ID documents, phones, e-mails and addresses: sealed, with the masked form beside the sealed one.
CREATE TABLE customer.identifying_value (
  value_id uuid PRIMARY KEY,
  party_id uuid,
  customer_id uuid,
  category text NOT NULL CHECK (category IN ('identifier', 'contact', 'address')),
  kind text NOT NULL,
  masked text NOT NULL,
  sealed bytea NOT NULL,
  blind_index bytea,
  index_version smallint NOT NULL,
  preferred boolean NOT NULL DEFAULT false,
  region_code text,
  issuing_country_code text,
  expire_date date,
  CHECK (num_nonnulls(party_id, customer_id) = 1)
);
CREATE INDEX identifying_value_party ON customer.identifying_value (party_id) WHERE party_id IS NOT NULL;
CREATE INDEX identifying_value_customer ON customer.identifying_value (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX identifying_value_index ON customer.identifying_value (blind_index) WHERE blind_index IS NOT NULL;
COMMENT ON COLUMN customer.identifying_value.value_id IS 'C1: derived from owner, kind and blind index';
COMMENT ON COLUMN customer.identifying_value.party_id IS 'C1: of a synchronised value';
COMMENT ON COLUMN customer.identifying_value.customer_id IS 'C1: of a manual value';
COMMENT ON COLUMN customer.identifying_value.category IS 'C1';
COMMENT ON COLUMN customer.identifying_value.kind IS 'C1: resident-id, mobile, email, home …';
COMMENT ON COLUMN customer.identifying_value.masked IS 'C1: what is shown without reveal';
COMMENT ON COLUMN customer.identifying_value.sealed IS 'C2 sealed';
COMMENT ON COLUMN customer.identifying_value.blind_index IS 'C2 sealed: keyed hash of the normalised value; null for addresses';
COMMENT ON COLUMN customer.identifying_value.index_version IS 'C1: version of the index key';
COMMENT ON COLUMN customer.identifying_value.preferred IS 'C1';
COMMENT ON COLUMN customer.identifying_value.region_code IS 'C1: GB/T 2260';
COMMENT ON COLUMN customer.identifying_value.issuing_country_code IS 'C1';
COMMENT ON COLUMN customer.identifying_value.expire_date IS 'C1';

-- How names are found: characters, pinyin and initials as rows, so that a look-up is an equality or a prefix on C-collated text,
-- which row-level security lets an index answer.
CREATE TABLE customer.name_token (
  token text COLLATE "C" NOT NULL,
  customer_id uuid NOT NULL,
  kind smallint NOT NULL,
  PRIMARY KEY (token, customer_id)
);
CREATE INDEX name_token_customer ON customer.name_token (customer_id);
COMMENT ON COLUMN customer.name_token.token IS 'C1';
COMMENT ON COLUMN customer.name_token.customer_id IS 'C1';
COMMENT ON COLUMN customer.name_token.kind IS 'C1: 1 name, 2 pinyin, 3 initials';

-- Holdings and transactions -------------------------------------------------------------------------------------------

CREATE TABLE customer.account (
  account_id uuid PRIMARY KEY,
  source_system text COLLATE "C" NOT NULL,
  source_id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('unknown', 'deposit', 'term-deposit', 'wealth', 'fund', 'loan', 'credit-card', 'debit-card')),
  state text NOT NULL CHECK (state IN ('mentioned', 'active', 'closed', 'written-off')),
  number_masked text NOT NULL DEFAULT '',
  number_sealed bytea,
  number_index bytea,
  index_version smallint NOT NULL DEFAULT 1,
  product_code text NOT NULL DEFAULT '',
  product_name text NOT NULL DEFAULT '',
  currency_code text NOT NULL DEFAULT '',
  balance_minor bigint,
  available_minor bigint,
  credit_limit_minor bigint,
  principal_minor bigint,
  annual_rate_micros bigint,
  open_date date,
  maturity_date date,
  close_date date,
  frozen boolean NOT NULL DEFAULT false,
  dormant boolean NOT NULL DEFAULT false,
  days_past_due int NOT NULL DEFAULT 0,
  branch_code text NOT NULL DEFAULT '',
  linked_account_id uuid,
  holder_count smallint NOT NULL DEFAULT 0,
  content_hash bytea,
  source_time timestamptz,
  create_time timestamptz NOT NULL DEFAULT now(),
  update_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_number ON customer.account (number_index) WHERE number_index IS NOT NULL;
COMMENT ON COLUMN customer.account.account_id IS 'C1: derived from source system and id';
COMMENT ON COLUMN customer.account.source_system IS 'C1';
COMMENT ON COLUMN customer.account.source_id IS 'C1: never the account number';
COMMENT ON COLUMN customer.account.version IS 'C1: 0 while only mentioned';
COMMENT ON COLUMN customer.account.kind IS 'C1';
COMMENT ON COLUMN customer.account.state IS 'C1';
COMMENT ON COLUMN customer.account.number_masked IS 'C1: the last four';
COMMENT ON COLUMN customer.account.number_sealed IS 'C2 sealed';
COMMENT ON COLUMN customer.account.number_index IS 'C2 sealed: keyed hash';
COMMENT ON COLUMN customer.account.index_version IS 'C1';
COMMENT ON COLUMN customer.account.product_code IS 'C1';
COMMENT ON COLUMN customer.account.product_name IS 'C1';
COMMENT ON COLUMN customer.account.currency_code IS 'C1';
COMMENT ON COLUMN customer.account.balance_minor IS 'C2 financial';
COMMENT ON COLUMN customer.account.available_minor IS 'C2 financial';
COMMENT ON COLUMN customer.account.credit_limit_minor IS 'C2 financial';
COMMENT ON COLUMN customer.account.principal_minor IS 'C2 financial';
COMMENT ON COLUMN customer.account.annual_rate_micros IS 'C2 financial';
COMMENT ON COLUMN customer.account.open_date IS 'C1';
COMMENT ON COLUMN customer.account.maturity_date IS 'C2 financial';
COMMENT ON COLUMN customer.account.close_date IS 'C1';
COMMENT ON COLUMN customer.account.frozen IS 'C1';
COMMENT ON COLUMN customer.account.dormant IS 'C1';
COMMENT ON COLUMN customer.account.days_past_due IS 'C2 financial';
COMMENT ON COLUMN customer.account.branch_code IS 'C1';
COMMENT ON COLUMN customer.account.linked_account_id IS 'C1: the account a card draws on';
COMMENT ON COLUMN customer.account.holder_count IS 'C1';
COMMENT ON COLUMN customer.account.content_hash IS 'C1: keyed hash, tells whether a repair differs';
COMMENT ON COLUMN customer.account.source_time IS 'C1';
COMMENT ON COLUMN customer.account.create_time IS 'C1: of the first mention';
COMMENT ON COLUMN customer.account.update_time IS 'C1';

CREATE TABLE customer.holder (
  party_id uuid NOT NULL,
  account_id uuid NOT NULL,
  role smallint NOT NULL CHECK (role BETWEEN 1 AND 3),
  PRIMARY KEY (party_id, account_id)
);
CREATE INDEX holder_account ON customer.holder (account_id);
COMMENT ON COLUMN customer.holder.party_id IS 'C1';
COMMENT ON COLUMN customer.holder.account_id IS 'C1';
COMMENT ON COLUMN customer.holder.role IS 'C1: 1 owner, 2 joint owner, 3 authorised signer';

CREATE TABLE customer.transaction (
  transaction_id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  party_id uuid NOT NULL,
  sequence bigint NOT NULL,
  post_time timestamptz NOT NULL,
  booking_date date NOT NULL,
  direction smallint NOT NULL CHECK (direction IN (1, 2)),
  currency_code text NOT NULL,
  amount_minor bigint NOT NULL,
  balance_after_minor bigint,
  kind text NOT NULL,
  channel text NOT NULL,
  counterparty_name text NOT NULL,
  counterparty_masked text NOT NULL,
  counterparty_sealed bytea,
  remark text NOT NULL,
  source_transaction_id text NOT NULL,
  reverses_source_transaction_id text NOT NULL
);
CREATE INDEX transaction_account ON customer.transaction (account_id, post_time DESC, sequence DESC, transaction_id DESC);
COMMENT ON COLUMN customer.transaction.transaction_id IS 'C1: derived from source system and id';
COMMENT ON COLUMN customer.transaction.account_id IS 'C1';
COMMENT ON COLUMN customer.transaction.party_id IS 'C1: primary holder when it was posted';
COMMENT ON COLUMN customer.transaction.sequence IS 'C1: the account''s own order';
COMMENT ON COLUMN customer.transaction.post_time IS 'C1';
COMMENT ON COLUMN customer.transaction.booking_date IS 'C1';
COMMENT ON COLUMN customer.transaction.direction IS 'C2 financial: 1 credit, 2 debit';
COMMENT ON COLUMN customer.transaction.currency_code IS 'C2 financial';
COMMENT ON COLUMN customer.transaction.amount_minor IS 'C2 financial';
COMMENT ON COLUMN customer.transaction.balance_after_minor IS 'C2 financial';
COMMENT ON COLUMN customer.transaction.kind IS 'C2 financial';
COMMENT ON COLUMN customer.transaction.channel IS 'C1';
COMMENT ON COLUMN customer.transaction.counterparty_name IS 'C2 financial';
COMMENT ON COLUMN customer.transaction.counterparty_masked IS 'C1: the last four';
COMMENT ON COLUMN customer.transaction.counterparty_sealed IS 'C2 sealed';
COMMENT ON COLUMN customer.transaction.remark IS 'C2 financial';
COMMENT ON COLUMN customer.transaction.source_transaction_id IS 'C1';
COMMENT ON COLUMN customer.transaction.reverses_source_transaction_id IS 'C1';

CREATE TABLE customer.rate (
  base_currency_code text NOT NULL,
  quote_currency_code text NOT NULL,
  rate_date date NOT NULL,
  rate numeric(19, 10) NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (base_currency_code, quote_currency_code, rate_date)
);
COMMENT ON COLUMN customer.rate.base_currency_code IS 'C1';
COMMENT ON COLUMN customer.rate.quote_currency_code IS 'C1';
COMMENT ON COLUMN customer.rate.rate_date IS 'C1';
COMMENT ON COLUMN customer.rate.rate IS 'C1';
COMMENT ON COLUMN customer.rate.version IS 'C1';

-- People around a customer ---------------------------------------------------------------------------------------------

CREATE TABLE customer.interaction (
  interaction_id uuid PRIMARY KEY,
  customer_id uuid NOT NULL,
  kind text NOT NULL,
  direction text NOT NULL,
  summary text NOT NULL,
  occur_time timestamptz NOT NULL,
  staff_id uuid NOT NULL,
  next_step text NOT NULL DEFAULT '',
  next_step_due_date date,
  next_step_done boolean NOT NULL DEFAULT false,
  version bigint NOT NULL DEFAULT 1,
  create_time timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX interaction_customer ON customer.interaction (customer_id, occur_time DESC, interaction_id DESC);
COMMENT ON COLUMN customer.interaction.interaction_id IS 'C1';
COMMENT ON COLUMN customer.interaction.customer_id IS 'C1';
COMMENT ON COLUMN customer.interaction.kind IS 'C1';
COMMENT ON COLUMN customer.interaction.direction IS 'C1';
COMMENT ON COLUMN customer.interaction.summary IS 'C1: identifying numbers are refused';
COMMENT ON COLUMN customer.interaction.occur_time IS 'C1';
COMMENT ON COLUMN customer.interaction.staff_id IS 'C1';
COMMENT ON COLUMN customer.interaction.next_step IS 'C1: identifying numbers are refused';
COMMENT ON COLUMN customer.interaction.next_step_due_date IS 'C1';
COMMENT ON COLUMN customer.interaction.next_step_done IS 'C1';
COMMENT ON COLUMN customer.interaction.version IS 'C1: the etag';
COMMENT ON COLUMN customer.interaction.create_time IS 'C1';

CREATE TABLE customer.participant (
  customer_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  reason text NOT NULL,
  source text NOT NULL CHECK (source IN ('core', 'manual')),
  expire_time timestamptz,
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (customer_id, staff_id)
);
COMMENT ON COLUMN customer.participant.customer_id IS 'C1';
COMMENT ON COLUMN customer.participant.staff_id IS 'C1';
COMMENT ON COLUMN customer.participant.reason IS 'C1';
COMMENT ON COLUMN customer.participant.source IS 'C1: core names the relationship manager; people name the others';
COMMENT ON COLUMN customer.participant.expire_time IS 'C1';
COMMENT ON COLUMN customer.participant.create_time IS 'C1';

CREATE TABLE customer.collaborator (
  customer_id uuid NOT NULL,
  staff_id uuid NOT NULL,
  PRIMARY KEY (customer_id, staff_id)
);
CREATE INDEX collaborator_staff ON customer.collaborator (staff_id);
COMMENT ON COLUMN customer.collaborator.customer_id IS 'C1';
COMMENT ON COLUMN customer.collaborator.staff_id IS 'C1';

CREATE TABLE customer.service_access (
  staff_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  served_time timestamptz NOT NULL,
  PRIMARY KEY (customer_id, staff_id)
);
CREATE INDEX service_access_staff ON customer.service_access (staff_id, served_time);
COMMENT ON COLUMN customer.service_access.staff_id IS 'C1';
COMMENT ON COLUMN customer.service_access.customer_id IS 'C1';
COMMENT ON COLUMN customer.service_access.served_time IS 'C1: the last one';

-- Who did what to a customer: kept here beside the entry that goes to the audit topic.
CREATE TABLE customer.history (
  entry_id uuid PRIMARY KEY,
  customer_id uuid NOT NULL,
  event_time timestamptz NOT NULL,
  actor text NOT NULL,
  operation text NOT NULL,
  decision text NOT NULL,
  reason text NOT NULL DEFAULT '',
  changes_sealed bytea
);
CREATE INDEX history_customer ON customer.history (customer_id, event_time DESC, entry_id DESC);
COMMENT ON COLUMN customer.history.entry_id IS 'C1';
COMMENT ON COLUMN customer.history.customer_id IS 'C1';
COMMENT ON COLUMN customer.history.event_time IS 'C1';
COMMENT ON COLUMN customer.history.actor IS 'C1';
COMMENT ON COLUMN customer.history.operation IS 'C1';
COMMENT ON COLUMN customer.history.decision IS 'C1';
COMMENT ON COLUMN customer.history.reason IS 'C1';
COMMENT ON COLUMN customer.history.changes_sealed IS 'C2 sealed: old and new values by field';

-- Reveals and look-ups by complete identifiers are counted here, not in each replica.
CREATE TABLE customer.use_count (
  staff_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('reveal', 'look-up')),
  day date NOT NULL,
  uses int NOT NULL,
  PRIMARY KEY (staff_id, kind, day)
);
COMMENT ON COLUMN customer.use_count.staff_id IS 'C1';
COMMENT ON COLUMN customer.use_count.kind IS 'C1';
COMMENT ON COLUMN customer.use_count.day IS 'C1: in the bank''s zone';
COMMENT ON COLUMN customer.use_count.uses IS 'C1';

-- What other services show on customer 360.
CREATE TABLE customer.panel (
  customer_id uuid NOT NULL,
  panel text NOT NULL,
  sequence bigint NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (customer_id, panel)
);
COMMENT ON COLUMN customer.panel.customer_id IS 'C1';
COMMENT ON COLUMN customer.panel.panel IS 'C1';
COMMENT ON COLUMN customer.panel.sequence IS 'C1';
COMMENT ON COLUMN customer.panel.content IS 'C2 financial: bankcrm.panel.v1.CustomerPanel';

-- The stream ------------------------------------------------------------------------------------------------------------

CREATE TABLE customer.sync_state (
  source_system text NOT NULL,
  topic text NOT NULL,
  applied_messages bigint NOT NULL DEFAULT 0,
  last_apply_time timestamptz,
  data_as_of timestamptz,
  paused boolean NOT NULL DEFAULT false,
  pause_reason text NOT NULL DEFAULT '',
  PRIMARY KEY (source_system, topic)
);
COMMENT ON COLUMN customer.sync_state.source_system IS 'C1';
COMMENT ON COLUMN customer.sync_state.topic IS 'C1';
COMMENT ON COLUMN customer.sync_state.applied_messages IS 'C1';
COMMENT ON COLUMN customer.sync_state.last_apply_time IS 'C1';
COMMENT ON COLUMN customer.sync_state.data_as_of IS 'C1: newest ce_time applied';
COMMENT ON COLUMN customer.sync_state.paused IS 'C1';
COMMENT ON COLUMN customer.sync_state.pause_reason IS 'C1';

-- Down Migration
