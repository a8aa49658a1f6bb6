import type { Operation } from '../../vocabulary/index.ts';
import { cursorRows } from './cursorRows.ts';
import type { Queries } from './Database.ts';
import type { RequestStretch } from './pastRequests.ts';

/** What went to one provider: money and tokens of all attempts, and how many answered. */
export interface ProviderUse {
  readonly provider: string;
  readonly vendor: string;
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly lab: string | null;
  /** Nano-USD. */
  readonly spend: bigint;
  readonly tokens: bigint;
  readonly requests: bigint;
}

interface UseRow extends Omit<ProviderUse, 'spend' | 'tokens' | 'requests'> {
  readonly spend: string;
  readonly tokens: string;
  readonly requests: string;
}

// Months are cut with a month of room: ids keep growing when the wall clock jumps back.
const sumUses = `
SELECT
  provider, vendor, hosts, jurisdiction, lab, sum(amount_nano_usd)::text AS spend,
  sum(
    usage_input + usage_cache_read + usage_cache_write_5m + usage_cache_write_1h + usage_input_audio + usage_input_image
      + usage_output + usage_reasoning + usage_output_audio + usage_output_image
  )::text AS tokens,
  (count(*) FILTER (WHERE revision = 0 AND outcome_kind = 'ok' AND operation <> 'compute'))::text AS requests
FROM archipel.attempt
WHERE organisation_id = ANY($1::text[]) AND started_at_ms >= $2 AND started_at_ms < $3
  AND month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND month <= to_timestamp($3::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'
GROUP BY provider, vendor, hosts, jurisdiction, lab
ORDER BY provider, vendor, hosts, jurisdiction, lab`;

/** What each provider had, apart by where it stood then. @throws CodedError `database_unavailable` */
export const supplyUse = async (
  queries: Queries,
  { organisations, fromMs, toMs }: RequestStretch,
): Promise<readonly ProviderUse[]> => {
  const rows = await queries.query<UseRow>(sumUses, [organisations, fromMs, toMs]);
  return rows.map(({ spend, tokens, requests, ...row }) => ({
    ...row,
    spend: BigInt(spend),
    tokens: BigInt(tokens),
    requests: BigInt(requests),
  }));
};

/** What a target took on the average. Milliseconds. */
export interface TargetTimes {
  /** "provider/model". */
  readonly target: string;
  readonly firstContentMs: number | null;
  readonly durationMs: number;
}

const meanTimes = `
SELECT provider || '/' || target_model AS target, avg(first_content_ms) AS "firstContentMs", avg(duration_ms) AS "durationMs"
FROM archipel.attempt
WHERE organisation_id = ANY($1::text[]) AND started_at_ms >= $2 AND started_at_ms < $3 AND revision = 0 AND outcome_kind = 'ok'
  AND month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND month <= to_timestamp($3::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'
GROUP BY 1`;

/** What answers took, by target. @throws CodedError `database_unavailable` */
export const targetTimes = (
  queries: Queries,
  { organisations, fromMs, toMs }: RequestStretch,
): Promise<readonly TargetTimes[]> => queries.query<TargetTimes>(meanTimes, [organisations, fromMs, toMs]);

/** Requests of one kind that were answered in one minute. */
export interface MinuteRequests {
  readonly atMs: number;
  readonly model: string;
  readonly wire: string;
  readonly operation: Operation;
  readonly needs: readonly string[] | null;
  /** One of those that are told apart; null for all others together. */
  readonly organisation: string | null;
  readonly team: string | null;
  readonly key: string | null;
  readonly requests: number;
}

/** Organisations, teams and keys whose requests are told apart, by their names. */
export interface CallersApart {
  readonly organisations: readonly string[];
  readonly teams: readonly string[];
  readonly keys: readonly string[];
}

interface MinuteRow extends Omit<MinuteRequests, 'atMs'> {
  readonly atMs: string;
}

const selectMinutes = `
DECLARE found NO SCROLL CURSOR FOR
SELECT
  started_at_ms - started_at_ms % 60000 AS "atMs", model, wire, operation, needs, CASE WHEN team = ANY($4::text[]) THEN team END AS team,
  CASE WHEN key_name = ANY($5::text[]) THEN key_name END AS key,
  CASE WHEN organisation_id = ANY($6::text[]) THEN organisation_id END AS organisation, count(*)::integer AS requests
FROM archipel.request
WHERE organisation_id = ANY($1::text[]) AND started_at_ms >= $2 AND started_at_ms < $3 AND status < 400
  AND operation IN ('generate', 'embed', 'passthrough')
  AND month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND month <= to_timestamp($3::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
ORDER BY 1`;

/** How many were answered in each minute, in the order of time. @param session a connection on which nothing else runs meanwhile. */
export async function* requestsByMinute(
  session: Queries,
  { organisations, fromMs, toMs }: RequestStretch,
  apart: CallersApart,
): AsyncGenerator<MinuteRequests> {
  const { teams, keys } = apart;
  const sought = [organisations, fromMs, toMs, teams, keys, apart.organisations];
  const rows = cursorRows<MinuteRow>(session, selectMinutes, sought);
  for await (const { atMs, ...row } of rows) yield { ...row, atMs: Number(atMs) };
}
