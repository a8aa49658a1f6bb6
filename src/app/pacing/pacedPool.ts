import {
  countedElsewhere,
  feesTowards,
  fulfilmentWindow,
  trueUpsOf,
  type Contract,
  type PoolContract,
} from '../../contracts/index.ts';
import { nanoUsd, scaleUsd } from '../../kernel/index.ts';
import type { PacedPool } from '../../router/index.ts';
import type { PoolSpent } from '../contractHistory.ts';
import { usdOf } from '../usdOf.ts';

/** What the ledger says of a pool, and of which of its intervals. */
export interface KnownPool extends Pick<PoolSpent, 'drawnNanoUsd' | 'earlierNanoUsd'> {
  readonly intervalFromMs: number;
}

/**
 * The interval of a pool that an instant is in, as it is paced: what requests have to spend is what is due, and what was carried into it, less what is
 * credited to it, fees that come anyway, what is spent elsewhere, and what may be missing for nothing.
 * @param known null, or of an interval before, where the ledger has not been asked yet: then as much was spent as would have been evenly, and nothing is
 * carried or credited.
 */
export const pacedPool = (
  pool: PoolContract,
  contracts: readonly Contract[],
  known: KnownPool | null,
  nowMs: number,
): PacedPool => {
  const window = fulfilmentWindow(pool, nowMs);
  const { fromMs, untilMs, dueNanoUsd } = window;
  const isKnown = known?.intervalFromMs === fromMs;
  const trueUps = trueUpsOf(pool, {
    drawnNanoUsd: nanoUsd(0n),
    nowMs: fromMs,
    ...(isKnown ? { earlierNanoUsd: known.earlierNanoUsd } : {}),
  });
  const carried = trueUps.at(-2)?.openNanoUsd ?? 0n;
  const credited = trueUps.at(-1)?.creditedNanoUsd ?? 0n;
  const fees = feesTowards(pool, contracts, fromMs, untilMs);
  const elsewhere = countedElsewhere(pool, window, untilMs);
  const need = dueNanoUsd + carried - credited - fees - elsewhere - scaleUsd(dueNanoUsd, pool.shortfallGrace);
  const needUsd = Math.max(0, usdOf(need));
  return {
    contract: pool.id,
    fromMs,
    untilMs,
    needUsd,
    spentUsd: isKnown ? usdOf(known.drawnNanoUsd) : (needUsd * (nowMs - fromMs)) / (untilMs - fromMs),
    shortfallRate: Number(pool.shortfallRate.numerator) / Number(pool.shortfallRate.denominator),
  };
};
