-- Jobs, each kept as one document; the columns beside it are what it is found by, and what a list shows without reading documents. Rows are never removed: an idempotency key stays taken.

CREATE TABLE archipel.job (
  organisation_id text NOT NULL,
  -- A UUIDv7: its order is the order of submission.
  job_id uuid NOT NULL,
  name text NOT NULL,
  state text NOT NULL,
  -- As its file says; NULL where it does not.
  kind text,
  team text,
  -- Of its newest attempt; NULL before the first.
  site text,
  attempts integer NOT NULL CHECK (attempts >= 0),
  cost_nano_usd numeric(38, 0) NOT NULL,
  submitted_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- Grows by one with each change; a change names the version that it replaces.
  version integer NOT NULL CHECK (version > 0),
  idempotency_key text,
  -- SHA-256 of what was submitted, lower-case hexadecimal: the same key with another body is another job.
  body_hash text NOT NULL CHECK (body_hash ~ '^[0-9a-f]{64}$'),
  document jsonb NOT NULL,
  PRIMARY KEY (organisation_id, job_id)
);

CREATE UNIQUE INDEX job_idempotency_key ON archipel.job (organisation_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX job_open ON archipel.job (organisation_id, job_id) WHERE ended_at IS NULL;
CREATE INDEX job_state ON archipel.job (organisation_id, state, job_id);
