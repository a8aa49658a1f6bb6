import type { Highs } from 'highs';
import { LinearProgram, LiveProgram, type LinearRow } from '../../../src/planner/linear/linearProgram.fixture.ts';
import type { Contracts } from '../contracts/Contracts.ts';
import { hostOf, hosts, kindCount, market, marketIndex, shareCaps } from '../market/market.ts';
import { minutesOfMonth } from '../months/loadShape.ts';
import type { Month } from '../months/Month.ts';
import { BestResponses, floorPlace, type BestResponse } from './BestResponses.ts';
import { noMultipliers, type Multipliers } from './Multipliers.ts';

/** What a month would have cost whoever had known all of it. */
export interface HindsightBound {
  /** Certified: nobody can pay less and keep the caps. US dollars, fees and all. */
  readonly boundUsd: number;
  /** How far the best mixture of ways that was found is above it, as a share of it. */
  readonly gap: number;
  readonly rounds: number;
  /** What the mixture itself falls short of pools. */
  readonly shortfallUsd: number;
  /** List value of what it takes from the floor, over what the floor has. */
  readonly floorUse: number;
  /** By kind: what it buys at each target, and from the floor behind them. */
  readonly usdByKind: readonly Float64Array[];
  readonly multipliers: Multipliers;
}

const gapMax = 1e-4;
const roundsMax = 60;
/** US dollars for each dollar over a cap: no mixture of enough ways pays it. */
const overrunUsd = 50;

interface Mixture {
  readonly costUsd: number;
  /** Of each way. */
  readonly parts: readonly number[];
  readonly shortfallUsd: number;
  readonly multipliers: Multipliers;
}

/** The cheapest mixture of ways that keeps pools and caps, and what its rules are worth. */
const cheapestMixture = (highs: Highs, { pools, floor }: Contracts, ways: readonly BestResponse[]): Mixture => {
  const program = new LinearProgram();
  const parts = ways.map(({ usageUsd }) => program.column(usageUsd));
  const shortfalls = pools.map(({ feeShare }) => program.column(feeShare));
  const overrun = program.column(overrunUsd);
  const row = (
    lower: number,
    upper: number,
    values: readonly number[],
    slack: readonly [number, number] | null,
  ): void => {
    const [column, value] = slack ?? [0, 0];
    const withSlack: Pick<LinearRow, 'columns' | 'values'> = slack
      ? { columns: [...parts, column], values: [...values, value] }
      : { columns: parts, values };
    program.row({ lower, upper, ...withSlack });
  };
  row(
    1,
    1,
    ways.map(() => 1),
    null,
  );
  for (const [index, pool] of pools.entries())
    row(
      pool.minimumUsd,
      Infinity,
      ways.map(({ usdByPool }) => usdByPool[index] ?? 0),
      [shortfalls[index] ?? 0, 1],
    );
  const cap = (share: number, isOwn: (target: number) => boolean): void => {
    const ownUsd = (way: BestResponse): number =>
      way.usdByTarget.reduce((sum, usd, at) => sum + (isOwn(at) ? usd : 0), 0);
    const feeUsd = isOwn(floor.target) ? floor.feeUsd : 0;
    row(
      -Infinity,
      share * floor.feeUsd - feeUsd,
      ways.map((way) => ownUsd(way) - share * way.usageUsd),
      [overrun, -1],
    );
  };
  for (const target of market.keys()) cap(shareCaps.vendor, (at) => at === target);
  for (const host of hosts.keys()) cap(shareCaps.host, (at) => hostOf[at] === host);
  const live = new LiveProgram(highs, program);
  const solution = live.solve();
  const { rowDual } = live.model.getSolution();
  live.dispose();
  if (solution === null) throw new Error('the master program has no solution: its slacks should always leave one');
  const duals = Array.from(rowDual).slice(1);
  const ofCaps = duals.slice(pools.length).map((dual) => Math.max(0, -dual));
  return {
    costUsd: solution.objective + floor.feeUsd,
    parts: parts.map((column) => solution.values[column] ?? 0),
    shortfallUsd: shortfalls.reduce((sum, column) => sum + (solution.values[column] ?? 0), 0),
    multipliers: {
      // More than the fee would make the bound no bound.
      pools: pools.map(({ feeShare }, index) => Math.min(feeShare, Math.max(0, duals[index] ?? 0))),
      vendors: ofCaps.slice(0, market.length),
      hosts: ofCaps.slice(market.length),
    },
  };
};

/** Pools' multipliers around known ones, to begin with: each as what is added to the three. */
const besides = [
  [0, 0, 0],
  [0.06, 0.06, 0.06],
  [-0.06, -0.06, -0.06],
  [0.08, -0.04, -0.04],
  [-0.08, 0.04, 0.04],
  [0, 0.05, -0.05],
  [0, -0.05, 0.05],
] as const;

const firstMultipliers = (contracts: Contracts, near: Multipliers | null): Multipliers[] => {
  const none = noMultipliers(contracts);
  const allPools = (value: number): Multipliers => ({ ...none, pools: contracts.pools.map(() => value) });
  const vendors = market.map((_target, index) => (index === marketIndex.fireworks ? 0.2 : 0));
  const clipped = (value: number): number => Math.min(1, Math.max(0, value));
  return [
    ...[0.3, 0, 1].map(allPools),
    { ...allPools(0.3), vendors },
    ...(near === null ? [] : besides).map((added) => ({
      ...none,
      ...near,
      pools: contracts.pools.map((_pool, index) => clipped((near?.pools[index] ?? 0) + (added[index] ?? 0))),
    })),
  ];
};

/**
 * Column generation: the master mixes ways to serve the month, its prices go to the oracle, whose answer is a further way and, as the value of a
 * Lagrangian, a bound. It ends when both are within 1e-4 of each other.
 * @param near Multipliers of a month like it, to begin at.
 */
export const hindsightBound = (
  highs: Highs,
  contracts: Contracts,
  month: Month,
  near: Multipliers | null,
): HindsightBound => {
  const responses = new BestResponses(contracts, month);
  const ways = firstMultipliers(contracts, near).map((multipliers) => responses.respond(multipliers));
  let boundUsd = Math.max(...ways.map((way) => way.boundUsd));
  for (let rounds = 1; ; rounds += 1) {
    const mixture = cheapestMixture(highs, contracts, ways);
    const mixedWays = ways.slice();
    const answer = responses.respond(mixture.multipliers);
    ways.push(answer);
    boundUsd = Math.max(boundUsd, answer.boundUsd);
    const gap = mixture.costUsd / boundUsd - 1;
    if (gap > gapMax && rounds < roundsMax) continue;
    const mixed = (of: (way: BestResponse) => number): number =>
      mixedWays.reduce((sum, way, index) => sum + (mixture.parts[index] ?? 0) * of(way), 0);
    return {
      boundUsd,
      gap,
      rounds,
      shortfallUsd: mixture.shortfallUsd,
      floorUse: mixed(({ floorUsd }) => floorUsd) / (contracts.floor.usdPerMinute * minutesOfMonth),
      usdByKind: Array.from({ length: kindCount }, (_kind, kind) =>
        Float64Array.from({ length: floorPlace + 1 }, (_place, place) =>
          mixed(({ usdByKind }) => usdByKind[kind]?.[place] ?? 0),
        ),
      ),
      multipliers: mixture.multipliers,
    };
  }
};
