-- The gateways that work on this database, each by the instance of its spool, and how they share rates. Nothing in here is the ledger's: what is lost is said anew
-- at the next beat.

CREATE TABLE archipel.replica (
  instance uuid PRIMARY KEY,
  host text NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL,
  -- SHA-256 of the configuration file in force, in hexadecimal.
  configuration_hash text NOT NULL,
  started_at timestamptz NOT NULL,
  beaten_at timestamptz NOT NULL,
  -- Millionths of every rate that it lets through whatever others do.
  rate_base integer NOT NULL CHECK (rate_base BETWEEN 0 AND 1000000)
);

-- What a replica may let through of one limit beside its base: units a minute, or requests at a time.
CREATE TABLE archipel.rate_lease (
  -- "key:laptop".
  scope text NOT NULL,
  -- "rpm", as in the file.
  limit_name text NOT NULL,
  instance uuid NOT NULL,
  granted bigint NOT NULL CHECK (granted >= 0),
  wanted bigint NOT NULL CHECK (wanted >= 0),
  -- All that the limit lets through, as the replica knows it.
  units bigint NOT NULL,
  PRIMARY KEY (scope, limit_name, instance)
);

CREATE INDEX rate_lease_of_instance ON archipel.rate_lease (instance);

-- One beat of a replica. It says who it is and what it wants; it is told who else is there and what it has. One at a time: sums are looked at and changed in one step.
-- Whoever lowers has already lowered, whoever raises has it when the answer is there: nobody lets through what another one still does.
-- A replica that was silent for the lease may let its base through twice, since it no longer hears who else is there: an equal share is left to it, and no more, whatever
-- it had; one that was silent until it is given up counts no longer.
-- All wait for each other here, so what is the same for every claim is summed once.
CREATE FUNCTION archipel.beat(self json, claims json, lease interval, given_up interval) RETURNS json
LANGUAGE plpgsql
-- Whatever PostgreSQL knows of the tables, no claim is looked for among all others.
SET enable_nestloop = off
AS $$
DECLARE
  me uuid := (self->>'instance')::uuid;
  at timestamptz;
  old_base integer;
  new_base integer;
  counted integer;
  live uuid[];
  live_base bigint;
  silent_base bigint;
  silent interval;
  -- Parts of every limit that are nobody's lease, in millionths, and how many there are of each.
  parts bigint[];
  numbers bigint[];
  answer json;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('archipel.beat'));
  at := clock_timestamp();
  WITH gone AS (
    DELETE FROM archipel.replica WHERE beaten_at < at - interval '30 days' AND instance <> me RETURNING instance
  )
  DELETE FROM archipel.rate_lease USING gone WHERE rate_lease.instance = gone.instance;
  SELECT count(*), coalesce(array_agg(instance) FILTER (WHERE beaten_at >= at - lease), '{}'),
    coalesce(sum(rate_base) FILTER (WHERE beaten_at >= at - lease), 0)
  INTO counted, live, live_base
  FROM archipel.replica WHERE instance <> me AND beaten_at >= at - given_up;
  SELECT coalesce(sum(least(rate_base, 500000 / (1 + counted))), 0) INTO silent_base
  FROM archipel.replica WHERE instance <> me AND beaten_at >= at - given_up AND beaten_at < at - lease;
  SELECT rate_base, at - beaten_at INTO old_base, silent FROM archipel.replica WHERE instance = me;
  IF silent > lease THEN
    DELETE FROM archipel.rate_lease WHERE instance = me;
    old_base := CASE WHEN silent > given_up THEN 0 ELSE least(1000000, 2 * old_base) END;
  END IF;
  -- Bases have half of a rate, the rest goes where it is used; a replica that is alone has all of it.
  new_base := least((self->>'base')::integer, greatest(
    coalesce(old_base, 0),
    CASE WHEN counted = 0 THEN 1000000 ELSE 500000 - live_base - silent_base END
  ));
  INSERT INTO archipel.replica AS there (instance, host, pid, version, configuration_hash, started_at, beaten_at, rate_base)
  VALUES (
    me, self->>'host', (self->>'pid')::integer, self->>'version', self->>'configurationHash',
    to_timestamp((self->>'startedAtMs')::double precision / 1000), at, new_base
  )
  ON CONFLICT (instance) DO UPDATE SET
    host = excluded.host, pid = excluded.pid, version = excluded.version, configuration_hash = excluded.configuration_hash,
    started_at = excluded.started_at, beaten_at = at, rate_base = new_base;

  SELECT array_agg(part), array_agg(number) INTO parts, numbers
  FROM (
    SELECT CASE
      WHEN instance = me OR beaten_at >= at - lease THEN rate_base
      ELSE 2 * least(rate_base, 500000 / (1 + counted))
    END AS part, count(*) AS number
    FROM archipel.replica WHERE instance = me OR beaten_at >= at - given_up
    GROUP BY part
  ) AS bases;
  -- The base of a replica that joins now.
  IF counted > 0 THEN
    parts := parts || greatest(0, 500000 - new_base - live_base - silent_base);
    numbers := numbers || 1::bigint;
  END IF;

  WITH claim AS MATERIALIZED (
    SELECT asked.*, asked.units - (
      SELECT sum(bases.number * floor(asked.units::double precision * bases.part / 1000000))
      FROM unnest(parts, numbers) AS bases(part, number)
    )::bigint AS leasable
    FROM json_to_recordset(claims) AS asked(scope text, name text, units bigint, target bigint, held bigint, wanted bigint)
  ), theirs AS MATERIALIZED (
    SELECT scope, limit_name, sum(granted)::bigint AS taken, min(units) AS units,
      json_agg(json_build_object('instance', instance, 'granted', granted, 'wanted', wanted)) AS shares
    FROM archipel.rate_lease WHERE instance = ANY (live)
    GROUP BY scope, limit_name
  ), settled AS MATERIALIZED (
    SELECT claim.*, coalesce(theirs.taken, 0) AS taken, coalesce(theirs.shares, '[]') AS others,
      greatest(claim.held, least(claim.target, greatest(coalesce(mine.granted, 0), claim.leasable - coalesce(theirs.taken, 0)))) AS granted
    FROM claim
    LEFT JOIN archipel.rate_lease AS mine ON mine.scope = claim.scope AND mine.limit_name = claim.name AND mine.instance = me
    LEFT JOIN theirs ON theirs.scope = claim.scope AND theirs.limit_name = claim.name
  ), dropped AS (
    DELETE FROM archipel.rate_lease WHERE instance = me AND (scope, limit_name) NOT IN (SELECT settled.scope, settled.name FROM settled)
  ), kept AS (
    INSERT INTO archipel.rate_lease AS there (scope, limit_name, instance, granted, wanted, units)
    SELECT settled.scope, settled.name, me, settled.granted, settled.wanted, settled.units FROM settled
    ON CONFLICT (scope, limit_name, instance) DO UPDATE
    SET granted = excluded.granted, wanted = excluded.wanted, units = excluded.units
    WHERE (there.granted, there.wanted, there.units) IS DISTINCT FROM (excluded.granted, excluded.wanted, excluded.units)
  ), overdrawn AS (
    -- Where all have more than there is: places of requests under way, which nobody gives up, and what bases round to. Everybody lets so much less through.
    SELECT settled.scope, settled.name, settled.granted + settled.taken - settled.leasable AS beyond FROM settled
    UNION ALL
    SELECT theirs.scope, theirs.limit_name, theirs.taken - theirs.units + (
      SELECT sum(bases.number * floor(theirs.units::double precision * bases.part / 1000000))
      FROM unnest(parts, numbers) AS bases(part, number)
    )::bigint
    FROM theirs WHERE (theirs.scope, theirs.limit_name) NOT IN (SELECT settled.scope, settled.name FROM settled)
  )
  SELECT json_build_object(
    'base', new_base,
    'replicas', (
      SELECT json_agg(json_build_object(
        'instance', instance, 'host', host, 'pid', pid, 'version', version, 'configurationHash', configuration_hash,
        'startedAtMs', round(extract(epoch FROM started_at) * 1000), 'silentMs', round(extract(epoch FROM at - beaten_at) * 1000)
      ) ORDER BY instance)
      FROM archipel.replica
    ),
    'leases', (
      SELECT coalesce(json_agg(json_build_object(
        'scope', settled.scope, 'name', settled.name, 'pool', greatest(0, settled.leasable), 'granted', settled.granted, 'wanted', settled.wanted,
        'others', settled.others
      )), '[]')
      FROM settled
    ),
    'withheld', (
      SELECT coalesce(json_agg(json_build_object('scope', scope, 'name', name, 'units', beyond)), '[]') FROM overdrawn WHERE beyond > 0
    )
  ) INTO answer;
  RETURN answer;
END
$$;
