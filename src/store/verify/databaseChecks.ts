import type { LedgerFaultKind } from './LedgerFaults.ts';

export interface DatabaseCheck {
  readonly kind: LedgerFaultKind;
  readonly sql: string;
}

/** Each selects `id` and `detail` of what does not hold; $1 is the most rows wanted. */
export const databaseChecks: readonly DatabaseCheck[] = [
  {
    kind: 'lines_do_not_sum',
    sql: `
      SELECT attempt_id::text AS id, format('amount %s, lines %s', amount_nano_usd, lines_sum) AS detail
      FROM (
        SELECT attempt_id, amount_nano_usd,
          (SELECT coalesce(sum((line->>'amountNanoUsd')::numeric), 0) FROM jsonb_array_elements(lines) AS line) AS lines_sum
        FROM archipel.attempt
      ) AS summed
      WHERE amount_nano_usd <> lines_sum LIMIT $1`,
  },
  {
    kind: 'wrong_month',
    sql: `
      SELECT id::text, format('stored in %s, its id says %s', to_char(month, 'YYYY-MM'), to_char(archipel.uuid_month(id), 'YYYY-MM')) AS detail
      FROM (SELECT attempt_id AS id, month FROM archipel.attempt UNION ALL SELECT request_id, month FROM archipel.request) AS stored
      WHERE month <> archipel.uuid_month(id) LIMIT $1`,
  },
  {
    kind: 'two_months',
    sql: `
      SELECT attempt_id::text AS id, format('stored in %s', string_agg(to_char(month, 'YYYY-MM'), ' and ' ORDER BY month)) AS detail
      FROM archipel.attempt WHERE revision = 0 GROUP BY attempt_id HAVING count(*) > 1 LIMIT $1`,
  },
  {
    kind: 'attempt_of_request_missing',
    sql: `
      SELECT request_id::text AS id, format('attempt %s has no row', attempt_id) AS detail
      FROM (
        SELECT organisation_id, request_id, unnest(attempt_ids) AS attempt_id FROM archipel.request
        EXCEPT
        SELECT organisation_id, request_id, attempt_id FROM archipel.attempt
      ) AS missing
      LIMIT $1`,
  },
  {
    // No model takes or writes ten thousand million tokens at once: a vendor that says so is wrong, and its bill will tell. Corrections count.
    kind: 'implausible_usage',
    sql: `
      SELECT first.attempt_id::text AS id,
        format('%s says %s tokens in one attempt, and %s nano-USD are booked for it', first.vendor, whole.tokens, whole.amount) AS detail
      FROM archipel.attempt AS first
      CROSS JOIN LATERAL (
        SELECT sum(amount_nano_usd) AS amount, sum(
          usage_input + usage_cache_read + usage_cache_write_5m + usage_cache_write_1h + usage_input_audio + usage_input_image
            + usage_output + usage_reasoning + usage_output_audio + usage_output_image
        ) AS tokens
        FROM archipel.attempt AS revised
        WHERE revised.organisation_id = first.organisation_id AND revised.month = first.month AND revised.attempt_id = first.attempt_id
      ) AS whole
      WHERE first.revision = 0 AND whole.tokens > 10000000000 AND greatest(
        first.usage_input, first.usage_cache_read, first.usage_cache_write_5m, first.usage_cache_write_1h, first.usage_input_audio,
        first.usage_input_image, first.usage_output, first.usage_reasoning, first.usage_output_audio, first.usage_output_image
      ) >= 1000000000
      LIMIT $1`,
  },
  {
    kind: 'rejected_record',
    sql: 'SELECT record_id AS id, reason AS detail FROM archipel.rejected_record LIMIT $1',
  },
];
