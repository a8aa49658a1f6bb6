-- The ledger: every attempt, every request, the keys made over the API, and who changed them.
-- organisation_id stands first in every table and key. Amounts are integer nano-USD: numeric(38, 0) holds contracts beyond int64.

-- The UTC month inside a UUIDv7, as its first day: the partition of what the id names.
CREATE FUNCTION archipel.uuid_month(id uuid) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN date_trunc(
  'month',
  to_timestamp(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0) AT TIME ZONE 'UTC'
)::date;

CREATE TABLE archipel.attempt (
  organisation_id text NOT NULL,
  month date NOT NULL,
  attempt_id uuid NOT NULL,
  -- 0 is the record of the spool; a correction is a further row whose units and amounts are added to it.
  revision integer NOT NULL DEFAULT 0,
  request_id uuid NOT NULL,
  attempt integer NOT NULL,
  team text NOT NULL,
  key_name text NOT NULL,
  model text NOT NULL,
  provider text NOT NULL,
  target_model text NOT NULL,
  vendor text NOT NULL,
  hosts jsonb NOT NULL,
  jurisdiction text,
  lab text,
  region text,
  wire text NOT NULL,
  operation text NOT NULL,
  stream boolean NOT NULL,
  contract text,
  started_at_ms bigint NOT NULL,
  first_content_ms double precision,
  duration_ms double precision NOT NULL,
  outcome_kind text NOT NULL,
  outcome jsonb NOT NULL,
  basis text NOT NULL CHECK (basis IN ('reported', 'estimated', 'unknown')),
  usage_input bigint NOT NULL,
  usage_cache_read bigint NOT NULL,
  usage_cache_write_5m bigint NOT NULL,
  usage_cache_write_1h bigint NOT NULL,
  usage_input_audio bigint NOT NULL,
  usage_input_image bigint NOT NULL,
  usage_output bigint NOT NULL,
  usage_reasoning bigint NOT NULL,
  usage_output_audio bigint NOT NULL,
  usage_output_image bigint NOT NULL,
  usage_requests bigint NOT NULL,
  lines jsonb NOT NULL,
  amount_nano_usd numeric(38, 0) NOT NULL,
  list_nano_usd numeric(38, 0) NOT NULL,
  range_low_nano_usd numeric(38, 0) NOT NULL,
  range_high_nano_usd numeric(38, 0) NOT NULL,
  edits text[] NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organisation_id, month, attempt_id, revision)
) PARTITION BY RANGE (month);

CREATE INDEX attempt_request ON archipel.attempt (organisation_id, request_id);
CREATE INDEX attempt_started ON archipel.attempt (organisation_id, started_at_ms);
CREATE INDEX attempt_contract ON archipel.attempt (organisation_id, contract, started_at_ms) WHERE contract IS NOT NULL;

CREATE TABLE archipel.request (
  organisation_id text NOT NULL,
  month date NOT NULL,
  request_id uuid NOT NULL,
  team text NOT NULL,
  key_name text NOT NULL,
  model text NOT NULL,
  wire text NOT NULL,
  operation text NOT NULL,
  stream boolean NOT NULL,
  started_at_ms bigint NOT NULL,
  duration_ms double precision NOT NULL,
  status integer NOT NULL,
  error_code text,
  decisions jsonb NOT NULL,
  attempt_ids uuid[] NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organisation_id, month, request_id)
) PARTITION BY RANGE (month);

CREATE INDEX request_started ON archipel.request (organisation_id, started_at_ms);

-- Makes the partitions of a month where they are missing. They are made apart and then attached, which does not lock out readers
-- and writers of the other months. One at a time: two replicas meet here at every turn of a month.
CREATE FUNCTION archipel.ensure_month(first_day date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('archipel.ensure_month'));
  FOREACH parent IN ARRAY ARRAY['attempt', 'request'] LOOP
    partition := parent || '_' || to_char(first_day, 'YYYY_MM');
    IF to_regclass('archipel.' || partition) IS NULL THEN
      EXECUTE format('CREATE TABLE archipel.%I (LIKE archipel.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent);
      EXECUTE format(
        'ALTER TABLE archipel.%I ATTACH PARTITION archipel.%I FOR VALUES FROM (%L) TO (%L)',
        parent, partition, first_day, (first_day + interval '1 month')::date
      );
    END IF;
  END LOOP;
END
$$;

-- What PostgreSQL refused to take. A record is never thrown away and never stops those behind it; verify reports each.
CREATE TABLE archipel.rejected_record (
  organisation_id text NOT NULL,
  record_id text NOT NULL,
  record text NOT NULL,
  reason text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organisation_id, record_id)
);

CREATE TABLE archipel.api_key (
  organisation_id text NOT NULL,
  key_id uuid NOT NULL DEFAULT gen_random_uuid(),
  name text NOT NULL,
  -- SHA-256 of the key, lower-case hexadecimal. The key itself is nowhere.
  hash text NOT NULL UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$'),
  -- What a person recognises it by: its first characters.
  hint text NOT NULL,
  team text NOT NULL,
  models text[],
  expires_at timestamptz,
  budget jsonb,
  limits jsonb,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz,
  -- The key that took its name over by rotation.
  replaced_by uuid,
  PRIMARY KEY (organisation_id, key_id)
);

-- One key answers to a name; a rotated one steps aside, a revoked one keeps the name taken.
CREATE UNIQUE INDEX api_key_name ON archipel.api_key (organisation_id, name) WHERE replaced_by IS NULL;

CREATE TABLE archipel.audit (
  organisation_id text NOT NULL,
  audit_id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  detail jsonb NOT NULL,
  PRIMARY KEY (organisation_id, audit_id)
);
