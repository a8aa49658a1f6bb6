import type { Database } from './Database.ts';

/** One account of the books, over all that is in them. Nano-USD. */
export interface LedgerAccount {
  readonly organisation: string;
  /** `spend:<team>/<key>`, `payable:<vendor>`, `drawdown:<contract>` or `commitment:<contract>`. */
  readonly account: string;
  readonly debitNanoUsd: string;
  readonly creditNanoUsd: string;
  /** Debit less credit. */
  readonly balanceNanoUsd: string;
}

const sumAccounts = `
SELECT
  organisation_id AS organisation, account,
  coalesce(sum(amount_nano_usd) FILTER (WHERE amount_nano_usd > 0), 0)::text AS "debitNanoUsd",
  coalesce(-sum(amount_nano_usd) FILTER (WHERE amount_nano_usd < 0), 0)::text AS "creditNanoUsd",
  sum(amount_nano_usd)::text AS "balanceNanoUsd"
FROM archipel.journal_line
GROUP BY 1, 2 ORDER BY 1, 2`;

/** The trial balance: every account of every organisation. The balances of an organisation sum to 0. It reads every line of every journal. @throws CodedError database_unavailable */
export const ledgerAccounts = (database: Database): Promise<readonly LedgerAccount[]> =>
  database.exclusive((queries) => queries.query<LedgerAccount & Record<string, unknown>>(sumAccounts));
