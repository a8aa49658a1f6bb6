/** What an attempt, or a revision of one, takes from its budgets, in SQL: as `budgetCharge` of the ledger says it of a record. */
export const budgetChargeSql = "CASE WHEN outcome_kind = 'unknown' THEN range_high_nano_usd ELSE amount_nano_usd END";
