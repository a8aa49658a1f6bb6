import type { Queries } from './Database.ts';

/** From one organisation to the next along the index: its cost is the number of organisations, not of attempts. */
const fromOneToTheNext = `
WITH RECURSIVE known AS (
  (SELECT organisation_id FROM archipel.attempt ORDER BY organisation_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT attempt.organisation_id FROM archipel.attempt
    WHERE attempt.organisation_id > known.organisation_id ORDER BY attempt.organisation_id LIMIT 1
  )
  FROM known WHERE known.organisation_id IS NOT NULL
)
SELECT organisation_id FROM known WHERE organisation_id IS NOT NULL`;

/** Every organisation that has attempts in the ledger, also those that no file names any more, by name. */
export const organisationsWithAttempts = async (queries: Queries): Promise<readonly string[]> => {
  const rows = await queries.query<{ organisation_id: string }>(fromOneToTheNext);
  return rows.map(({ organisation_id }) => organisation_id);
};
