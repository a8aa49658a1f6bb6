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
  PRIMARY KEY (scope, limit_name, instance)
);

CREATE INDEX rate_lease_of_instance ON archipel.rate_lease (instance);

-- One beat of a replica. It says who it is and what it wants; it is told who else is there and what it has. One at a time: sums are looked at and changed in one step.
-- Whoever lowers has already lowered, whoever raises has it when the answer is there: nobody lets through what another one still does.
-- A replica that was silent for the lease may let its base through twice, since it no longer hears who else is there: an equal share is left to it, and no more, whatever
-- it had; one that was silent until it is given up counts no longer.
CREATE FUNCTION archipel.beat(self json, claims json, lease interval, given_up interval) RETURNS json
LANGUAGE plpgsql AS $$
DECLARE
  me uuid := (self->>'instance')::uuid;
  at timestamptz;
  old_base integer;
  new_base integer;
  others integer;
  live_base bigint;
  silent_base bigint;
  silent interval;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('archipel.beat'));
  at := clock_timestamp();
  WITH gone AS (
    DELETE FROM archipel.replica WHERE beaten_at < at - interval '30 days' AND instance <> me RETURNING instance
  )
  DELETE FROM archipel.rate_lease USING gone WHERE rate_lease.instance = gone.instance;
  SELECT count(*),
    coalesce(sum(rate_base) FILTER (WHERE beaten_at >= at - lease), 0),
    coalesce(sum(least(rate_base, 500000 / (1 + (
      SELECT count(*) FROM archipel.replica AS counted WHERE counted.instance <> me AND counted.beaten_at >= at - given_up
    )))) FILTER (WHERE beaten_at < at - lease), 0)
  INTO others, live_base, silent_base
  FROM archipel.replica WHERE instance <> me AND beaten_at >= at - given_up;
  SELECT rate_base, at - beaten_at INTO old_base, silent FROM archipel.replica WHERE instance = me;
  IF silent > lease THEN
    DELETE FROM archipel.rate_lease WHERE instance = me;
    old_base := CASE WHEN silent > given_up THEN 0 ELSE least(1000000, 2 * old_base) END;
  END IF;
  -- Bases have half of a rate, the rest goes where it is used; a replica that is alone has all of it.
  new_base := least((self->>'base')::integer, greatest(
    coalesce(old_base, 0),
    CASE WHEN others = 0 THEN 1000000 ELSE 500000 - live_base - silent_base END
  ));
  INSERT INTO archipel.replica AS there (instance, host, pid, version, configuration_hash, started_at, beaten_at, rate_base)
  VALUES (
    me, self->>'host', (self->>'pid')::integer, self->>'version', self->>'configurationHash',
    to_timestamp((self->>'startedAtMs')::double precision / 1000), at, new_base
  )
  ON CONFLICT (instance) DO UPDATE SET
    host = excluded.host, pid = excluded.pid, version = excluded.version, configuration_hash = excluded.configuration_hash,
    started_at = excluded.started_at, beaten_at = at, rate_base = new_base;

  DELETE FROM archipel.rate_lease AS there WHERE there.instance = me AND NOT EXISTS (
    SELECT FROM json_to_recordset(claims) AS claim(scope text, name text)
    WHERE claim.scope = there.scope AND claim.name = there.limit_name
  );
  INSERT INTO archipel.rate_lease AS there (scope, limit_name, instance, granted, wanted)
  SELECT claim.scope, claim.name, me, greatest(0, least(claim.target, greatest(
      coalesce(mine.granted, 0), archipel.rate_pool(claim.units, me, new_base, at, lease, given_up) - coalesce(taken.granted, 0)
    ))), claim.wanted
  FROM json_to_recordset(claims) AS claim(scope text, name text, units bigint, target bigint, wanted bigint)
  LEFT JOIN archipel.rate_lease AS mine ON mine.scope = claim.scope AND mine.limit_name = claim.name AND mine.instance = me
  LEFT JOIN LATERAL (
    SELECT sum(lease_of.granted) AS granted
    FROM archipel.rate_lease AS lease_of JOIN archipel.replica USING (instance)
    WHERE lease_of.scope = claim.scope AND lease_of.limit_name = claim.name AND instance <> me AND beaten_at >= at - lease
  ) AS taken ON true
  ON CONFLICT (scope, limit_name, instance) DO UPDATE SET granted = excluded.granted, wanted = excluded.wanted
  WHERE (there.granted, there.wanted) IS DISTINCT FROM (excluded.granted, excluded.wanted);

  RETURN json_build_object(
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
        'scope', claim.scope, 'name', claim.name,
        'pool', archipel.rate_pool(claim.units, me, new_base, at, lease, given_up),
        'shares', (
          SELECT json_agg(json_build_object('instance', instance, 'granted', granted, 'wanted', wanted) ORDER BY instance)
          FROM archipel.rate_lease JOIN archipel.replica USING (instance)
          WHERE rate_lease.scope = claim.scope AND limit_name = claim.name AND (instance = me OR beaten_at >= at - lease)
        )
      )), '[]')
      FROM json_to_recordset(claims) AS claim(scope text, name text, units bigint)
    )
  );
END
$$;

-- Units of a limit that are no base of anybody, and that no replica which joins now would have as one.
CREATE FUNCTION archipel.rate_pool(total bigint, me uuid, own_base integer, at timestamptz, lease interval, given_up interval) RETURNS bigint
LANGUAGE sql STABLE AS $$
  SELECT greatest(0, total - mine.units - others.units - CASE WHEN others.count = 0 THEN 0 ELSE joins.units END)
  FROM (SELECT floor(total::double precision * own_base / 1000000)::bigint AS units) AS mine,
  LATERAL (
    SELECT count(*) AS count, coalesce(sum(rate_base), 0) AS base,
      coalesce(sum(floor(total::double precision * CASE
        WHEN beaten_at >= at - lease THEN rate_base
        ELSE 2 * least(rate_base, 500000 / (1 + (
          SELECT count(*) FROM archipel.replica AS counted WHERE counted.instance <> me AND counted.beaten_at >= at - given_up
        )))
      END / 1000000)), 0)::bigint AS units
    FROM archipel.replica WHERE instance <> me AND beaten_at >= at - given_up
  ) AS others,
  LATERAL (SELECT floor(total::double precision * greatest(0, 500000 - own_base - others.base) / 1000000)::bigint AS units) AS joins
$$;
