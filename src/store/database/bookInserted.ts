/**
 * Books attempts that a statement has just inserted: their entries, summed by account, as lines of journals. To stand behind an `inserted` that gives
 * organisation_id, month, vendor, contract, team, key_name and amount_nano_usd; $2 is the journal. `summed` has their attempts for the journals themselves.
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
