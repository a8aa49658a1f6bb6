import { setTimeout as pause } from 'node:timers/promises';
import type { Queries } from '../database/Database.ts';
import { faultsMax, type LedgerFault, type LedgerFaults } from './LedgerFaults.ts';

/** The window of a hard budget that runs. */
export interface CappedWindow {
  readonly organisation: string;
  /** Id of the budget, or what the ids of the budgets of all end users of somebody begin with. */
  readonly scope: string;
  readonly isBeginning: boolean;
  readonly capNanoUsd: bigint;
  /** What leases are of. Unix milliseconds. */
  readonly fromMs: number;
  /** Where what counts now begins: the window itself, or the first piece of a rolling one. */
  readonly spentFromMs: number;
}

/** After this long all replicas have made two turns: what was granted before a cap was lowered, or more was spent than held, is given back by then. */
const againMs = 2_000;

/** $1 windows, $2 how many. A replica that makes no turns keeps what it had, whatever becomes of the cap. */
const selectBeyond = `
SELECT lease.scope AS id, format('of %s: %s spent and %s granted, of a cap of %s', capped.organisation, spend.spent, lease.granted, capped.cap) AS detail
FROM jsonb_to_recordset($1::jsonb) AS capped(organisation text, scope text, "isBeginning" boolean, cap numeric, "fromMs" bigint, "spentFromMs" bigint)
CROSS JOIN LATERAL (
  SELECT scope, sum(greatest(granted_nano_usd, 0)) AS granted, sum(least(used_nano_usd, greatest(granted_nano_usd, 0))) AS used,
    sum(greatest(granted_nano_usd - used_nano_usd, 0)) FILTER (WHERE turned_at > clock_timestamp() - interval '10 seconds') AS free
  FROM archipel.budget_lease
  WHERE organisation_id = capped.organisation AND window_from_ms = capped."fromMs"
    AND CASE WHEN capped."isBeginning" THEN starts_with(scope, capped.scope) ELSE scope = capped.scope END
    AND (capped."spentFromMs" = capped."fromMs" OR expires_at >= to_timestamp(capped."spentFromMs" / 1000.0))
  GROUP BY scope
) AS lease
CROSS JOIN LATERAL (
  SELECT coalesce(sum(spent_nano_usd), 0) AS spent FROM archipel.budget_spend
  WHERE organisation_id = capped.organisation AND scope = lease.scope
    AND CASE WHEN capped."spentFromMs" = capped."fromMs" THEN bucket_from_ms = capped."fromMs" ELSE bucket_from_ms >= capped."spentFromMs" END
) AS spend
WHERE lease.free > 0 AND spend.spent + lease.used <= capped.cap AND spend.spent + lease.granted > capped.cap
ORDER BY 1 LIMIT $2`;

/**
 * Proves that what is spent of the running window of a hard budget and what replicas may still spend of it are together no more than its cap, as far as anything is free
 * of it: what vendors wrote unseen is no fault of the leases.
 * @param wait Between two looks: what both find is told.
 */
export const checkLeases = async (
  queries: Queries,
  windows: readonly CappedWindow[],
  faults: LedgerFaults,
  wait: () => Promise<unknown> = () => pause(againMs),
): Promise<void> => {
  if (windows.length === 0) return;
  const values = [
    JSON.stringify(windows.map(({ capNanoUsd, ...window }) => ({ ...window, cap: capNanoUsd.toString() }))),
    faultsMax,
  ];
  const look = (): Promise<readonly Pick<LedgerFault, 'id' | 'detail'>[]> => queries.query(selectBeyond, values);
  const found = new Set((await look()).map(({ id }) => id));
  if (found.size === 0) return;
  await wait();
  const still = (await look()).filter(({ id }) => found.has(id));
  faults.add(still.map((fault) => ({ kind: 'leases_beyond_cap', ...fault })));
};
