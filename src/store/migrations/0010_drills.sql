-- What a request needed of a target, by the names of features; null where it is not known, and in rows of before. A drill that sends it once more asks for it.
ALTER TABLE archipel.request ADD COLUMN needs text[];

-- Reports of drills, replayed and live.
CREATE TABLE archipel.drill (
  organisation_id text NOT NULL,
  drill_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('replay', 'live')),
  -- Name of the admin key.
  started_by text NOT NULL,
  started_at timestamptz NOT NULL,
  -- Null while it runs; where its process died meanwhile it stays so, and `until_at` says when it was over at the latest.
  ended_at timestamptz,
  until_at timestamptz NOT NULL,
  report jsonb NOT NULL,
  PRIMARY KEY (organisation_id, drill_id)
);

CREATE INDEX drill_started ON archipel.drill (organisation_id, started_at);
