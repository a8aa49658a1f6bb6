import type { Snapshot } from '../gateway/index.ts';
import type { Json } from '../http/index.ts';
import { shareDimensions, type ShareDimension, type SharesSnapshot } from '../ledger/index.ts';
import { guardForecastShare } from '../router/index.ts';
import { overCaps } from './overCaps.ts';

/** Something of the configuration that money can be spent on: a deployment of a model, a site that runs jobs. */
export interface Dependable {
  readonly vendor: string;
  /** Host name -> share. */
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly lab: string | null;
}

const namesIn = (dependables: readonly Dependable[], dimension: ShareDimension): readonly string[] =>
  dependables.flatMap(({ hosts, ...one }) => (dimension === 'host' ? Object.keys(hosts) : (one[dimension] ?? [])));

const byAmount = ([, one]: readonly [string, bigint], [, other]: readonly [string, bigint]): number =>
  other > one ? 1 : other < one ? -1 : 0;

/**
 * How much of the spend each vendor, host, jurisdiction and lab has, against its cap; names without spend stand at 0, so that the caps are seen.
 * @param sites What jobs run on, beside the deployments that requests go to.
 */
export const dependencyReport = (
  shares: SharesSnapshot,
  served: Pick<Snapshot, 'models' | 'caps' | 'forecastUsd'>,
  sites: readonly Dependable[] = [],
): { readonly [name: string]: Json } => {
  const dependables = [...[...served.models.values()].flatMap(({ deployments }) => deployments), ...sites];
  // As the guard measures it: at the beginning of a window a share of nearly nothing says nothing.
  const leastUsd = guardForecastShare * served.forecastUsd;
  const crossed = overCaps(shares, served);
  const isOver = (dimension: ShareDimension, name: string): boolean =>
    crossed.some((one) => one.dimension === dimension && one.name === name);
  return {
    from: new Date(shares.fromMs).toISOString(),
    until: Number.isFinite(shares.untilMs) ? new Date(shares.untilMs).toISOString() : null,
    totalNanoUsd: shares.totalNanoUsd.toString(),
    measuredAtLeastNanoUsd: BigInt(Math.round(leastUsd * 1e9)).toString(),
    dimensions: Object.fromEntries(
      shareDimensions.map((dimension) => {
        const cap = served.caps[dimension];
        const unspent = namesIn(dependables, dimension).map((name) => [name, 0n] as const);
        const rows = [...new Map<string, bigint>([...unspent, ...shares.spentNanoUsd[dimension]])]
          .toSorted(byAmount)
          .map(([name, spent]): Json => {
            const share = shares.totalNanoUsd === 0n ? 0 : Number(spent) / Number(shares.totalNanoUsd);
            return { name, spentNanoUsd: spent.toString(), share, cap, over: isOver(dimension, name) };
          });
        return [dimension, rows];
      }),
    ),
  };
};
