-- Budgets that several replicas spend. A replica is a spool: what was spent and held under its id is still its own after a restart.
-- For each window of a budget, under the lock of its row in budget_spend: spent + sum of what replicas were granted (where it is above 0) <= cap.

-- What all replicas have spent of a budget in a window, or in a piece of a rolling one, as far as it is in the ledger. A rolling window has a row at 0 besides,
-- with nothing in it, by which it is locked.
CREATE TABLE archipel.budget_spend (
  organisation_id text NOT NULL,
  -- "key:demo", "team:research", "organisation:default/day".
  scope text NOT NULL,
  bucket_from_ms bigint NOT NULL,
  -- Where the window begins: what it is a window of, when what was spent before was counted from the attempts; null before that.
  counted_as text,
  spent_nano_usd numeric(38, 0) NOT NULL,
  -- Where the window ends, once a turn has told; null where it never does.
  window_until_ms bigint,
  PRIMARY KEY (organisation_id, scope, bucket_from_ms)
);

CREATE INDEX budget_spend_window ON archipel.budget_spend (window_until_ms);

-- What a replica may still spend: what it has spent that is not in budget_spend, what it holds, and what is free.
CREATE TABLE archipel.budget_lease (
  organisation_id text NOT NULL,
  scope text NOT NULL,
  window_from_ms bigint NOT NULL,
  replica uuid NOT NULL,
  window_until_ms bigint NOT NULL,
  -- Below 0 where more was spent than was held.
  granted_nano_usd numeric(38, 0) NOT NULL,
  -- Of it, what was spent or held at its last turn and has not come into budget_spend since.
  used_nano_usd numeric(38, 0) NOT NULL,
  -- What it asked for at its last turn and did not get.
  wanted_nano_usd numeric(38, 0) NOT NULL,
  turned_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (organisation_id, scope, window_from_ms, replica)
);

CREATE INDEX budget_lease_replica ON archipel.budget_lease (replica);
CREATE INDEX budget_lease_window ON archipel.budget_lease (window_until_ms);

-- Rows of one statement are locked in no order that could be relied on: these functions lock the rows of budget_spend one by one, all in the same order, and
-- those of budget_lease only under the lock of theirs.

-- Moves what attempts have spent from what their replica was granted to what is spent: from the lease of just that window, or of a rolling one, which is at 0. Of
-- a budget that counts by another window since, the new lease stays as it is. [{organisation, scope, fromMs, amount}, ...]
CREATE FUNCTION archipel.move_spend(mover uuid, moves jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT organisation, scope, "fromMs", amount
    FROM jsonb_to_recordset(moves) AS move(organisation text, scope text, "fromMs" bigint, amount numeric)
    ORDER BY organisation, scope, "fromMs"
  LOOP
    PERFORM FROM archipel.budget_spend
    WHERE organisation_id = one.organisation AND scope = one.scope AND bucket_from_ms = 0 FOR UPDATE;
    INSERT INTO archipel.budget_spend AS kept (organisation_id, scope, bucket_from_ms, spent_nano_usd)
    VALUES (one.organisation, one.scope, one."fromMs", one.amount)
    ON CONFLICT (organisation_id, scope, bucket_from_ms) DO UPDATE SET spent_nano_usd = kept.spent_nano_usd + excluded.spent_nano_usd;
    UPDATE archipel.budget_lease
    SET granted_nano_usd = granted_nano_usd - one.amount, used_nano_usd = greatest(used_nano_usd - one.amount, 0)
    WHERE organisation_id = one.organisation AND scope = one.scope AND replica = mover
      AND window_from_ms = CASE WHEN EXISTS (
        SELECT FROM archipel.budget_lease
        WHERE organisation_id = one.organisation AND scope = one.scope AND replica = mover AND window_from_ms = one."fromMs"
      ) THEN one."fromMs" ELSE 0 END;
  END LOOP;
END
$$;

-- Locks windows until the end of the transaction, so that nothing is moved into them meanwhile. [{organisation, scope, fromMs}, ...]
CREATE FUNCTION archipel.lock_windows(windows jsonb) RETURNS TABLE (organisation text, scope_id text, from_ms bigint, counted text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT w.* FROM jsonb_to_recordset(windows) AS w(organisation text, scope text, "fromMs" bigint)
    ORDER BY w.organisation, w.scope, w."fromMs"
  LOOP
    INSERT INTO archipel.budget_spend (organisation_id, scope, bucket_from_ms, spent_nano_usd)
    VALUES (one.organisation, one.scope, one."fromMs", 0)
    ON CONFLICT DO NOTHING;
    RETURN QUERY
    SELECT organisation_id, scope, bucket_from_ms, counted_as FROM archipel.budget_spend
    WHERE organisation_id = one.organisation AND scope = one.scope AND bucket_from_ms = one."fromMs" FOR UPDATE;
  END LOOP;
END
$$;

-- Says what the pieces of a locked window have spent, in the place of whatever is there, and forgets what is older by more than 35 days.
CREATE FUNCTION archipel.set_spend(organisation text, scope_id text, window_from_ms bigint, spent_from_ms bigint, counted text, pieces jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF window_from_ms <> spent_from_ms THEN
    DELETE FROM archipel.budget_spend WHERE organisation_id = organisation AND scope = scope_id AND bucket_from_ms >= spent_from_ms;
  END IF;
  INSERT INTO archipel.budget_spend AS kept (organisation_id, scope, bucket_from_ms, spent_nano_usd)
  SELECT organisation, scope_id, piece."fromMs", piece.amount
  FROM jsonb_to_recordset(pieces) AS piece("fromMs" bigint, amount numeric)
  ORDER BY piece."fromMs"
  ON CONFLICT (organisation_id, scope, bucket_from_ms) DO UPDATE SET spent_nano_usd = excluded.spent_nano_usd;
  UPDATE archipel.budget_spend SET counted_as = counted
  WHERE organisation_id = organisation AND scope = scope_id AND bucket_from_ms = window_from_ms;
  DELETE FROM archipel.budget_spend
  WHERE organisation_id = organisation AND scope = scope_id AND bucket_from_ms > 0 AND bucket_from_ms < spent_from_ms - 3024000000;
END
$$;

-- One turn of one replica for all budgets that it spends: says what it has in use and would like to have free, and is told what it is granted.
-- Each question: {organisation, scope, fromMs, untilMs, spentFromMs, countedAs, named, cap, hard, used, retained, wanted, asked}; untilMs is null where there is no
-- end, spentFromMs where what counts now begins, retained what it goes on spending from meanwhile, wanted what would be good to have free, asked what somebody
-- waits for. Of a window that was not counted as this nothing more is given, unless only what attempts name is counted to it (named).
-- At most an equal share of what is left is given for what is only wanted, one share staying with nobody; nothing while another waits for what it asked.
CREATE FUNCTION archipel.lease_turn(asker uuid, lease_ms bigint, questions jsonb)
RETURNS TABLE (organisation text, scope_id text, from_ms bigint, granted numeric, spent numeric, others_used numeric, share numeric, is_awaited boolean, is_counted boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  one record;
  others record;
  in_spend record;
  never CONSTANT bigint := 9223372036854775807;
  now_ms CONSTANT bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  is_as_counted boolean;
  end_ms bigint;
  spent_now numeric;
  room numeric;
  share_now numeric;
  free numeric;
  given numeric;
BEGIN
  FOR one IN
    SELECT q.*
    FROM jsonb_to_recordset(questions) AS q(
      organisation text, scope text, "fromMs" bigint, "untilMs" bigint, "spentFromMs" bigint, "countedAs" text, named boolean, cap numeric, hard boolean, used numeric,
      retained numeric, wanted numeric, asked numeric
    )
    ORDER BY q.organisation, q.scope, q."fromMs"
  LOOP
    end_ms := coalesce(one."untilMs", never);
    INSERT INTO archipel.budget_spend AS kept (organisation_id, scope, bucket_from_ms, spent_nano_usd, window_until_ms)
    VALUES (one.organisation, one.scope, one."fromMs", 0, one."untilMs")
    ON CONFLICT (organisation_id, scope, bucket_from_ms) DO UPDATE SET window_until_ms = excluded.window_until_ms
    WHERE kept.window_until_ms IS DISTINCT FROM excluded.window_until_ms;
    SELECT spent_nano_usd, counted_as INTO STRICT in_spend FROM archipel.budget_spend
    WHERE organisation_id = one.organisation AND scope = one.scope AND bucket_from_ms = one."fromMs" FOR UPDATE;
    is_as_counted := one.named OR in_spend.counted_as IS NOT DISTINCT FROM one."countedAs";
    spent_now := in_spend.spent_nano_usd;
    IF one."spentFromMs" <> one."fromMs" THEN
      SELECT coalesce(sum(spent_nano_usd), 0) INTO STRICT spent_now FROM archipel.budget_spend
      WHERE organisation_id = one.organisation AND scope = one.scope AND bucket_from_ms >= one."spentFromMs";
      IF random() < 0.01 THEN
        DELETE FROM archipel.budget_spend
        WHERE organisation_id = one.organisation AND scope = one.scope AND bucket_from_ms > 0 AND bucket_from_ms < one."spentFromMs" - 86400000;
      END IF;
    END IF;
    SELECT
      coalesce(sum(greatest(granted_nano_usd, 0)), 0) AS granted,
      coalesce(sum(used_nano_usd), 0) AS used,
      count(*) FILTER (WHERE turned_at > clock_timestamp() - interval '10 seconds') AS live,
      coalesce(max(wanted_nano_usd) FILTER (WHERE turned_at > clock_timestamp() - interval '10 seconds'), 0) AS wanted,
      count(*) FILTER (WHERE wanted_nano_usd > 0 AND replica < asker AND turned_at > clock_timestamp() - interval '1 second') AS before
    INTO STRICT others FROM archipel.budget_lease
    WHERE organisation_id = one.organisation AND scope = one.scope AND window_from_ms = one."fromMs" AND replica <> asker
      -- What was spent under a lease that ended before what counts of a rolling window counts no more.
      AND (one."spentFromMs" = one."fromMs" OR expires_at >= to_timestamp(one."spentFromMs" / 1000.0));
    given := 0;
    share_now := 0;
    IF one.hard THEN
      room := CASE WHEN is_as_counted THEN one.cap - spent_now - others.granted ELSE 0 END;
      share_now := floor(greatest(one.cap - spent_now - others.used - one.used, 0) / (others.live + 2));
      free := greatest(one.asked, CASE WHEN others.wanted > 0 THEN 0 ELSE least(one.wanted, share_now) END);
      -- Of those who wait for more than there is one is given what there is: parts that are too small for any would stay with all.
      IF others.before > 0 AND room < one.used + one.asked THEN
        free := 0;
      END IF;
      -- What is in use is in use, even where a cap was lowered below it.
      given := greatest(one.used + one.retained, least(one.used + free, room));
    END IF;
    IF given = 0 AND one.asked = 0 THEN
      DELETE FROM archipel.budget_lease
      WHERE organisation_id = one.organisation AND scope = one.scope AND window_from_ms = one."fromMs" AND replica = asker;
    ELSIF one.hard THEN
      INSERT INTO archipel.budget_lease (
        organisation_id, scope, window_from_ms, replica, window_until_ms, granted_nano_usd, used_nano_usd, wanted_nano_usd, turned_at, expires_at
      )
      VALUES (
        one.organisation, one.scope, one."fromMs", asker, end_ms, given, one.used, greatest(one.asked - (given - one.used), 0), clock_timestamp(),
        clock_timestamp() + lease_ms * interval '1 millisecond'
      )
      ON CONFLICT (organisation_id, scope, window_from_ms, replica) DO UPDATE SET
        window_until_ms = excluded.window_until_ms, granted_nano_usd = excluded.granted_nano_usd, used_nano_usd = excluded.used_nano_usd,
        wanted_nano_usd = excluded.wanted_nano_usd, turned_at = excluded.turned_at, expires_at = excluded.expires_at;
    END IF;
    RETURN QUERY SELECT one.organisation::text, one.scope::text, one."fromMs"::bigint, given, spent_now, others.used::numeric, share_now, others.wanted > 0, is_as_counted;
  END LOOP;
  -- Windows that ended 35 days ago, and leases of those that ended a day ago, whoever had them.
  DELETE FROM archipel.budget_spend WHERE ctid IN (
    SELECT ctid FROM archipel.budget_spend WHERE window_until_ms < now_ms - 3024000000 LIMIT 1000 FOR UPDATE SKIP LOCKED
  );
  DELETE FROM archipel.budget_lease WHERE ctid IN (
    SELECT ctid FROM archipel.budget_lease WHERE window_until_ms < now_ms - 86400000 LIMIT 1000 FOR UPDATE SKIP LOCKED
  );
END
$$;

-- Ends the leases of a replica whose spool is in the ledger whole, but for those that it names: [{organisation, scope, fromMs}, ...].
CREATE FUNCTION archipel.release_leases(releaser uuid, kept jsonb) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  one record;
  released integer := 0;
BEGIN
  FOR one IN
    SELECT organisation_id, scope, window_from_ms FROM archipel.budget_lease
    WHERE replica = releaser AND NOT EXISTS (
      SELECT FROM jsonb_to_recordset(kept) AS keep(organisation text, scope text, "fromMs" bigint)
      WHERE keep.organisation = organisation_id AND keep.scope = budget_lease.scope AND keep."fromMs" = window_from_ms
    )
    ORDER BY organisation_id, scope, window_from_ms
  LOOP
    PERFORM FROM archipel.budget_spend
    WHERE organisation_id = one.organisation_id AND scope = one.scope AND bucket_from_ms = one.window_from_ms FOR UPDATE;
    DELETE FROM archipel.budget_lease
    WHERE organisation_id = one.organisation_id AND scope = one.scope AND window_from_ms = one.window_from_ms AND replica = releaser;
    released := released + 1;
  END LOOP;
  RETURN released;
END
$$;
