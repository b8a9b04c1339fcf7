-- Commands that carry a request id, with the reply each got: sent again within a day, they get it again and are not done again.
CREATE SCHEMA requests;

CREATE TABLE requests.request (
  caller text NOT NULL,
  method text NOT NULL,
  request_id text NOT NULL CHECK (length(request_id) BETWEEN 1 AND 128),
  sealed_reply bytea,
  create_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (caller, method, request_id)
);
CREATE INDEX request_create_time ON requests.request (create_time);
ALTER TABLE requests.request ENABLE ROW LEVEL SECURITY;
ALTER TABLE requests.request FORCE ROW LEVEL SECURITY;
COMMENT ON TABLE requests.request IS 'Replies kept for repeated commands, for 24 hours.';
COMMENT ON COLUMN requests.request.caller IS 'C1 staff/{uuid} or services/{client id}';
COMMENT ON COLUMN requests.request.method IS 'C1 full name of the method';
COMMENT ON COLUMN requests.request.request_id IS 'C1 key chosen by the caller';
COMMENT ON COLUMN requests.request.sealed_reply IS 'C2 sealed: SHA-256 of the request, then the reply; null only inside the transaction that is still at work';
COMMENT ON COLUMN requests.request.create_time IS 'C1';
