import type { Queries } from './Database.ts';

/** What attempts, or revisions of them, take from one window of one budget, as PostgreSQL gives and takes it. Amount in nano-USD. */
export interface MoveRow {
  readonly organisation: string;
  readonly scope: string;
  readonly fromMs: number;
  readonly amount: string;
}

/**
 * Sets right what is spent by what corrections add to attempts, in the transaction that brings them. A window that nobody leases, or that is forgotten, stays as it
 * is: it is counted from the attempts when it is needed.
 * Shipments and turns of leases wait meanwhile, also with the rows that they only lock at first, and so does this one for a count that is under way and may have seen
 * the attempts without the corrections.
 * @throws CodedError database_unavailable
 */
export const correctSpend = async (queries: Queries, corrections: readonly MoveRow[]): Promise<void> => {
  await queries.query('LOCK TABLE archipel.budget_spend IN EXCLUSIVE MODE');
  await queries.query(
    `UPDATE archipel.budget_spend AS kept SET spent_nano_usd = kept.spent_nano_usd + correction.amount
     FROM jsonb_to_recordset($1::jsonb) AS correction(organisation text, scope text, "fromMs" bigint, amount numeric)
     WHERE kept.organisation_id = correction.organisation AND kept.scope = correction.scope AND kept.bucket_from_ms = correction."fromMs"`,
    [JSON.stringify(corrections)],
  );
};
