import { coveredSources, sourceName } from './waysOf.ts';
import type { WrittenPortfolio } from './schema.ts';

/** A part of a vendor's catalogue with contracts of its own; mostly all of it. */
export interface PortfolioAccount {
  readonly name: string;
  readonly vendor: string;
  /** Indices of the file's sources. */
  readonly sources: readonly number[];
}

/** A pool, offered or signed, with what it covers. */
interface PoolCover {
  readonly vendor: string;
  readonly covers: readonly string[];
}

type Accounts = Pick<WrittenPortfolio, 'sources' | 'offers' | 'contracts'>;

const sameSources = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((source) => other.includes(source));

/** The sets of sources that pools cover, each once. */
const poolCovers = (portfolio: Accounts): readonly (readonly number[])[] => {
  const pools: readonly PoolCover[] = [...portfolio.contracts, ...portfolio.offers].filter(
    ({ kind }) => kind === 'pool',
  );
  const found: (readonly number[])[] = [];
  for (const pool of pools) {
    const covered = coveredSources(portfolio, pool);
    if (covered.length > 0 && !found.some((known) => sameSources(known, covered))) found.push(covered);
  }
  return found;
};

/**
 * Whether a pool covers a part of what another one covers: then two pools could be in force for one thing, and which of them it draws down is
 * more than a plan can say.
 */
export const cutsAcross = (portfolio: Accounts, pool: PoolCover): boolean => {
  const covered = coveredSources(portfolio, pool);
  return poolCovers(portfolio).some(
    (other) => !sameSources(other, covered) && other.some((source) => covered.includes(source)),
  );
};

/** The parts of vendors' catalogues that pools tell apart: what one pool covers, and what none does. */
export const accountsOf = (portfolio: Accounts): readonly PortfolioAccount[] => {
  const covers = poolCovers(portfolio);
  const vendors = [...new Set(portfolio.sources.map(({ vendor }) => vendor))];
  return vendors.flatMap((vendor) => {
    const all = coveredSources(portfolio, { vendor, covers: [] });
    const parts = covers.filter((covered) => all.includes(covered[0] ?? -1));
    const rest = all.filter((source) => !parts.some((part) => part.includes(source)));
    return [...parts, ...(rest.length > 0 ? [rest] : [])].map((sources) => ({
      name:
        sources.length === all.length
          ? vendor
          : `${vendor} (${sources.map((source) => accountPart(portfolio, source)).join(', ')})`,
      vendor,
      sources,
    }));
  });
};

const accountPart = ({ sources }: Accounts, index: number): string => {
  const source = sources[index];
  return source === undefined ? '' : (source.name ?? sourceName(source).slice(source.vendor.length + 1));
};
