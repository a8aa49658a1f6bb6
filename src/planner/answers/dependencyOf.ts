import { riskOf } from '../recourse/evaluate.ts';
import type { PlanDecision, PlanProblem } from '../PlanProblem.ts';
import {
  billDecision,
  periodFigures,
  feesOf,
  scenarioCosts,
  withoutGuards,
  type PeriodBill,
  type ScenarioBill,
} from './billDecision.ts';
import { capShare, capSlack } from './capShare.ts';
import type { CapDependency, Dependency, GuardReport, SpreadFigure, VendorDependency } from './PlanAnswers.ts';

/** Relative difference of costs above which a guard changes something. */
const costSlack = 1e-7;
/** Share of a guard at which it is reached. */
const guardSlack = 1e-6;

const periodsIn = ({ periods }: PlanProblem): readonly number[] => Array.from({ length: periods }, (_, at) => at);

/** A figure of each scenario as its mean and its worst. */
const spreadOf = (problem: PlanProblem, figures: readonly number[]): SpreadFigure => {
  let worstScenario = 0;
  let mean = 0;
  for (const [scenario, figure] of figures.entries()) {
    mean += figure * (problem.scenarios[scenario]?.weight ?? 0);
    if (figure > (figures[worstScenario] ?? 0)) worstScenario = scenario;
  }
  return { mean, worst: figures[worstScenario] ?? 0, worstScenario };
};

const paidTo = (problem: PlanProblem, vendor: string, { accounts }: PeriodBill): number =>
  accounts.reduce((sum, paid, account) => sum + (problem.accounts[account]?.vendor === vendor ? paid : 0), 0);

const paidShare = (problem: PlanProblem, vendor: string, bill: PeriodBill): number => {
  const all = bill.accounts.reduce((sum, paid) => sum + paid, 0);
  return all > 0 ? paidTo(problem, vendor, bill) / all : 0;
};

const vendorsOf = (problem: PlanProblem): readonly string[] => [
  ...new Set(problem.accounts.map(({ vendor }) => vendor)),
];

const capDependency = (
  problem: PlanProblem,
  decision: PlanDecision,
  bills: readonly ScenarioBill[],
  index: number,
): CapDependency[] => {
  const cap = problem.caps[index];
  if (cap === undefined) return [];
  const shares = periodsIn(problem).map((period) =>
    periodFigures(bills, period, (bill) => capShare(problem, decision, cap, period, bill)),
  );
  const probability = (figures: readonly number[], from: number): number =>
    figures.reduce((sum, share, scenario) => sum + (share >= from ? (problem.scenarios[scenario]?.weight ?? 0) : 0), 0);
  const reached = shares.map((figures) => probability(figures, cap.share - capSlack));
  return [
    {
      cap: index,
      name: cap.name,
      kind: cap.kind,
      limit: cap.share,
      share: shares.map((figures) => spreadOf(problem, figures)),
      reached,
      broken: shares.map((figures) => probability(figures, cap.share + capSlack)),
      binds: reached.some((weight) => weight > 0),
    },
  ];
};

const guardReport = async (
  problem: PlanProblem,
  decision: PlanDecision,
  without: readonly ScenarioBill[],
  signal: AbortSignal | undefined,
): Promise<GuardReport> => {
  const weights = problem.scenarios.map(({ weight }) => weight);
  const objectiveOf = (bills: readonly ScenarioBill[]): number =>
    riskOf(scenarioCosts(bills), weights, problem.risk).objective;
  const open = withoutGuards(problem, decision);
  const { usageShare } = problem.guards;
  const guarded = { ...open, guards: { ...open.guards, usageShare } };
  const free = objectiveOf(without);
  const bound = Number.isFinite(usageShare) ? objectiveOf(await billDecision(guarded, decision, signal)) : free;
  let highestShare = 0;
  const reached = feesOf(problem, decision).flatMap((accounts, period) =>
    accounts.flatMap((fees, account) => {
      const guard = problem.guards.reservationFees[period] ?? Infinity;
      const share = fees > 0 ? fees / guard : 0;
      highestShare = Math.max(highestShare, share);
      return share >= 1 - guardSlack ? [{ account, period, fees }] : [];
    }),
  );
  return {
    usage: { binds: bound - free > costSlack * Math.abs(free), withGuard: bound, without: free },
    reservations: { binds: reached.length > 0, reached, highestShare },
  };
};

/**
 * How far a decision leans on whom, in every period and scenario of the problem, with usage going where it is cheapest within the caps.
 * @throws the signal's reason once it is aborted.
 */
export const dependencyOf = async (
  problem: PlanProblem,
  decision: PlanDecision,
  signal?: AbortSignal,
): Promise<Dependency> => {
  const bills = await billDecision(withoutGuards(problem, decision), decision, signal);
  const periods = periodsIn(problem);
  const vendors = vendorsOf(problem);
  return {
    vendors: vendors.map((vendor): VendorDependency => {
      const paid = (period: number): SpreadFigure =>
        spreadOf(
          problem,
          periodFigures(bills, period, (bill) => paidTo(problem, vendor, bill)),
        );
      return {
        vendor,
        share: periods.map((period) =>
          spreadOf(
            problem,
            periodFigures(bills, period, (bill) => paidShare(problem, vendor, bill)),
          ),
        ),
        paid: periods.map((period) => paid(period).mean),
      };
    }),
    caps: problem.caps.flatMap((_, index) => capDependency(problem, decision, bills, index)),
    concentration: periods.map((period) =>
      spreadOf(
        problem,
        periodFigures(bills, period, (bill) =>
          vendors.reduce((sum, vendor) => sum + paidShare(problem, vendor, bill) ** 2, 0),
        ),
      ),
    ),
    guards: await guardReport(problem, decision, bills, signal),
  };
};
