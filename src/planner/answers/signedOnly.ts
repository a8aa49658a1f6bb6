import { overlaps } from '../model/FirstStage.ts';
import { poolCost, poolTerms } from '../model/poolCost.ts';
import type { PlanDecision, PlanProblem, PoolOffer } from '../PlanProblem.ts';
import type { ScenarioBill } from './billDecision.ts';

/** What is signed already, and nothing else. */
export const signedOnly = ({ pools, reservations }: PlanProblem): PlanDecision => ({
  pools: pools.map(({ signed }) => signed),
  reservations: reservations.map(({ signed, quantity }) => {
    if (!signed) return 0;
    return quantity.kind === 'exactly' ? quantity.units : quantity.max;
  }),
});

/** No contract at all, not even what is signed. */
export const noContracts = ({ pools, reservations }: PlanProblem): PlanDecision => ({
  pools: pools.map(() => false),
  reservations: reservations.map(() => 0),
});

/** Usage of an account at list price in a period of one future. Money. */
export const listSpendOf = (problem: PlanProblem, bills: ScenarioBill, account: number, period: number): number =>
  (bills[period]?.listSpend ?? []).reduce(
    (sum, money, source) => sum + (problem.sources[source]?.account === account ? money : 0),
    0,
  );

export const meanOver = (problem: PlanProblem, figure: (scenario: number) => number): number =>
  problem.scenarios.reduce((sum, { weight }, scenario) => sum + weight * figure(scenario), 0);

/** Mean usage of an account at list price in a period. Money. */
export const meanListSpend = (
  problem: PlanProblem,
  bills: readonly ScenarioBill[],
  account: number,
  period: number,
): number => meanOver(problem, (scenario) => listSpendOf(problem, bills[scenario] ?? [], account, period));

const meanFloor = ({ floors }: PoolOffer): number => floors.reduce((sum, floor) => sum + floor, 0) / floors.length;

/** Whether expected usage fills a pool in each of its periods. */
const isFilled = (
  problem: PlanProblem,
  bills: readonly ScenarioBill[],
  { account, fromPeriod, floors, discount }: PoolOffer,
): boolean =>
  floors.every((floor, at) => (1 - discount) * meanListSpend(problem, bills, account, fromPeriod + at) >= floor - 1e-9);

/**
 * What a naive buyer signs: at each account, as soon as no pool is in force, the largest one that expected usage fills in all its periods.
 * @param bills Of what is signed already: from these, usage is expected.
 */
export const greedyDecision = (problem: PlanProblem, bills: readonly ScenarioBill[]): PlanDecision => {
  const signed = signedOnly(problem);
  const pools = [...signed.pools];
  for (const account of problem.accounts.keys()) {
    for (let period = 0; period < problem.periods; period += 1) {
      const beginning = problem.pools.flatMap((pool, index) => {
        if (pool.account !== account || pool.fromPeriod !== period || pools[index] === true) return [];
        const isFree = problem.pools.every((other, at) => pools[at] !== true || !overlaps(pool, other));
        return isFree && isFilled(problem, bills, pool) ? [{ pool, index }] : [];
      });
      const [largest] = beginning.toSorted(
        (one, other) => meanFloor(other.pool) - meanFloor(one.pool) || other.pool.discount - one.pool.discount,
      );
      if (largest !== undefined) pools[largest.index] = true;
    }
  }
  return { pools, reservations: signed.reservations };
};

interface Schedule {
  readonly cost: number;
  readonly pools: readonly number[];
}

/**
 * The pools of each account that make its mean cost least where usage goes where it goes: one after the other in the best order, found from
 * the last period backwards. Without new reservations.
 */
export const bestPools = (problem: PlanProblem, bills: readonly ScenarioBill[]): PlanDecision => {
  const signed = signedOnly(problem);
  const pools = [...signed.pools];
  for (const account of problem.accounts.keys()) {
    const costOf = (pool: PoolOffer, period: number): number =>
      meanOver(problem, (scenario) =>
        poolCost(poolTerms(pool, period), listSpendOf(problem, bills[scenario] ?? [], account, period), 0),
      );
    const own = problem.pools.flatMap((pool, index) => (pool.account === account ? [{ pool, index }] : []));
    const signedPools = own.filter(({ pool }) => pool.signed);
    const best: Schedule[] = [];
    best[problem.periods] = { cost: 0, pools: [] };
    for (let period = problem.periods - 1; period >= 0; period -= 1) {
      const next = best[period + 1] ?? { cost: 0, pools: [] };
      let choice: Schedule = { cost: next.cost + meanListSpend(problem, bills, account, period), pools: next.pools };
      for (const { pool, index } of own) {
        if (pool.fromPeriod !== period || pool.untilPeriod > problem.periods) continue;
        if (!pool.signed && signedPools.some((other) => overlaps(pool, other.pool))) continue;
        const after = best[pool.untilPeriod];
        if (after === undefined) continue;
        let cost = after.cost + pool.signingCost;
        for (let at = period; at < pool.untilPeriod; at += 1) cost += costOf(pool, at);
        if (cost < choice.cost || pool.signed) choice = { cost, pools: [index, ...after.pools] };
        if (pool.signed) break;
      }
      best[period] = choice;
    }
    for (const index of best[0]?.pools ?? []) pools[index] = true;
  }
  return { pools, reservations: signed.reservations };
};
