import pg from 'pg';
import { assert, parseNanoUsd, uuidV7Month } from '../../kernel/index.ts';
import type { PriceLine, UsageBucket } from '../../vocabulary/index.ts';
import { storeError } from '../errors.ts';
import { attemptColumns, usageValues } from './attemptColumns.ts';
import { bookInserted, insertedColumns, insertedSpends } from './bookInserted.ts';
import { correctSpend, type MoveRow } from './correctSpend.ts';
import type { Database } from './Database.ts';

/** What is added to an attempt that stands in the ledger. It keeps who, where, when and its basis, so that sums over all revisions are what is true now. */
export interface AttemptCorrection {
  readonly attemptId: string;
  /** 1 for the first correction of the attempt, 2 for the second: who corrects has seen all revisions before. */
  readonly revision: number;
  /** Added to its units; may be negative. */
  readonly usage: Readonly<Partial<Record<UsageBucket, number>>>;
  /** Units and amounts may be negative. */
  readonly lines: readonly PriceLine[];
  /** Added to its amount: the sum of the lines. Nano-USD. */
  readonly amountNanoUsd: string;
  /** Added to what it would have cost at list prices. Nano-USD. */
  readonly listNanoUsd: string;
  /** Added to the lower and to the upper bound of its cost. Nano-USD. */
  readonly rangeNanoUsd: readonly [string, string];
}

/** Corrections that are booked together, such as those by one bill of a vendor. */
export interface CorrectionJournal {
  readonly organisation: string;
  /** A UUIDv7 that is made before, and kept: booked again under the same id, nothing changes. */
  readonly journalId: string;
  /** Why, as people read it later. */
  readonly reason: string;
  readonly corrections: readonly AttemptCorrection[];
}

/** $3 months of the corrections, in which their journal lies. */
const selectJournal =
  'SELECT 1 FROM archipel.journal WHERE organisation_id = $1 AND month = ANY($3::date[]) AND journal_id = $2::uuid LIMIT 1';

/** $1 corrections, $2 journal id, $3 organisation, $4 reason. */
// tidy-allow spliced-sql: fixed pieces that both ways into the ledger share
const insertCorrections = `
WITH inserted AS (
  INSERT INTO archipel.attempt (${attemptColumns})
  SELECT
    organisation_id, month, attempt_id, given.revision, request_id, attempt, team, key_name, model, provider, target_model, vendor, hosts,
    jurisdiction, lab, region, wire, operation, stream, contract, started_at_ms, first_content_ms, duration_ms, outcome_kind, outcome,
    basis, ${usageValues},
    given.lines, given."amountNanoUsd", given."listNanoUsd", (given."rangeNanoUsd"->>0)::numeric, (given."rangeNanoUsd"->>1)::numeric,
    '{}', served_tier, budgets, $2::uuid
  FROM json_to_recordset($1::json) AS given(
    "attemptId" uuid, revision integer, usage jsonb, lines jsonb, "amountNanoUsd" numeric, "listNanoUsd" numeric, "rangeNanoUsd" jsonb
  )
  JOIN archipel.attempt AS first
    ON first.organisation_id = $3 AND first.month = archipel.uuid_month(given."attemptId") AND first.attempt_id = given."attemptId" AND first.revision = 0
  WHERE EXISTS (
    SELECT FROM archipel.attempt AS before
    WHERE before.organisation_id = $3 AND before.month = first.month AND before.attempt_id = first.attempt_id AND before.revision = given.revision - 1
  )
  RETURNING ${insertedColumns}
), ${bookInserted}, journals AS (
  INSERT INTO archipel.journal (organisation_id, month, journal_id, kind, attempts, reason)
  SELECT organisation_id, month, $2::uuid, 'correction', sum(attempts), $4 FROM summed GROUP BY 1, 2
)
SELECT coalesce(sum(attempts), 0)::integer AS count, ${insertedSpends} AS spends FROM summed`;

interface CorrectedRow {
  readonly count: number;
  readonly spends: readonly MoveRow[] | null;
}

const checkCorrection = ({ attemptId, revision, lines, amountNanoUsd }: AttemptCorrection): void => {
  assert(Number.isSafeInteger(revision) && revision > 0, `a correction of ${attemptId} has a revision from 1 on`);
  const sum = lines.reduce((total, line) => total + parseNanoUsd(line.amountNanoUsd), 0n);
  assert(sum === parseNanoUsd(amountNanoUsd), `the lines of the correction of ${attemptId} sum to its amount`);
};

const refused = (journalId: string, why: string, options?: ErrorOptions): Error =>
  storeError('correction_refused', `Journal ${journalId} is not booked: ${why}.`, options);

const isDoubled = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '23505';

/**
 * Corrects attempts by further revisions, all of them or none, in one journal for each month. What stands in the ledger stays as it is. What replicas have spent of
 * the budgets that they name is corrected with them, in the windows of their holds.
 * @returns how many were booked now: 0 where the journal was booked before.
 * @throws CodedError correction_refused where an attempt is not there or has other revisions than the corrections know; database_unavailable
 */
export const correctAttempts = async (database: Database, journal: CorrectionJournal): Promise<number> => {
  const { organisation, journalId, reason, corrections } = journal;
  for (const correction of corrections) checkCorrection(correction);
  const months = [...new Set(corrections.map(({ attemptId }) => `${uuidV7Month(attemptId)}-01`))];
  try {
    return await database.transaction(async (queries) => {
      const known = await queries.query(selectJournal, [organisation, journalId, months]);
      if (known.length > 0) return 0;
      const values = [JSON.stringify(corrections), journalId, organisation, reason];
      const [row] = await queries.query<CorrectedRow & pg.QueryResultRow>(insertCorrections, values);
      const count = row?.count ?? 0;
      if (count !== corrections.length)
        throw refused(journalId, `${corrections.length - count} of its attempts are not there at the revision before`);
      if (row?.spends) await correctSpend(queries, row.spends);
      return count;
    });
  } catch (error) {
    if (isDoubled(error)) throw refused(journalId, 'one of its attempts was corrected since', { cause: error });
    throw error;
  }
};
