import { budgetChargeSql } from './budgetChargeSql.ts';

/** What a statement that inserts attempts gives of each, so that they can be booked. */
export const insertedColumns =
  'organisation_id, month, vendor, contract, team, key_name, amount_nano_usd, budgets, outcome_kind, range_high_nano_usd';

/**
 * Books attempts that a statement has just inserted: their entries, summed by account, as lines of journals. To stand behind an `inserted` that gives the
 * columns above; $2 is the journal. `summed` has their attempts for the journals themselves.
 */
export const bookInserted = `
summed AS (
  SELECT organisation_id, month, vendor, contract, team, key_name, count(*) AS attempts, sum(amount_nano_usd) AS amount
  FROM inserted GROUP BY 1, 2, 3, 4, 5, 6
), booked_lines AS (
  INSERT INTO archipel.journal_line (organisation_id, month, journal_id, account, amount_nano_usd)
  SELECT organisation_id, month, $2::uuid, account, sum(entry_nano_usd)
  FROM summed CROSS JOIN LATERAL archipel.entries(vendor, contract, team, key_name, amount)
  GROUP BY 1, 2, account HAVING sum(entry_nano_usd) <> 0
)`;

/** What they take from their budgets, window by window, as JSON; NULL where they take nothing. */
// tidy-allow spliced-sql: a fixed piece that all who count for budgets share
export const insertedSpends = `(
  SELECT jsonb_agg(jsonb_build_object('organisation', organisation_id, 'scope', scope, 'fromMs', from_ms, 'amount', amount::text))
  FROM (
    SELECT organisation_id, budget->>0 AS scope, (budget->1)::bigint AS from_ms, sum(${budgetChargeSql}) AS amount
    FROM inserted CROSS JOIN jsonb_array_elements(budgets) AS budget
    GROUP BY organisation_id, scope, from_ms
  ) AS moved
)`;
