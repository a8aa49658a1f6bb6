import { endUserMark, rollingPieces } from '../../ledger/index.ts';
import { rollingLengthMs } from '../../vocabulary/index.ts';
import { budgetChargeSql } from '../database/budgetChargeSql.ts';
import type { Queries } from '../database/Database.ts';
import { faultsMax, type LedgerFault, type LedgerFaults } from './LedgerFaults.ts';

/** A window of a budget, or a piece of a rolling one, of which other is spent than attempts name it for. */
interface SuspectRow {
  readonly organisation: string;
  readonly scope: string;
  readonly from: string;
  /** Null where it never ends, or nobody has said. */
  readonly until: string | null;
  /** What it was counted as, and what the row of the whole was, which a rolling budget has. */
  readonly counted: string | null;
  readonly whole: string | null;
}

interface JudgedRow {
  readonly organisation: string;
  readonly scope: string;
  readonly from: string;
  readonly spent: string;
  readonly low: string;
  readonly high: string;
}

/** Most windows that are looked at more closely, and how many at a time. */
const suspectsMax = 10_000;
const suspectsAtATime = 500;

/** $1 the mark of end users, $2 how many. What is not counted yet is leased to nobody. */
// tidy-allow spliced-sql: a fixed piece that all who count for budgets share
const selectSuspects = `
SELECT spend.organisation_id AS organisation, spend.scope, spend.bucket_from_ms AS "from", spend.window_until_ms AS until,
  spend.counted_as AS counted, whole.counted_as AS whole
FROM archipel.budget_spend AS spend
LEFT JOIN archipel.budget_spend AS whole
  ON whole.organisation_id = spend.organisation_id AND whole.scope = spend.scope AND whole.bucket_from_ms = 0
LEFT JOIN (
  SELECT organisation_id, budget->>0 AS scope, (budget->1)::bigint AS from_ms, sum(${budgetChargeSql}) AS charge
  FROM archipel.attempt CROSS JOIN jsonb_array_elements(budgets) AS budget
  GROUP BY 1, 2, 3
) AS named ON named.organisation_id = spend.organisation_id AND named.scope = spend.scope AND named.from_ms = spend.bucket_from_ms
WHERE spend.spent_nano_usd <> coalesce(named.charge, 0)
  AND (spend.counted_as IS NOT NULL OR whole.counted_as IS NOT NULL OR strpos(spend.scope, $1) > 0)
ORDER BY 1, 2, spend.bucket_from_ms LIMIT $2`;

/** Whether an attempt began in a window, on a model that it counts. */
const isWithin = `
  started_at_ms >= judged."fromMs" AND (judged."untilMs" IS NULL OR started_at_ms < judged."untilMs")
  AND (judged.models IS NULL OR (wire <> 'jobs' AND EXISTS (
    SELECT FROM jsonb_array_elements_text(judged.models) AS pattern
    WHERE CASE WHEN right(pattern, 1) = '*' THEN starts_with(model, left(pattern, -1)) ELSE model = pattern END
  )))`;

/**
 * $1 windows. What a budget has counts where it was named, or, of what came before it was counted or was under way when it changed, where it began: what both
 * say is surely in it, what one of them says may be.
 */
// tidy-allow spliced-sql: fixed pieces
const judgeSuspects = `
WITH judged AS (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS suspect(
    organisation text, scope text, "fromMs" bigint, "untilMs" bigint, holder text, name text, models jsonb
  )
), charged AS (
  SELECT judged.organisation, judged.scope, judged."fromMs", ${budgetChargeSql} AS charge, (
    CASE judged.holder WHEN 'key' THEN key_name = judged.name WHEN 'team' THEN team = judged.name ELSE true END AND ${isWithin}
  ) AS is_sure
  FROM archipel.attempt CROSS JOIN jsonb_array_elements(budgets) AS budget
  JOIN judged ON judged.organisation = organisation_id AND judged.scope = budget->>0 AND judged."fromMs" = (budget->1)::bigint
  UNION ALL
  SELECT judged.organisation, judged.scope, judged."fromMs", ${budgetChargeSql}, false
  FROM archipel.attempt CROSS JOIN LATERAL (
    SELECT 'key', key_name UNION ALL SELECT 'team', team UNION ALL SELECT 'organisation', organisation_id
    UNION ALL SELECT DISTINCT 'user', budget->>0 FROM jsonb_array_elements(budgets) AS budget
  ) AS spender (holder, name)
  JOIN judged ON judged.organisation = organisation_id AND judged.holder = spender.holder AND judged.name = spender.name AND ${isWithin}
  WHERE NOT coalesce(budgets @> jsonb_build_array(jsonb_build_array(judged.scope, judged."fromMs")), false)
)
SELECT spend.organisation_id AS organisation, spend.scope, spend.bucket_from_ms AS "from", spend.spent_nano_usd AS spent,
  coalesce(sum(CASE WHEN is_sure THEN charge ELSE least(charge, 0) END), 0) AS low,
  coalesce(sum(CASE WHEN is_sure THEN charge ELSE greatest(charge, 0) END), 0) AS high
FROM judged
JOIN archipel.budget_spend AS spend
  ON spend.organisation_id = judged.organisation AND spend.scope = judged.scope AND spend.bucket_from_ms = judged."fromMs"
LEFT JOIN charged
  ON charged.organisation = judged.organisation AND charged.scope = judged.scope AND charged."fromMs" = judged."fromMs"
GROUP BY spend.organisation_id, spend.scope, spend.bucket_from_ms, spend.spent_nano_usd
ORDER BY 1, 2, 3`;

interface Counted {
  readonly window: string;
  readonly models: readonly string[] | null;
}

const readCounted = (text: string | null): Counted | null => {
  if (text === null) return null;
  const [window, , models] = JSON.parse(text) as [string, string, readonly string[] | null];
  return { window, models };
};

/** A row of a rolling budget is a piece of it, and says so by the row of the whole. */
const countedOf = ({ counted, whole }: SuspectRow): Counted | null => {
  const own = readCounted(counted);
  if (own !== null) return own;
  const rolling = readCounted(whole);
  return rolling !== null && rollingLengthMs(rolling.window) !== null ? rolling : null;
};

/** Where attempts that count began before; null for ever. Of a window of which nobody has said when it ends only what names it counts. */
const endOf = ({ from, until }: SuspectRow, counted: Counted | null): string | null => {
  if (counted?.window === 'total') return null;
  const lengthMs = counted === null ? null : rollingLengthMs(counted.window);
  if (lengthMs !== null) return from === '0' ? from : String(Number(from) + lengthMs / rollingPieces);
  return until ?? from;
};

const suspectOf = (row: SuspectRow): readonly object[] => {
  const { organisation, scope, from } = row;
  const counted = countedOf(row);
  const isOfUser = scope.includes(endUserMark);
  if (counted === null && !isOfUser) return [];
  const [holder = '', name = ''] = isOfUser ? ['user', scope] : (scope.split('/')[0] ?? '').split(/:(.*)/s);
  return [
    { organisation, scope, fromMs: from, untilMs: endOf(row, counted), holder, name, models: counted?.models ?? null },
  ];
};

const faultOf = ({ organisation, scope, from, spent, low, high }: JudgedRow): readonly LedgerFault[] => {
  if (BigInt(low) <= BigInt(spent) && BigInt(spent) <= BigInt(high)) return [];
  const told = low === high ? low : `between ${low} and ${high}`;
  const since = Number(from) === 0 ? '' : ` since ${new Date(Number(from)).toISOString()}`;
  return [
    {
      kind: 'budget_differs',
      id: scope,
      detail: `of ${organisation}${since}: ${spent} spent, its attempts say ${told}`,
    },
  ];
};

/**
 * Holds what replicas have spent of each window of a budget against the attempts that draw on it: to the nano-dollar, but for windows in which the budget was
 * new or changed, where it has to lie between what is surely its own and what may be.
 */
export const checkBudgets = async (queries: Queries, faults: LedgerFaults): Promise<void> => {
  const rows = await queries.query<SuspectRow & Record<string, unknown>>(selectSuspects, [endUserMark, suspectsMax]);
  const suspects = rows.flatMap(suspectOf);
  for (let at = 0; at < suspects.length; at += suspectsAtATime) {
    const some = JSON.stringify(suspects.slice(at, at + suspectsAtATime));
    const judged = await queries.query<JudgedRow & Record<string, unknown>>(judgeSuspects, [some]);
    faults.add(judged.flatMap(faultOf).slice(0, faultsMax));
  }
};
