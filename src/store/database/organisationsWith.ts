import type { Queries } from './Database.ts';

/** From one organisation to the next along the index: its cost is the number of organisations, not of rows. */
// tidy-allow spliced-sql: one of the two tables below; the name of a table can be no parameter
const fromOneToTheNext = (table: 'attempt' | 'job'): string => `
WITH RECURSIVE known AS (
  (SELECT organisation_id FROM archipel.${table} ORDER BY organisation_id LIMIT 1)
  UNION ALL
  SELECT (
    SELECT kept.organisation_id FROM archipel.${table} AS kept
    WHERE kept.organisation_id > known.organisation_id ORDER BY kept.organisation_id LIMIT 1
  )
  FROM known WHERE known.organisation_id IS NOT NULL
)
SELECT organisation_id FROM known WHERE organisation_id IS NOT NULL`;

const organisationsIn = async (queries: Queries, table: 'attempt' | 'job'): Promise<readonly string[]> => {
  const rows = await queries.query<{ organisation_id: string }>(fromOneToTheNext(table));
  return rows.map(({ organisation_id }) => organisation_id);
};

/** Every organisation that has attempts in the ledger, also those that no file names any more, by name. */
export const organisationsWithAttempts = (queries: Queries): Promise<readonly string[]> =>
  organisationsIn(queries, 'attempt');

/** Every organisation that has jobs, also those that no file names any more, by name. */
export const organisationsWithJobs = (queries: Queries): Promise<readonly string[]> => organisationsIn(queries, 'job');
