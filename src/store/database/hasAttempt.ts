import type { Queries } from './Database.ts';

/** Whether the ledger has an attempt. @throws CodedError database_unavailable */
export const hasAttempt = async (queries: Queries, organisation: string, attemptId: string): Promise<boolean> => {
  const rows = await queries.query(
    'SELECT 1 FROM archipel.attempt WHERE organisation_id = $1 AND month = archipel.uuid_month($2::uuid) AND attempt_id = $2::uuid LIMIT 1',
    [organisation, attemptId],
  );
  return rows.length > 0;
};
