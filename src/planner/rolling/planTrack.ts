import { failure, success } from '../../kernel/index.ts';
import type { Ratio, Result } from '../../kernel/index.ts';
import { decimalText } from '../portfolio/floatOf.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import { picoPerOne, ratioOf, type Pico } from '../usage/readDecimal.ts';
import type { UsageLine } from '../usage/UsageLine.ts';
import { ActualUsage, feesWithin, picoOf } from './ActualUsage.ts';
import { commitmentsOf, type Commitment } from './commitmentsOf.ts';
import { overlapOf, trackedMonths, type TrackedMonth } from './daySpan.ts';
import type { ForecastMonth, PlanForecast } from './planForecastSchema.ts';
import type { SavedPlan } from './SavedPlan.ts';
import { standingsOf } from './standingsOf.ts';
import type { ActualMonth, DemandTrack, OutsideRun, Position, SpendTrack, TrackedPlan } from './TrackedPlan.ts';
import { trackFindings } from './trackFindings.ts';

export interface TrackInput {
  readonly plan: SavedPlan;
  /** The one that was planned, with what was signed since. */
  readonly portfolio: Portfolio;
  /** Of our own ledger, or of vendors' exports. */
  readonly lines: readonly UsageLine[];
  /** First day that nothing is told of. */
  readonly asOf: string;
  /** Classes of the plan by what usage calls them, where names differ. */
  readonly classOf: ReadonlyMap<string, string>;
  /** One unit of the usage's currency in the plan's; null where nobody says so. */
  readonly rate: Ratio | null;
  /** Whole months running outside of the plan's range after which to plan again. */
  readonly monthsOutside: number;
}

/** So far beyond the range is still within: a hundredth of what the month is planned to have. */
const slackShare = 0.01;

const textOf = (pico: Pico): string => decimalText(ratioOf(pico));

const positionOf = (actual: Pico, { low, high }: ForecastMonth, slack: number): Position => {
  const value = Number(actual) / Number(picoPerOne);
  if (value > high + slack) return 'above';
  return value < low - slack ? 'below' : 'within';
};

/** A month as the plan expects it, in proportion to its days where it is not over. */
const expectedOf = (months: readonly ForecastMonth[], { month, share }: TrackedMonth): ForecastMonth => {
  const { mean, low, high } = months.find((one) => one.month === month) ?? { mean: 0, low: 0, high: 0 };
  return { month, mean: mean * share, low: low * share, high: high * share };
};

const actualMonth = (
  tracked: TrackedMonth,
  expected: ForecastMonth,
  actual: Pico | null,
  slack: number,
): ActualMonth => ({
  ...expected,
  partial: tracked.partial,
  actual: actual === null ? null : textOf(actual),
  position: actual === null || tracked.partial ? null : positionOf(actual, expected, slack),
});

/** The whole months up to the last one that lie on one side of the range. */
const outsideRun = (months: readonly ActualMonth[]): OutsideRun => {
  const whole = months.filter(({ partial }) => !partial).toReversed();
  const side = whole[0]?.position ?? null;
  if (side === null || side === 'within') return { months: 0, side: null };
  const end = whole.findIndex(({ position }) => position !== side);
  return { months: end < 0 ? whole.length : end, side };
};

interface Setting {
  readonly input: TrackInput;
  readonly forecast: PlanForecast;
  readonly usage: ActualUsage;
  readonly commitments: readonly Commitment[];
  readonly months: readonly TrackedMonth[];
}

const demandOf = ({ forecast, usage, months, input }: Setting): readonly DemandTrack[] =>
  forecast.demand.map(({ class: name, unit, months: planned }) => {
    const isTold = usage.isClassTold(name);
    const spans = months.map((month) => overlapOf(month, { from: month.from, until: input.asOf }));
    const rows = months.map((month, index) => {
      const expected = expectedOf(planned, month);
      const span = spans[index] ?? month;
      const actual = isTold && usage.isClassToldIn(name, span) ? usage.units(name, span) : null;
      const row = actualMonth(month, expected, actual, slackShare * expected.mean);
      // Too little of what is only told in part says nothing.
      return row.position === 'below' && !usage.isClassCompleteIn(name, span) ? { ...row, position: null } : row;
    });
    const complete = isTold && spans.every((span) => usage.isClassCompleteIn(name, span));
    return { class: name, unit, complete, months: rows, outside: outsideRun(rows) };
  });

const feesOf = ({ commitments }: Setting, vendor: string, month: TrackedMonth, asOf: string): Pico => {
  const span = overlapOf(month, { from: month.from, until: asOf });
  const own = commitments.filter((one) => one.status === 'signed' && one.vendor === vendor);
  return picoOf(own.reduce((total, one) => total + feesWithin(one, span), 0));
};

const spendOf = (setting: Setting): readonly SpendTrack[] => {
  const { forecast, usage, months, input } = setting;
  const slackIn = (month: TrackedMonth): number =>
    slackShare * forecast.spend.reduce((total, { months: planned }) => total + expectedOf(planned, month).mean, 0);
  return forecast.spend.map(({ vendor, months: planned }) => {
    const isTold = !usage.isEmpty && usage.isCostTold(vendor);
    const isComplete = isTold && usage.isVendorComplete(vendor);
    let actual = 0n;
    const rows = months.map((month) => {
      const span = overlapOf(month, { from: month.from, until: input.asOf });
      const isMonthTold = isTold && usage.isVendorToldIn(vendor, span);
      const fees = feesOf(setting, vendor, month, input.asOf);
      const spent = usage.spend(vendor, span);
      if (isMonthTold) actual += spent + fees;
      const row = actualMonth(month, expectedOf(planned, month), isMonthTold ? spent + fees : null, slackIn(month));
      return {
        ...row,
        position: isComplete ? row.position : null,
        usage: isMonthTold ? textOf(spent) : null,
        fees: textOf(fees),
      };
    });
    const told = rows.filter((row) => row.actual !== null);
    const plannedToDate = told.reduce((total, { mean }) => total + mean, 0);
    const value = Number(actual) / Number(picoPerOne);
    return {
      vendor,
      complete: isComplete && told.length === rows.length,
      months: rows,
      toDate: {
        actual: told.length > 0 ? textOf(actual) : null,
        planned: plannedToDate,
        variance: plannedToDate > 0 ? (value - plannedToDate) / plannedToDate : null,
      },
      outside: outsideRun(rows),
    };
  });
};

const unplannedOf = ({ usage, input }: Setting): TrackedPlan['unplanned'] =>
  usage.unplanned({ from: input.plan.horizon.from, until: input.asOf }).map(({ vendor, units, cost, ...named }) => ({
    vendor,
    ...named,
    units: textOf(units),
    cost: cost === null ? null : textOf(cost),
    isVendorPlanned: input.portfolio.vendors.has(vendor),
  }));

/** Why a plan cannot be tracked with what is at hand, and how to mend it. */
const refusal = ({ plan, portfolio, classOf }: TrackInput): string | null => {
  if (plan.forecast === null)
    return 'this plan does not tell what it expects month by month: plan once more, and save what "archipel plan --json" prints';
  const missing = plan.classes.find((name) => !portfolio.classes.has(name));
  if (missing !== undefined)
    return `the portfolio has no class "${missing}", which the plan is for: name the portfolio that was planned`;
  if (plan.currency !== portfolio.currency)
    return `the plan is in ${plan.currency}, the portfolio in ${portfolio.currency}: name the portfolio that was planned`;
  const unknown = [...classOf].find(([, name]) => !portfolio.classes.has(name));
  if (unknown !== undefined)
    return `"${unknown[0]}" cannot be of class "${unknown[1]}", which the plan has not: its classes are ${plan.classes.join(', ')}`;
  return null;
};

/**
 * Actual figures against a plan, from its first month to the last day that is told: demand by class and spend by vendor against the mean and the range of
 * the plan's scenarios, commitments against what the plan expects to be drawn, and what to do. Exact where something was booked; what comes of the plan
 * is Float64. The failing half is why it cannot be told, and how to mend it.
 */
export const planTrack = (input: TrackInput): Result<TrackedPlan, string> => {
  const { plan, portfolio, asOf, monthsOutside } = input;
  const refused = refusal(input);
  const { forecast } = plan;
  if (refused !== null || forecast === null) return failure(refused ?? '');
  const commitments = commitmentsOf(plan, forecast, portfolio);
  const usage = new ActualUsage({ ...input, commitments });
  const setting: Setting = { input, forecast, usage, commitments, months: trackedMonths(plan.horizon, asOf) };
  const figures = {
    asOf,
    currency: plan.currency,
    plan: { madeAt: plan.inputs.madeAt, sha256: plan.inputs.sha256 },
    months: setting.months,
    demand: demandOf(setting),
    spend: spendOf(setting),
    commitments: standingsOf({ usage, commitments, horizon: plan.horizon, asOf }),
    unplanned: unplannedOf(setting),
  };
  const findings = trackFindings(figures, { monthsOutside, isEmpty: usage.isEmpty });
  return success({ ...figures, findings, onTrack: findings.every(({ severity }) => severity !== 'act') });
};
