-- Double entry: what attempts cost stands a second time as journals, whose lines sum to zero. Nothing of the ledger is ever changed: the database itself refuses it.
-- A journal lies in the month of its attempts, so that a month can be dropped whole, attempts, journals and lines together.

CREATE TABLE archipel.journal (
  organisation_id text NOT NULL,
  month date NOT NULL,
  -- A UUIDv7 that whoever books makes before; all organisations and months of one transaction have the same.
  journal_id uuid NOT NULL,
  -- shipment: records of a spool · again: records of a spool that were shipped before, and then missing · correction: further revisions
  -- · opening: attempts without a journal, of before there were journals.
  kind text NOT NULL CHECK (kind IN ('shipment', 'again', 'correction', 'opening')),
  -- The spool that its attempts came from, and behind which record, up to and with which. The shipments of an organisation, month and spool follow each other: each begins
  -- where the one before ended, the first at 0.
  spool uuid,
  from_sequence bigint,
  to_sequence bigint,
  -- Rows of attempts that are booked by it.
  attempts bigint NOT NULL CHECK (attempts > 0),
  -- Of a correction: why.
  reason text,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organisation_id, month, journal_id),
  CHECK ((kind IN ('shipment', 'again')) = (spool IS NOT NULL AND from_sequence IS NOT NULL AND to_sequence IS NOT NULL)),
  CHECK (from_sequence < to_sequence),
  CHECK ((kind = 'correction') = (reason IS NOT NULL))
) PARTITION BY RANGE (month);

CREATE UNIQUE INDEX journal_chain ON archipel.journal (organisation_id, month, spool, to_sequence) WHERE kind = 'shipment';

CREATE TABLE archipel.journal_line (
  organisation_id text NOT NULL,
  month date NOT NULL,
  journal_id uuid NOT NULL,
  account text NOT NULL,
  -- A debit is positive, a credit negative.
  amount_nano_usd numeric(38, 0) NOT NULL CHECK (amount_nano_usd <> 0),
  PRIMARY KEY (organisation_id, month, journal_id, account)
) PARTITION BY RANGE (month);

-- NULL for what was written before there were journals.
ALTER TABLE archipel.attempt ADD COLUMN journal_id uuid;

-- What each spool has brought: everything behind one record, up to and with another. A spool of which nothing is missing has one row, from 0.
CREATE TABLE archipel.spool_range (
  spool uuid NOT NULL,
  from_sequence bigint NOT NULL CHECK (from_sequence >= 0),
  to_sequence bigint NOT NULL,
  PRIMARY KEY (spool, from_sequence),
  CHECK (from_sequence < to_sequence)
);

-- Where in which spool a refused record stands.
ALTER TABLE archipel.rejected_record ADD COLUMN spool uuid, ADD COLUMN sequence bigint;

-- The entries of an amount: who spent it, and whom it is owed to; under a contract, how much of it is drawn, and how much of the commitment that takes away.
CREATE FUNCTION archipel.entries(vendor text, contract text, team text, key_name text, amount numeric)
RETURNS TABLE (account text, entry_nano_usd numeric)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT entry.account, entry.entry_nano_usd
  FROM (VALUES
    ('spend:' || team || '/' || key_name, amount), ('payable:' || vendor, -amount),
    ('drawdown:' || contract, amount), ('commitment:' || contract, -amount)
  ) AS entry (account, entry_nano_usd)
  WHERE entry.account IS NOT NULL
$$;

CREATE FUNCTION archipel.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'archipel.% is append-only: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation', HINT = 'A correction is a new revision with its own journal; whole months go by dropping their partitions.';
END
$$;

CREATE FUNCTION archipel.assert_balance() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  wrong record;
BEGIN
  SELECT journal_id, sum(amount_nano_usd) AS amount INTO wrong
  FROM booked GROUP BY organisation_id, month, journal_id HAVING sum(amount_nano_usd) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the lines of journal % sum to % nano-USD, not to 0', wrong.journal_id, wrong.amount USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END
$$;

-- Partitions take over the triggers for each row from the table that they are part of; those for each statement they need for themselves.
CREATE FUNCTION archipel.guard(part_of text, guarded text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER kept BEFORE TRUNCATE ON archipel.%I FOR EACH STATEMENT EXECUTE FUNCTION archipel.refuse_change()', guarded);
  IF part_of = 'journal_line' THEN
    EXECUTE format(
      'CREATE TRIGGER balanced AFTER INSERT ON archipel.%I REFERENCING NEW TABLE AS booked FOR EACH STATEMENT EXECUTE FUNCTION archipel.assert_balance()',
      guarded
    );
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION archipel.ensure_month(first_day date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  parent text;
  partition text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('archipel.ensure_month'));
  FOREACH parent IN ARRAY ARRAY['attempt', 'request', 'journal', 'journal_line'] LOOP
    partition := parent || '_' || to_char(first_day, 'YYYY_MM');
    IF to_regclass('archipel.' || partition) IS NULL THEN
      EXECUTE format('CREATE TABLE archipel.%I (LIKE archipel.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent);
      EXECUTE format(
        'ALTER TABLE archipel.%I ATTACH PARTITION archipel.%I FOR VALUES FROM (%L) TO (%L)',
        parent, partition, first_day, (first_day + interval '1 month')::date
      );
      PERFORM archipel.guard(parent, partition);
    END IF;
  END LOOP;
END
$$;

-- Months with attempts of before there were journals, until they are booked. That reads all attempts: it is done behind the migration, month by month, by programs that
-- have started on it.
CREATE TABLE archipel.unbooked_month (month date PRIMARY KEY);

-- Books the attempts of a month that have no journal: one opening for each organisation that has such, over what earlier openings hold. Safe to call twice, also at the
-- same time. Nobody waits for it: it reads what is there, in one pass, and only adds. Gives how many attempts it booked.
CREATE FUNCTION archipel.open_month(first_day date) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  opening uuid := (
    lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14)
  )::uuid;
  booked bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('archipel.open_month'), first_day - date '2000-01-01');
  WITH summed AS (
    SELECT organisation_id, vendor, contract, team, key_name, count(*) AS attempts, sum(amount_nano_usd) AS amount
    FROM archipel.attempt WHERE month = first_day AND journal_id IS NULL GROUP BY 1, 2, 3, 4, 5
  ), opened AS (
    INSERT INTO archipel.journal (organisation_id, month, journal_id, kind, attempts)
    SELECT organisation_id, first_day, opening, 'opening', sum(attempts)
    FROM (
      SELECT organisation_id, attempts FROM summed
      UNION ALL
      SELECT organisation_id, -attempts FROM archipel.journal WHERE month = first_day AND kind = 'opening'
    ) AS told
    GROUP BY 1 HAVING sum(attempts) > 0
    RETURNING organisation_id, attempts
  ), entered AS (
    INSERT INTO archipel.journal_line (organisation_id, month, journal_id, account, amount_nano_usd)
    SELECT organisation_id, first_day, opening, account, sum(told.amount)
    FROM (
      SELECT summed.organisation_id, entry.account, entry.entry_nano_usd AS amount
      FROM summed CROSS JOIN LATERAL archipel.entries(summed.vendor, summed.contract, summed.team, summed.key_name, summed.amount) AS entry
      UNION ALL
      SELECT line.organisation_id, line.account, -line.amount_nano_usd
      FROM archipel.journal_line AS line JOIN archipel.journal AS earlier USING (organisation_id, month, journal_id)
      WHERE line.month = first_day AND earlier.kind = 'opening'
    ) AS told
    JOIN opened USING (organisation_id)
    GROUP BY 1, account HAVING sum(told.amount) <> 0
  )
  SELECT coalesce(sum(attempts), 0) INTO booked FROM opened;
  RETURN booked;
END
$$;

-- Books one month that waits for it and that nobody else is at, and gives it; null where there is none.
CREATE FUNCTION archipel.open_next_month() RETURNS date
LANGUAGE plpgsql AS $$
DECLARE
  first_day date;
BEGIN
  SELECT month INTO first_day FROM archipel.unbooked_month ORDER BY month LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF FOUND THEN
    PERFORM archipel.open_month(first_day);
    DELETE FROM archipel.unbooked_month WHERE month = first_day;
  END IF;
  RETURN first_day;
END
$$;

-- All months, for operators, after a process of an earlier version wrote on.
CREATE FUNCTION archipel.open_books() RETURNS bigint
LANGUAGE sql AS $$
  SELECT coalesce(sum(archipel.open_month(to_date(right(part.relname, 7), 'YYYY_MM'))), 0)::bigint
  FROM pg_inherits AS i JOIN pg_class AS part ON part.oid = i.inhrelid
  WHERE i.inhparent = 'archipel.attempt'::regclass AND part.relname ~ '_\d{4}_\d{2}$'
$$;

DO $$
DECLARE
  parent text;
  partition text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['attempt', 'request', 'journal', 'journal_line'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON archipel.%I FOR EACH ROW EXECUTE FUNCTION archipel.refuse_change()', parent);
    PERFORM archipel.guard(parent, parent);
  END LOOP;
  FOR parent, partition IN
    SELECT whole.relname, part.relname
    FROM pg_inherits AS i JOIN pg_class AS whole ON whole.oid = i.inhparent JOIN pg_class AS part ON part.oid = i.inhrelid
    WHERE whole.relnamespace = 'archipel'::regnamespace AND whole.relname IN ('attempt', 'request')
  LOOP
    PERFORM archipel.guard(parent, partition);
    IF partition ~ '_\d{4}_\d{2}$' THEN
      PERFORM archipel.ensure_month(to_date(right(partition, 7), 'YYYY_MM'));
      IF parent = 'attempt' THEN
        INSERT INTO archipel.unbooked_month VALUES (to_date(right(partition, 7), 'YYYY_MM'));
      END IF;
    END IF;
  END LOOP;
END
$$;
