import type { ConfigurationPath } from '../../config/index.ts';
import { cutsAcross } from './accountsOf.ts';
import { addMonths } from './calendarMonths.ts';
import { checkCovers, checkUnit } from './checkOffers.ts';
import { isOne, sumOf } from './floatOf.ts';
import type { PortfolioFindings } from './PortfolioFindings.ts';
import type { SignedContract, SignedPool, WrittenPortfolio } from './schema.ts';
import { timelineOf } from './timelineOf.ts';
import { coveredSources } from './waysOf.ts';

const checkPool = (
  findings: PortfolioFindings,
  path: ConfigurationPath,
  portfolio: WrittenPortfolio,
  pool: SignedPool,
): void => {
  if (pool.ramp.length > 0 && !isOne(reduced(pool)))
    findings.fault([...path, 'ramp'], 'the shares of the ramp do not add up to 1', 'make them add up to 1');
  if (cutsAcross(portfolio, pool))
    findings.fault(
      path,
      'it covers a part of what another pool covers',
      'let pools cover the same, or nothing in common',
    );
};

/** Sum of a ramp over one denominator. */
const reduced = ({ ramp }: SignedPool) => sumOf(ramp);

const overlap = (portfolio: WrittenPortfolio, one: SignedPool, other: SignedPool): boolean => {
  if (one.period.from >= other.period.until || other.period.from >= one.period.until) return false;
  const covered = coveredSources(portfolio, one);
  return coveredSources(portfolio, other).some((source) => covered.includes(source));
};

const checkOverlaps = (findings: PortfolioFindings, portfolio: WrittenPortfolio): void => {
  const pools = portfolio.contracts.flatMap((contract, index) =>
    contract.kind === 'pool' ? [{ pool: contract, index }] : [],
  );
  for (const [place, { pool, index }] of pools.entries()) {
    const earlier = pools.slice(0, place).find((other) => overlap(portfolio, other.pool, pool));
    if (earlier === undefined) continue;
    findings.fault(
      ['contracts', index, 'period'],
      `it is in force while the pool of contract ${earlier.index + 1} is, for the same things`,
      'let one end before the other begins, or let each cover something else',
    );
  }
};

const checkContract = (
  findings: PortfolioFindings,
  portfolio: WrittenPortfolio,
  contract: SignedContract,
  index: number,
): void => {
  const path = ['contracts', index] as const;
  const { from, months } = timelineOf(portfolio);
  checkCovers(findings, path, portfolio, contract);
  findings.ownCurrency(path, contract.currency, portfolio.currency);
  if (contract.period.until <= from || contract.period.from >= addMonths(from, months))
    findings.warn(
      [...path, 'period'],
      'a contract outside the horizon: the plan leaves it out',
      'take it out, or plan another time',
    );
  if (contract.kind === 'pool') {
    checkPool(findings, path, portfolio, contract);
    return;
  }
  checkUnit(findings, [...path, 'unit'], portfolio, contract);
  if (coveredSources(portfolio, contract).length > 1)
    findings.fault([...path, 'covers'], 'signed capacity stands at one source', 'name the source in "covers"');
};

/** Says of what is signed whether it can be kept. */
export const checkContracts = (findings: PortfolioFindings, portfolio: WrittenPortfolio): void => {
  const { contracts } = portfolio;
  for (const [index, contract] of contracts.entries()) checkContract(findings, portfolio, contract, index);
  findings.areDistinct(
    contracts.map(({ id }) => id),
    (index) => ['contracts', index, 'id'],
    'contract',
  );
  checkOverlaps(findings, portfolio);
};
