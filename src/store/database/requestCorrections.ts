import type { PriceLine } from '../../vocabulary/index.ts';
import type { Queries } from './Database.ts';
import { attemptsToldMax } from './requestById.ts';

/** A correction of an attempt, as it is told. Amounts in nano-USD; they may be negative. */
export interface ToldCorrection {
  readonly attemptId: string;
  readonly revision: number;
  /** Why. */
  readonly reason: string;
  readonly lines: readonly PriceLine[];
  /** What it adds to the amount of the attempt, and to the bounds of its cost. */
  readonly amountNanoUsd: string;
  readonly rangeNanoUsd: readonly [string, string];
}

interface CorrectionRow {
  readonly attempt_id: string;
  readonly revision: number;
  readonly reason: string | null;
  readonly lines: readonly PriceLine[];
  readonly amount: string;
  readonly low: string;
  readonly high: string;
}

/** $1 organisation, $2 request, $3 the most that are wanted; its months are those of its attempts. */
const selectCorrections = `
SELECT attempt_id, revision, journal.reason, lines, amount_nano_usd AS amount, range_low_nano_usd AS low, range_high_nano_usd AS high
FROM archipel.attempt LEFT JOIN archipel.journal USING (organisation_id, month, journal_id)
WHERE organisation_id = $1 AND request_id = $2 AND revision > 0 AND month >= archipel.uuid_month($2) - interval '1 month'
ORDER BY attempt_id, revision LIMIT $3`;

/** What the attempts of a request were corrected by, the first of each attempt first. */
export const requestCorrections = async (
  queries: Queries,
  organisation: string,
  requestId: string,
): Promise<readonly ToldCorrection[]> => {
  const rows = await queries.query<CorrectionRow & Record<string, unknown>>(selectCorrections, [
    organisation,
    requestId,
    attemptsToldMax,
  ]);
  return rows.map(({ attempt_id, revision, reason, lines, amount, low, high }) => ({
    attemptId: attempt_id,
    revision,
    reason: reason ?? '',
    lines,
    amountNanoUsd: amount,
    rangeNanoUsd: [low, high],
  }));
};
