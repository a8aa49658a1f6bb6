import type { Queries } from '../database/Database.ts';
import { storedMonths } from '../database/storedMonths.ts';
import type { DatabaseCheck } from './databaseChecks.ts';
import { faultsMax, type LedgerFaults } from './LedgerFaults.ts';

/** Each selects `id` and `detail` of what does not hold in one month; $1 is the most rows wanted, $2 the month. */
const monthChecks: readonly DatabaseCheck[] = [
  {
    kind: 'journal_missing',
    sql: `
      SELECT journal_id::text AS id, format('%s of %s name it, and it is not there', string_agg(what, ' and ' ORDER BY what), organisation_id) AS detail
      FROM (
        SELECT organisation_id, journal_id, 'attempts' AS what FROM archipel.attempt WHERE month = $2::date AND journal_id IS NOT NULL
        UNION
        SELECT organisation_id, journal_id, 'lines' FROM archipel.journal_line WHERE month = $2::date
      ) AS named
      WHERE NOT EXISTS (
        SELECT FROM archipel.journal AS kept
        WHERE kept.organisation_id = named.organisation_id AND kept.month = $2::date AND kept.journal_id = named.journal_id
      )
      GROUP BY organisation_id, journal_id
      LIMIT $1`,
  },
  {
    kind: 'journal_out_of_order',
    sql: `
      SELECT journal_id::text AS id, format('it begins behind record %s, the one before it ends with %s', from_sequence, before) AS detail
      FROM (
        SELECT journal_id, from_sequence,
          coalesce(lag(to_sequence) OVER (PARTITION BY organisation_id, spool ORDER BY to_sequence), 0) AS before
        FROM archipel.journal WHERE month = $2::date AND kind = 'shipment'
      ) AS chained
      WHERE from_sequence <> before LIMIT $1`,
  },
  {
    kind: 'journal_unbalanced',
    sql: `
      SELECT journal_id::text AS id, format('its lines sum to %s', sum(amount_nano_usd)) AS detail
      FROM archipel.journal_line WHERE month = $2::date
      GROUP BY organisation_id, journal_id HAVING sum(amount_nano_usd) <> 0 LIMIT $1`,
  },
  {
    // Openings stand for all attempts without a journal together; those that came later are told apart below.
    kind: 'journal_differs',
    sql: `
      SELECT
        coalesce(journal_id::text, organisation_id) AS id,
        min(detail) || CASE WHEN count(*) > 1 THEN format(', and %s more that differ', count(*) - 1) ELSE '' END AS detail
      FROM (
        SELECT organisation_id, journal_id, format('%s attempts are there, it booked %s', sum(kept), sum(booked)) AS detail
        FROM (
          SELECT organisation_id, journal_id, count(*) AS kept, 0 AS booked FROM archipel.attempt WHERE month = $2::date GROUP BY 1, 2
          UNION ALL
          SELECT organisation_id, CASE WHEN kind = 'opening' THEN NULL ELSE journal_id END, 0, attempts FROM archipel.journal WHERE month = $2::date
        ) AS counted
        GROUP BY 1, 2 HAVING sum(kept) < sum(booked) OR (journal_id IS NOT NULL AND sum(kept) <> sum(booked))
        UNION ALL
        SELECT organisation_id, journal_id, format('account %s: its attempts say %s, its lines %s', account, sum(kept), sum(booked))
        FROM (
          SELECT summed.organisation_id, summed.journal_id, entry.account, sum(entry.entry_nano_usd) AS kept, 0 AS booked
          FROM (
            SELECT organisation_id, journal_id, vendor, contract, team, key_name, sum(amount_nano_usd) AS amount
            FROM archipel.attempt WHERE month = $2::date GROUP BY 1, 2, 3, 4, 5, 6
          ) AS summed
          CROSS JOIN LATERAL archipel.entries(summed.vendor, summed.contract, summed.team, summed.key_name, summed.amount) AS entry
          GROUP BY 1, 2, 3
          UNION ALL
          SELECT line.organisation_id, CASE WHEN head.kind = 'opening' THEN NULL ELSE line.journal_id END, line.account, 0, line.amount_nano_usd
          FROM archipel.journal_line AS line LEFT JOIN archipel.journal AS head USING (organisation_id, month, journal_id)
          WHERE line.month = $2::date
        ) AS entered
        GROUP BY organisation_id, journal_id, account HAVING sum(kept) <> sum(booked)
      ) AS told
      GROUP BY organisation_id, journal_id LIMIT $1`,
  },
  {
    kind: 'attempt_without_journal',
    sql: `
      SELECT organisation_id AS id,
        format('%s attempts of %s: %s', sum(attempts), to_char($2::date, 'YYYY-MM'), CASE
          WHEN EXISTS (SELECT FROM archipel.unbooked_month AS unbooked WHERE unbooked.month = $2::date)
            THEN 'they are of before there were journals, and a gateway that has started books them'
          ELSE 'a process of an earlier version wrote them; SELECT archipel.open_books() books them'
        END) AS detail
      FROM (
        SELECT organisation_id, count(*) AS attempts FROM archipel.attempt WHERE month = $2::date AND journal_id IS NULL GROUP BY 1
        UNION ALL
        SELECT organisation_id, -attempts FROM archipel.journal WHERE month = $2::date AND kind = 'opening'
      ) AS told
      GROUP BY organisation_id HAVING sum(attempts) > 0 LIMIT $1`,
  },
];

const countBooked = `
SELECT (SELECT count(*) FROM archipel.journal)::integer AS journals, (SELECT count(*) FROM archipel.journal_line)::integer AS lines`;

/** Holds journals against their lines, their attempts and each other, month by month. */
export const checkJournals = async (
  queries: Queries,
  faults: LedgerFaults,
): Promise<{ readonly journals: number; readonly lines: number }> => {
  for (const month of await storedMonths(queries))
    for (const { kind, sql } of monthChecks) {
      const found = await queries.query<{ id: string; detail: string }>(sql, [faultsMax, month]);
      faults.add(found.map((fault) => ({ kind, ...fault })));
    }
  const [counted] = await queries.query<{ journals: number; lines: number }>(countBooked);
  return { journals: counted?.journals ?? 0, lines: counted?.lines ?? 0 };
};
