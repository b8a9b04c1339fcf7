CREATE SCHEMA quota;

-- Taken by who adds to a portfolio, so that the places left are counted by one after the other.
CREATE TABLE quota.manager (
  staff_id uuid PRIMARY KEY
);
COMMENT ON TABLE quota.manager IS 'Relationship managers who were ever given a customer here: the row that their assignments wait for.';
COMMENT ON COLUMN quota.manager.staff_id IS 'C1';

CREATE TABLE quota.assignment (
  customer_id uuid PRIMARY KEY,
  sequence bigint NOT NULL,
  rm_staff_id uuid
);
CREATE INDEX assignment_rm ON quota.assignment (rm_staff_id, customer_id) WHERE rm_staff_id IS NOT NULL;
COMMENT ON TABLE quota.assignment IS 'Who looks after each customer that BankCRM has decided about: the newest decision.';
COMMENT ON COLUMN quota.assignment.customer_id IS 'C1';
COMMENT ON COLUMN quota.assignment.sequence IS 'C1: of the newest decision';
COMMENT ON COLUMN quota.assignment.rm_staff_id IS 'C1: null for nobody';

CREATE TABLE quota.decision (
  customer_id uuid NOT NULL,
  sequence bigint NOT NULL,
  effective_time timestamptz(3) NOT NULL,
  rm_staff_id uuid,
  dedicated_rm_staff_id uuid,
  collaborators jsonb NOT NULL,
  decided_by uuid NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (customer_id, sequence)
);
COMMENT ON TABLE quota.decision IS 'Every decision about who looks after a customer. Never changed.';
COMMENT ON COLUMN quota.decision.customer_id IS 'C1';
COMMENT ON COLUMN quota.decision.sequence IS 'C1: 1, 2, 3 of this customer';
COMMENT ON COLUMN quota.decision.effective_time IS 'C1';
COMMENT ON COLUMN quota.decision.rm_staff_id IS 'C1: null for nobody';
COMMENT ON COLUMN quota.decision.dedicated_rm_staff_id IS 'C1';
COMMENT ON COLUMN quota.decision.collaborators IS 'C1: staff ids with start and end';
COMMENT ON COLUMN quota.decision.decided_by IS 'C1: who decided';
COMMENT ON COLUMN quota.decision.reason IS 'C1: free text without identifiers';

ALTER TABLE quota.manager ENABLE ROW LEVEL SECURITY;
ALTER TABLE quota.manager FORCE ROW LEVEL SECURITY;
ALTER TABLE quota.assignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE quota.assignment FORCE ROW LEVEL SECURITY;
ALTER TABLE quota.decision ENABLE ROW LEVEL SECURITY;
ALTER TABLE quota.decision FORCE ROW LEVEL SECURITY;

CREATE POLICY worker ON quota.manager TO quota_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON quota.assignment TO quota_worker USING (true) WITH CHECK (true);
CREATE POLICY worker ON quota.decision TO quota_worker USING (true) WITH CHECK (true);
-- A row says no more than that there is such a manager. Nobody without a name may take it.
CREATE POLICY request_staff ON quota.manager TO quota_request
  USING (nullif(current_setting('bankcrm.staff_id', true), '') IS NOT NULL)
  WITH CHECK (nullif(current_setting('bankcrm.staff_id', true), '') IS NOT NULL);
CREATE POLICY request_scope ON quota.assignment TO quota_request USING (
  EXISTS (SELECT FROM scope.customer AS seen WHERE seen.customer_id = scope.survivor_of(assignment.customer_id) OFFSET 0));
CREATE POLICY request_scope ON quota.decision TO quota_request USING (
  EXISTS (SELECT FROM scope.customer AS seen WHERE seen.customer_id = scope.survivor_of(decision.customer_id) OFFSET 0));

GRANT USAGE ON SCHEMA quota TO quota_request, quota_worker;
-- UPDATE of a manager is for FOR UPDATE: no column is ever changed.
GRANT SELECT, INSERT, UPDATE ON quota.manager TO quota_request;
GRANT SELECT, INSERT, UPDATE ON quota.assignment TO quota_request;
GRANT SELECT, INSERT ON quota.decision TO quota_request;
GRANT SELECT ON quota.manager, quota.assignment, quota.decision TO quota_worker;
