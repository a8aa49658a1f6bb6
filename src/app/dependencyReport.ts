import type { Json } from '../http/index.ts';
import { shareDimensions, type SharesSnapshot } from '../ledger/index.ts';
import { guardForecastShare, type Caps } from '../router/index.ts';

const usd = (amount: bigint): number => Number(amount) / 1e9;

/** How much of the spend each vendor, host, jurisdiction and lab has, against its cap. */
export const dependencyReport = (shares: SharesSnapshot, caps: Caps, forecastUsd: number): Json => {
  // As the guard measures it: at the beginning of a window a share of nearly nothing says nothing.
  const whole = Math.max(usd(shares.totalNanoUsd), guardForecastShare * forecastUsd);
  const isOver = (spent: bigint, cap: number): boolean => usd(spent) > cap * whole;
  return {
    from: new Date(shares.fromMs).toISOString(),
    until: Number.isFinite(shares.untilMs) ? new Date(shares.untilMs).toISOString() : null,
    totalNanoUsd: shares.totalNanoUsd.toString(),
    dimensions: Object.fromEntries(
      shareDimensions.map((dimension) => {
        const cap = caps[dimension];
        const rows = [...shares.spentNanoUsd[dimension]]
          .toSorted(([, one], [, other]) => (other > one ? 1 : other < one ? -1 : 0))
          .map(([name, spent]): Json => {
            const share = shares.totalNanoUsd === 0n ? 0 : Number(spent) / Number(shares.totalNanoUsd);
            return { name, spentNanoUsd: spent.toString(), share, cap, over: cap !== null && isOver(spent, cap) };
          });
        return [dimension, rows];
      }),
    ),
  };
};
