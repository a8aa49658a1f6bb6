import { nanoUsd } from '../kernel/index.ts';
import { shareDimensions, splitByHost, type ShareDimension } from '../ledger/index.ts';

/** What dependence is measured in. */
export const dependenceMeasures = ['spend', 'tokens', 'requests'] as const;

export type DependenceMeasure = (typeof dependenceMeasures)[number];

/** What went to one provider, as the ledger has it. */
export interface SupplyUse extends Readonly<Record<DependenceMeasure, bigint>> {
  /** Of the file; a site's name for the capacity of jobs. */
  readonly provider: string;
  readonly vendor: string;
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly lab: string | null;
}

/** What one name has of each measure, and of the whole, 0 to 1. */
export interface DependenceRow {
  readonly name: string;
  readonly parts: Readonly<Record<DependenceMeasure, bigint>>;
  readonly shares: Readonly<Record<DependenceMeasure, number>>;
}

export interface Dependence {
  readonly totals: Readonly<Record<DependenceMeasure, bigint>>;
  readonly rows: Readonly<Record<ShareDimension, readonly DependenceRow[]>>;
  /** Sum of the squares of all shares (Herfindahl-Hirschman), from near 0 to 1 where one has all. Hosts that nobody knows the share of count whole. */
  readonly hhi: Readonly<Record<ShareDimension, Readonly<Record<DependenceMeasure, number>>>>;
}

type Parts = Record<DependenceMeasure, bigint>;

const nothing = (): Parts => ({ spend: 0n, tokens: 0n, requests: 0n });

const ratio = (part: bigint, whole: bigint): number => (whole === 0n ? 0 : Number(part) / Number(whole));

const eachMeasure = <Value>(make: (measure: DependenceMeasure) => Value): Record<DependenceMeasure, Value> => ({
  spend: make('spend'),
  tokens: make('tokens'),
  requests: make('requests'),
});

/** What each name of a dimension has of one use. A host that is needed beside those it runs at has all of it. */
const partsOf = (
  use: SupplyUse,
  dimension: ShareDimension,
  dependsOn: readonly string[],
): readonly (readonly [name: string, parts: Parts])[] => {
  const all: Parts = { spend: use.spend, tokens: use.tokens, requests: use.requests };
  if (dimension !== 'host') {
    const name = use[dimension];
    return name === null ? [] : [[name, all]];
  }
  const split = new Map<string, Parts>();
  for (const measure of dependenceMeasures)
    for (const [host, part] of splitByHost(nanoUsd(use[measure]), use.hosts)) {
      const parts = split.get(host) ?? nothing();
      parts[measure] += part;
      split.set(host, parts);
    }
  for (const host of dependsOn) split.set(host, all);
  return [...split];
};

/** How much of what was used each vendor, host, jurisdiction and lab had. @param dependsOn hosts without which a provider stops. */
export const dependenceOf = (
  uses: readonly SupplyUse[],
  dependsOn: (provider: string) => readonly string[],
): Dependence => {
  const totals = nothing();
  for (const use of uses) for (const measure of dependenceMeasures) totals[measure] += use[measure];
  const rowsOf = (dimension: ShareDimension): readonly DependenceRow[] => {
    const sums = new Map<string, Parts>();
    for (const use of uses)
      for (const [name, parts] of partsOf(use, dimension, dependsOn(use.provider))) {
        const sum = sums.get(name) ?? nothing();
        for (const measure of dependenceMeasures) sum[measure] += parts[measure];
        sums.set(name, sum);
      }
    return [...sums].map(([name, parts]) => ({
      name,
      parts,
      shares: eachMeasure((measure) => ratio(parts[measure], totals[measure])),
    }));
  };
  const rows: Record<ShareDimension, readonly DependenceRow[]> = {
    vendor: rowsOf('vendor'),
    host: rowsOf('host'),
    jurisdiction: rowsOf('jurisdiction'),
    lab: rowsOf('lab'),
  };
  const hhiOf = (dimension: ShareDimension): Record<DependenceMeasure, number> =>
    eachMeasure((measure) => rows[dimension].reduce((sum, { shares }) => sum + shares[measure] ** 2, 0));
  const hhi = Object.fromEntries(shareDimensions.map((dimension) => [dimension, hhiOf(dimension)])) as Record<
    ShareDimension,
    Record<DependenceMeasure, number>
  >;
  return { totals, rows, hhi };
};
