import type { Ratio } from '../../kernel/index.ts';
import type { ConcentrationCap } from '../PlanProblem.ts';
import type { PortfolioAccount } from './accountsOf.ts';
import { floatOf } from './floatOf.ts';
import { hostShare, hostsOf } from './lossesOf.ts';
import type { Portfolio } from './Portfolio.ts';
import type { Way } from './waysOf.ts';

const whole: Ratio = { numerator: 1n, denominator: 1n };
const nothing: Ratio = { numerator: 0n, denominator: 1n };

type CapKind = ConcentrationCap['kind'];

/** Names that a cap of a kind is held against. */
const namesOf = (ways: readonly Way[], kind: CapKind): readonly string[] =>
  kind === 'host' ? hostsOf(ways) : [...new Set(ways.map((way) => way[kind]))].filter((name) => name !== null);

const within = (way: Way, kind: CapKind, name: string): number =>
  floatOf(kind === 'host' ? hostShare(way, name) : way[kind] === name ? whole : nothing);

/**
 * The caps of a policy, one for each vendor, host, jurisdiction or lab. Where money is counted, all of an account counts as its part that is
 * within the most.
 * @param reservationWays For each reservation, the index of its way.
 */
export const capsOf = (
  portfolio: Portfolio,
  accounts: readonly PortfolioAccount[],
  ways: readonly Way[],
  reservationWays: readonly number[],
): readonly ConcentrationCap[] => {
  const { concentration } = portfolio.policy;
  return (['vendor', 'host', 'jurisdiction', 'lab'] as const).flatMap((kind) => {
    const share = concentration[kind];
    if (share === null) return [];
    return namesOf(ways, kind).map((name): ConcentrationCap => {
      const sourceShares = ways.map((way) => within(way, kind, name));
      const accountShares = accounts.map(({ sources }) =>
        ways.reduce(
          (most, way, index) => (sources.includes(way.source) ? Math.max(most, sourceShares[index] ?? 0) : most),
          0,
        ),
      );
      return {
        name,
        kind,
        share: floatOf(share),
        basis:
          concentration.basis === 'cost'
            ? { kind: 'cost', accountShares }
            : { kind: 'list', sourceShares, reservationShares: reservationWays.map((way) => sourceShares[way] ?? 0) },
      };
    });
  });
};
