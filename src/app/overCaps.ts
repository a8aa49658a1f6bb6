import { shareDimensions, type ShareDimension, type SharesSnapshot } from '../ledger/index.ts';
import { guardForecastShare, type Caps } from '../router/index.ts';
import { usdOf } from './usdOf.ts';

/** Shares of the spend above their caps, as the guard measures them: at the beginning of a window a share of nearly nothing says nothing. */
export const overCaps = (
  shares: SharesSnapshot,
  { caps, forecastUsd }: { readonly caps: Caps; readonly forecastUsd: number },
): readonly {
  readonly dimension: ShareDimension;
  readonly name: string;
  readonly share: number;
  readonly cap: number;
}[] => {
  const whole = Math.max(usdOf(shares.totalNanoUsd), guardForecastShare * forecastUsd);
  return shareDimensions.flatMap((dimension) => {
    const cap = caps[dimension];
    if (cap === null || whole === 0) return [];
    return [...shares.spentNanoUsd[dimension]].flatMap(([name, spent]) =>
      usdOf(spent) > cap * whole ? [{ dimension, name, share: usdOf(spent) / whole, cap }] : [],
    );
  });
};
