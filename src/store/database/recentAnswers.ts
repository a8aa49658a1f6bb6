import type { Queries } from './Database.ts';

/** A whole answer that came as a stream, as its vendor reported it. */
export interface RecentAnswer {
  readonly key: string;
  readonly model: string;
  /** From whatever bucket. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

interface AnswerRow {
  readonly key: string;
  readonly model: string;
  readonly input: string;
  readonly output: string;
}

/** $1 organisation, $2 how many attempts are looked at: an index gives the newest, however large the ledger is. */
const selectRecent = `
SELECT key_name AS key, model,
  usage_input + usage_cache_read + usage_cache_write_5m + usage_cache_write_1h + usage_input_audio + usage_input_image AS input,
  usage_output + usage_reasoning AS output
FROM (SELECT * FROM archipel.attempt WHERE organisation_id = $1 ORDER BY started_at_ms DESC LIMIT $2) AS newest
WHERE stream AND operation = 'generate' AND basis = 'reported' AND outcome_kind = 'ok' AND revision = 0
ORDER BY started_at_ms`;

/** Whole answers among the newest attempts of an organisation, the oldest first. */
export const recentAnswers = async (
  queries: Queries,
  organisation: string,
  attemptsMax: number,
): Promise<readonly RecentAnswer[]> => {
  const rows = await queries.query<AnswerRow & Record<string, unknown>>(selectRecent, [organisation, attemptsMax]);
  return rows.map(({ key, model, input, output }) => ({
    key,
    model,
    inputTokens: Number(input),
    outputTokens: Number(output),
  }));
};
