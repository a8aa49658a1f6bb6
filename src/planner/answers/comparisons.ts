import { riskOf } from '../recourse/evaluate.ts';
import type { PlanDecision, PlanProblem, PlanScenario } from '../PlanProblem.ts';
import { optimise } from '../search/optimise.ts';
import type { PlanLimits } from '../search/PlanLimits.ts';
import { billDecision, scenarioCosts, usageShareOpen, withoutGuards, type ScenarioBill } from './billDecision.ts';
import { capShare, capSlack } from './capShare.ts';
import { demandFigures } from './ControlVariates.ts';
import { outageCertificate } from './outageCertificate.ts';
import type { ComparedPlan, Comparisons, PolicyViolation, RiskFigures } from './PlanAnswers.ts';
import { restrictProblem, type RestrictedProblem } from './restrictProblem.ts';
import { settledBills } from './settledBills.ts';
import { bestPools, greedyDecision, meanOver, noContracts, signedOnly } from './signedOnly.ts';

export interface ComparisonOptions {
  /** Of each of the two searches there are: of the best single vendor, and for the mean of the scenarios. Null: neither is searched for. */
  readonly limits: PlanLimits | null;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** A decision with its bills, in a problem that has the policy's caps to measure it by. */
interface Billed {
  readonly problem: PlanProblem;
  readonly decision: PlanDecision;
  /** By them usage goes and caps are measured: with true-ups that stand by themselves. */
  readonly bills: readonly ScenarioBill[];
  /** By them is paid. */
  readonly settled: readonly ScenarioBill[];
}

export const figuresOf = (problem: PlanProblem, bills: readonly ScenarioBill[]): RiskFigures => {
  const weights = problem.scenarios.map(({ weight }) => weight);
  return riskOf(scenarioCosts(bills), weights, problem.risk);
};

const capViolations = ({ problem, decision, bills }: Billed): readonly PolicyViolation[] =>
  problem.caps.flatMap((cap, index) =>
    Array.from({ length: problem.periods }, (_, period): PolicyViolation[] => {
      let probability = 0;
      let worstShare = 0;
      for (const [scenario, periods] of bills.entries()) {
        const bill = periods[period];
        const share = bill === undefined ? 0 : capShare(problem, decision, cap, period, bill);
        worstShare = Math.max(worstShare, share);
        if (share > cap.share + capSlack) probability += problem.scenarios[scenario]?.weight ?? 0;
      }
      return probability > 0 ? [{ kind: 'cap', cap: index, period, probability, worstShare, limit: cap.share }] : [];
    }).flat(),
  );

/** For each loss and period in which a class is served less than asked, the one that is farthest from it. */
const outageViolations = (problem: PlanProblem, decision: PlanDecision): readonly PolicyViolation[] => {
  const worst = new Map<string, PolicyViolation & { readonly kind: 'outage' }>();
  for (const entry of outageCertificate(problem, decision)?.entries ?? []) {
    if (entry.met) continue;
    const { loss, period, servedShare, askedShare } = entry;
    const key = `${loss} ${period}`;
    const known = worst.get(key);
    if (known && known.servedShare / known.askedShare <= servedShare / askedShare) continue;
    worst.set(key, { kind: 'outage', loss, period, class: entry.class, servedShare, askedShare });
  }
  return [...worst.values()];
};

const signedViolations = (problem: PlanProblem, decision: PlanDecision): readonly PolicyViolation[] => [
  ...problem.pools.flatMap(({ name, signed }, index): PolicyViolation[] =>
    signed && decision.pools[index] !== true ? [{ kind: 'signedContract', name }] : [],
  ),
  ...problem.reservations.flatMap(({ name, signed }, index): PolicyViolation[] =>
    signed && (decision.reservations[index] ?? 0) === 0 ? [{ kind: 'signedContract', name }] : [],
  ),
];

const comparedPlan = (
  whole: PlanProblem,
  billed: Billed,
  told: Pick<ComparedPlan, 'kind' | 'vendor' | 'keepsCaps' | 'decision'>,
  planObjective: number | null,
): ComparedPlan => {
  const figures = figuresOf(whole, billed.settled);
  const sum = (scenario: number, figure: 'capPenalty' | 'burnt' | 'carried'): number =>
    (billed.settled[scenario] ?? []).reduce((money, bill) => money + bill[figure], 0);
  return {
    ...told,
    ...figures,
    dearerBy: planObjective === null ? 0 : figures.objective - planObjective,
    capPenalty: meanOver(whole, (scenario) => sum(scenario, 'capPenalty')),
    burnt: meanOver(whole, (scenario) => sum(scenario, 'burnt')),
    carried: meanOver(whole, (scenario) => sum(scenario, 'carried')),
    violations: [
      ...signedViolations(whole, told.decision),
      ...capViolations(billed),
      ...outageViolations(whole, told.decision),
    ],
  };
};

const billed = async (
  problem: PlanProblem,
  decision: PlanDecision,
  signal: AbortSignal | undefined,
): Promise<Billed> => {
  const bills = await billDecision(withoutGuards(problem, decision), decision, signal);
  return { problem, decision, bills, settled: settledBills(problem, decision, bills) };
};

/** The problem of a buyer who takes everything that a vendor has from that vendor, whatever the policy says: signed contracts stay. */
const onlyVendor = (problem: PlanProblem, vendor: string): RestrictedProblem => {
  const isOwn = (account: number): boolean => problem.accounts[account]?.vendor === vendor;
  const ownClasses = new Set(problem.sources.flatMap((source) => (isOwn(source.account) ? [source.class] : [])));
  return restrictProblem(problem, {
    sources: problem.sources.map((source) => isOwn(source.account) || !ownClasses.has(source.class)),
    pools: problem.pools.map(({ account, signed }) => signed || isOwn(account)),
    reservations: problem.reservations.map(({ account, signed }) => signed || isOwn(account)),
  });
};

/** Usage goes where it is cheapest, and no more is asked: that a policy is broken is told, not paid for. */
const withoutPolicy = (problem: PlanProblem): PlanProblem => ({ ...problem, caps: [], resilience: null });

const singleVendorPools = async (
  problem: PlanProblem,
  vendor: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly vendor: string; readonly restricted: RestrictedProblem; readonly billed: Billed }> => {
  const restricted = onlyVendor(problem, vendor);
  const free = withoutPolicy(restricted.problem);
  const signed = await billed(free, signedOnly(free), signal);
  return { vendor, restricted, billed: await billed(free, bestPools(free, signed.bills), signal) };
};

/** The vendor that is cheapest with the best of its pools; if there is time, with the best of all its offers. */
const bestSingleVendor = async (
  problem: PlanProblem,
  { limits, seed, signal }: ComparisonOptions,
): Promise<{ readonly vendor: string; readonly restricted: RestrictedProblem; readonly billed: Billed } | null> => {
  const candidates = [];
  for (const vendor of new Set(problem.accounts.map((account) => account.vendor))) {
    candidates.push(await singleVendorPools(problem, vendor, signal));
  }
  const objectiveOf = (candidate: { readonly billed: Billed }): number =>
    figuresOf(problem, candidate.billed.settled).objective;
  const [best] = candidates.toSorted((one, other) => objectiveOf(one) - objectiveOf(other));
  if (best === undefined || limits === null) return best ?? null;
  const free = withoutPolicy(best.restricted.problem);
  const fees = Array.from({ length: problem.periods }, (_, period) =>
    Math.max(
      problem.guards.reservationFees[period] ?? 0,
      meanOver(problem, (scenario) => demandOf(problem, scenario, period)),
    ),
  );
  const open = { ...free, guards: { usageShare: usageShareOpen, reservationFees: fees } };
  const { incumbent } = await optimise(open, { limits, seed, ...(signal ? { signal } : {}) });
  if (incumbent === null) return best;
  const searched = { ...best, billed: await billed(free, incumbent.decision, signal) };
  return objectiveOf(searched) < objectiveOf(best) ? searched : best;
};

/** All demand of a period at its cheapest list price. Money. */
const demandOf = (problem: PlanProblem, scenario: number, period: number): number => {
  const found = problem.scenarios[scenario];
  return found === undefined ? 0 : (demandFigures(problem, found)[period] ?? 0);
};

/** The problem as it is for who plans for the mean: one future, at mean demand and mean prices. */
export const meanProblem = (problem: PlanProblem): PlanProblem => {
  const { scenarios, priceIndices } = problem;
  const meanDemand = problem.classes.map((_, index) => {
    const steps = scenarios[0]?.demand[index]?.length ?? 0;
    return Array.from({ length: steps }, (_step, step) =>
      meanOver(problem, (scenario) => scenarios[scenario]?.demand[index]?.[step] ?? 0),
    );
  });
  const factors = problem.sources.map((_, source) =>
    Array.from({ length: problem.periods }, (_period, period) =>
      meanOver(problem, (scenario) => priceIndices[scenarios[scenario]?.prices ?? 0]?.factors[source]?.[period] ?? 1),
    ),
  );
  const mean: PlanScenario = { weight: 1, demand: meanDemand, prices: 0 };
  return { ...problem, scenarios: [mean], priceIndices: [{ name: 'mean', factors }] };
};

/**
 * The plan beside simpler ways to decide, each exactly evaluated on the problem's scenarios without guards. No way is silently infeasible:
 * what of the policy it breaks is told with it.
 * @throws the signal's reason once it is aborted.
 */
export const comparisons = async (
  problem: PlanProblem,
  decision: PlanDecision,
  options: ComparisonOptions,
): Promise<Comparisons> => {
  const { limits, seed, signal } = options;
  const inWhole = async (
    kind: ComparedPlan['kind'],
    one: PlanDecision,
    objective: number | null,
  ): Promise<ComparedPlan> =>
    comparedPlan(
      problem,
      await billed(problem, one, signal),
      { kind, vendor: null, keepsCaps: true, decision: one },
      objective,
    );
  const plan = await inWhole('plan', decision, null);
  const signed = signedOnly(problem);
  const others = [
    await inWhole('nothing', signed, plan.objective),
    await inWhole('onDemand', noContracts(problem), plan.objective),
  ];
  const single = await bestSingleVendor(problem, options);
  if (single !== null) {
    const measured = { ...single.billed, problem: single.restricted.problem };
    const told = { kind: 'singleVendor', vendor: single.vendor, keepsCaps: false } as const;
    const widened = single.restricted.widen(single.billed.decision);
    others.push(comparedPlan(problem, measured, { ...told, decision: widened }, plan.objective));
  }
  const { bills } = await billed(problem, signed, signal);
  others.push(await inWhole('greedy', greedyDecision(problem, bills), plan.objective));
  if (limits === null) return { plan, others, stochasticValue: null };
  const { incumbent } = await optimise(meanProblem(problem), { limits, seed, ...(signal ? { signal } : {}) });
  if (incumbent === null) return { plan, others, stochasticValue: null };
  const ofMean = await inWhole('meanScenario', incumbent.decision, plan.objective);
  return { plan, others: [...others, ofMean], stochasticValue: ofMean.dearerBy };
};
