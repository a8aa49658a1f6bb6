import { setImmediate as breathe } from 'node:timers/promises';
import type { Highs } from 'highs';
import { loadHighs } from '../linear/loadHighs.ts';
import { activePools, valuesOfDecision, type FirstStageValues } from '../model/FirstStage.ts';
import { monthsInPeriod } from '../model/periodsOf.ts';
import { poolCost, poolTerms } from '../model/poolCost.ts';
import { scenarioGroup, type ScenarioBlock, type ScenarioGroup } from '../model/ScenarioBlock.ts';
import type { PerAccount, PerPeriod, PerSource, PlanDecision, PlanProblem } from '../PlanProblem.ts';
import { Recourse } from '../recourse/Recourse.ts';

/** What one period of one future comes to under a decision. Money. */
export interface PeriodBill {
  /** Accounts, what breaking caps counts, and what signing costs. */
  readonly total: number;
  /** Usage at list price. */
  readonly listSpend: PerSource<number>;
  /** What each account is paid: usage, fees, shortfalls, and what is burnt for a cap. */
  readonly accounts: PerAccount<number>;
  /** Fees of each account's reservations, within what it is paid. */
  readonly fees: PerAccount<number>;
  /** Paid for nothing, so that a cap on what is paid holds. */
  readonly burnt: number;
  readonly capPenalty: number;
  /** Of what begins in this period: nobody of the accounts is paid it. */
  readonly signingCost: number;
  /** What clauses that carry have saved, within what accounts are paid; nothing before bills are settled, see `settledBills`. */
  readonly carried: number;
}

export type ScenarioBill = PerPeriod<PeriodBill>;

/** Linear programs that are solved before others get a turn: about 30 ms. */
const programsPerTurn = 64;

/** So large that it never binds; not Infinity, which times no demand at all is no number. */
export const usageShareOpen = 1e9;

let solver: Promise<Highs> | null = null;

/** The solver of the thread that answers are computed in: loaded once. */
export const answeringSolver = (): Promise<Highs> => (solver ??= loadHighs());

/** Gives others a turn now and then, and ends with the signal. */
export class Pacing {
  readonly #signal: AbortSignal | undefined;
  #programs = 0;

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Awaited before each linear program. @throws the signal's reason once it is aborted. */
  async turn(): Promise<void> {
    this.#signal?.throwIfAborted();
    this.#programs += 1;
    if (this.#programs % programsPerTurn === 0) await breathe();
  }
}

/** Fees of each account, those that count towards no pool among them. By period, then account. Money. */
export const feesOf = (problem: PlanProblem, { reservations }: PlanDecision): PerPeriod<PerAccount<number>> =>
  Array.from({ length: problem.periods }, (_, period) => {
    const fees = problem.accounts.map(() => 0);
    for (const [index, offer] of problem.reservations.entries()) {
      const fee = offer.feePerMonth * monthsInPeriod(problem, offer, period) * (reservations[index] ?? 0);
      fees[offer.account] = (fees[offer.account] ?? 0) + fee;
    }
    return fees;
  });

/** The problem without its guards: with room for the fees of these decisions, and any usage. */
export const withoutGuards = (problem: PlanProblem, ...decisions: readonly PlanDecision[]): PlanProblem => {
  const fees = decisions.map((decision) => feesOf(problem, decision));
  return {
    ...problem,
    guards: {
      usageShare: usageShareOpen,
      reservationFees: Array.from({ length: problem.periods }, (_, period) =>
        Math.max(0, ...fees.flatMap((periods) => periods[period] ?? [])),
      ),
    },
  };
};

/** What accounts cost in truth: everything above it was burnt. */
const unburntCost = (
  problem: PlanProblem,
  values: FirstStageValues,
  account: number,
  period: number,
  listSpend: number,
): number => {
  const fees = values.fees[period]?.[account] ?? 0;
  const pool = activePools(problem, period, account).find((index) => (values.pools[index] ?? 0) > 0);
  const offer = pool === undefined ? undefined : problem.pools[pool];
  return offer === undefined ? listSpend + fees : poolCost(poolTerms(offer, period), listSpend, fees);
};

interface Billing {
  readonly problem: PlanProblem;
  readonly values: FirstStageValues;
  readonly fees: PerPeriod<PerAccount<number>>;
  readonly signingCosts: PerPeriod<number>;
}

/** Of what begins in each period. */
const signingCostsOf = (problem: PlanProblem, { pools, reservations }: PlanDecision): PerPeriod<number> => {
  const costs = Array.from({ length: problem.periods }, () => 0);
  const add = (period: number, cost: number): void => {
    costs[period] = (costs[period] ?? 0) + cost;
  };
  for (const [index, pool] of problem.pools.entries())
    if (pools[index] === true) add(pool.fromPeriod, pool.signingCost);
  for (const [index, { fromSegment, signingCost }] of problem.reservations.entries())
    add(Math.floor(fromSegment / problem.segmentsPerPeriod), signingCost * (reservations[index] ?? 0));
  return costs;
};

const billPeriod = (recourse: Recourse, billing: Billing, block: ScenarioBlock): PeriodBill => {
  const { problem, values, fees, signingCosts } = billing;
  const { period } = block;
  const { spend: solved, costs, overCaps } = recourse.detail(values, block);
  // A solver may leave a hair less than nothing.
  const spend = solved.map((money) => Math.max(0, money));
  const feesNow = fees[period] ?? [];
  const accounts = costs.map((cost, account) => {
    const notInPool = (feesNow[account] ?? 0) - (values.fees[period]?.[account] ?? 0);
    return cost + notInPool;
  });
  const burnt = costs.reduce((sum, cost, account) => {
    const own = spend.reduce(
      (list, money, source) => list + (problem.sources[source]?.account === account ? money : 0),
      0,
    );
    return sum + Math.max(0, cost - unburntCost(problem, values, account, period, own));
  }, 0);
  const capPenalty = problem.capPenalty * overCaps.reduce((sum, over) => sum + over, 0);
  const signingCost = signingCosts[period] ?? 0;
  const total = accounts.reduce((sum, cost) => sum + cost, capPenalty) + signingCost;
  return { total, listSpend: spend, accounts, fees: feesNow, burnt, capPenalty, signingCost, carried: 0 };
};

/**
 * The exact bill of a decision in each scenario of a problem, within the problem's guards: see `withoutGuards`.
 * @throws the signal's reason once it is aborted.
 */
export const billDecision = async (
  problem: PlanProblem,
  decision: PlanDecision,
  signal?: AbortSignal,
): Promise<readonly ScenarioBill[]> => {
  const recourse = new Recourse(await answeringSolver(), problem);
  const pacing = new Pacing(signal);
  const billing = {
    problem,
    values: valuesOfDecision(problem, decision),
    fees: feesOf(problem, decision),
    signingCosts: signingCostsOf(problem, decision),
  };
  const bills: ScenarioBill[] = [];
  try {
    for (const scenario of problem.scenarios.keys()) {
      const { blocks }: ScenarioGroup = scenarioGroup(problem, [scenario]);
      const periods: PeriodBill[] = [];
      for (const block of blocks) {
        await pacing.turn();
        periods.push(billPeriod(recourse, billing, block));
      }
      bills.push(periods);
    }
    return bills;
  } finally {
    recourse.dispose();
  }
};

/** What each scenario costs over the horizon. Money. */
export const scenarioCosts = (bills: readonly ScenarioBill[]): readonly number[] =>
  bills.map((periods) => periods.reduce((sum, { total }) => sum + total, 0));

/** One figure of a period, by scenario. */
export const periodFigures = (
  bills: readonly ScenarioBill[],
  period: number,
  figure: (bill: PeriodBill) => number,
): readonly number[] =>
  bills.map((periods) => {
    const bill = periods[period];
    return bill === undefined ? 0 : figure(bill);
  });
