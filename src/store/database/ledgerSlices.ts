import type { LedgerSlice } from '../../vocabulary/index.ts';
import { cursorRows } from './cursorRows.ts';
import type { Queries } from './Database.ts';

/** A contract for as long as it is in force. */
export interface ContractPeriod {
  readonly id: string;
  /** Unix milliseconds: in force when fromMs <= at < untilMs. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Whose attempts, of when. */
export interface SlicesOf {
  readonly organisations: readonly string[];
  /** Attempts that started at or after this and before that, Unix milliseconds. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** By hours, days or months of UTC. */
export interface PeriodSlices extends SlicesOf {
  readonly by: 'hour' | 'day' | 'month';
  /** Contracts whose attempts, while they are in force, are left out. */
  readonly without: readonly ContractPeriod[];
  /** Instants, in order, at which a period is cut in two; Unix milliseconds. */
  readonly bordersMs: readonly number[];
}

/** Of contracts that several organisations may share, while they are in force, by stretches of one length counted from an origin. */
export interface IntervalSlices extends SlicesOf {
  readonly contracts: readonly ContractPeriod[];
  readonly originMs: number;
  readonly intervalMs: number;
}

/** Which lines, with the start of the stretch that each of them falls into. $1 organisations, $2 from, $3 to. */
// tidy-allow spliced-sql: two fixed expressions and two fixed conditions of this file
const slicesSql = (stretchStart: string, condition: string): string => `
DECLARE found NO SCROLL CURSOR FOR
SELECT
  ${stretchStart} AS "fromMs", provider, vendor, target_model AS "targetModel", model, lab, region, hosts, team, key_name AS key,
  operation, contract, basis, line.bucket, line."priceNanoUsdPerMillion" AS "nanoUsdPerMillion", line.discount, line.source,
  sum(line.units)::text AS units, sum(line."amountNanoUsd")::text AS "amountNanoUsd",
  served_tier AS "servedTier",
  revision > 0 AND date_trunc('month', recorded_at AT TIME ZONE 'UTC')
    > date_trunc('month', to_timestamp(started_at_ms / 1000.0) AT TIME ZONE 'UTC') AS "isCorrection"
FROM archipel.attempt CROSS JOIN LATERAL jsonb_to_recordset(lines) AS line(
  bucket text, units numeric, "priceNanoUsdPerMillion" text, discount text, "amountNanoUsd" numeric, source text
)
WHERE organisation_id = ANY($1::text[]) AND started_at_ms >= $2 AND started_at_ms < $3
  AND month >= date_trunc('month', to_timestamp($2::bigint / 1000.0 - 2764800) AT TIME ZONE 'UTC')
  AND month <= to_timestamp($3::bigint / 1000.0 + 2764800) AT TIME ZONE 'UTC'
  AND ${condition}
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 20, 21
ORDER BY 1`;

/** Whether an attempt names a contract that is in force. $6 contracts, $7 from, $8 until. */
const isUnder = `EXISTS (
  SELECT FROM unnest($6::text[], $7::bigint[], $8::bigint[]) AS its (id, from_ms, until_ms)
  WHERE its.id = contract AND started_at_ms >= its.from_ms AND started_at_ms < its.until_ms
)`;

/** $4 hour, day or month; $5 borders; $6 contracts. */
const byPeriod = slicesSql(
  `greatest(
    (extract(epoch FROM date_trunc($4::text, to_timestamp(started_at_ms / 1000.0) AT TIME ZONE 'UTC')) * 1000)::bigint,
    coalesce(($5::bigint[])[width_bucket(started_at_ms, $5::bigint[])], 0)
  )`,
  `(contract IS NULL OR contract <> ALL($6::text[]) OR NOT ${isUnder})`,
);

/** $4 origin, $5 length, $6 contracts. */
const byInterval = slicesSql(
  '(started_at_ms - $4::bigint) / $5::bigint * $5::bigint + $4::bigint',
  `contract = ANY($6::text[]) AND ${isUnder}`,
);

type Counted = 'fromMs' | 'nanoUsdPerMillion' | 'units' | 'amountNanoUsd';

/** A slice as PostgreSQL gives it: what may be large as text. */
type Fetched = Omit<LedgerSlice, Counted> & Readonly<Record<Counted, string>>;

const sliceOf = (row: Fetched): LedgerSlice => ({
  ...row,
  fromMs: Number(row.fromMs),
  nanoUsdPerMillion: BigInt(row.nanoUsdPerMillion),
  units: BigInt(row.units),
  amountNanoUsd: BigInt(row.amountNanoUsd),
});

async function* readSlices(
  session: Queries,
  sql: string,
  values: Parameters<Queries['query']>[1],
): AsyncGenerator<LedgerSlice> {
  for await (const row of cursorRows<Fetched>(session, sql, values)) yield sliceOf(row);
}

const periodValues = (contracts: readonly ContractPeriod[]): readonly (readonly string[] | readonly number[])[] => [
  contracts.map(({ id }) => id),
  contracts.map(({ fromMs }) => fromMs),
  contracts.map(({ untilMs }) => untilMs),
];

/** The ledger's lines by period, in the order of time. @param session a connection on which nothing else runs meanwhile. */
export const slicesByPeriod = (session: Queries, of: PeriodSlices): AsyncGenerator<LedgerSlice> =>
  readSlices(session, byPeriod, [
    of.organisations,
    of.fromMs,
    of.toMs,
    of.by,
    of.bordersMs,
    ...periodValues(of.without),
  ]);

/** The lines of contracts by interval, in the order of time. @param session as above. */
export const slicesByInterval = (session: Queries, of: IntervalSlices): AsyncGenerator<LedgerSlice> =>
  readSlices(session, byInterval, [
    of.organisations,
    of.fromMs,
    of.toMs,
    of.originMs,
    of.intervalMs,
    ...periodValues(of.contracts),
  ]);
