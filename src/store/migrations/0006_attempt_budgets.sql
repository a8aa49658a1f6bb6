-- The budgets that an attempt draws on, as [[scope, start of the window in Unix milliseconds], ...]; null where there are none, and in rows of before.
ALTER TABLE archipel.attempt ADD COLUMN budgets jsonb;
