-- Lists of what capacity costs, as they were imported. They are public prices and belong to no organisation.

CREATE TABLE archipel.offer_list (
  -- A newer list of the same name takes the place of the older one whole.
  name text PRIMARY KEY,
  -- Day of the prices, where the one who imported them told it.
  source_date date,
  imported_at timestamptz NOT NULL,
  imported_by text NOT NULL,
  -- The comma-separated values to the letter, so that prices stay exact and a later version can read more of them.
  csv text NOT NULL
);
