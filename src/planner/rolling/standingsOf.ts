import { shortfallsOwed } from '../model/shortfallsOwed.ts';
import { decimalText } from '../portfolio/floatOf.ts';
import { picoPerOne, ratioOf, type Pico } from '../usage/readDecimal.ts';
import { feesWithin, picoOf, type ActualUsage } from './ActualUsage.ts';
import type { Commitment } from './commitmentsOf.ts';
import { daysIn, monthsLong, monthsTouched, overlapOf, type DaySpan } from './daySpan.ts';
import type { ForecastCommitment, ForecastMonth } from './planForecastSchema.ts';
import type { CapacityUse, CommitmentTrack, PoolWindow } from './TrackedPlan.ts';

/** Fewest days that say anything of a pace. */
const paceDaysMin = 14;

/** What commitments are looked at with. */
export interface StandingSetting {
  readonly usage: ActualUsage;
  readonly commitments: readonly Commitment[];
  readonly horizon: DaySpan;
  readonly asOf: string;
}

const numberOf = (pico: Pico): number => Number(pico) / Number(picoPerOne);
const textOf = (pico: Pico): string => decimalText(ratioOf(pico));

/** A figure of each month added up over a span, months by the share of their days; null where the plan does not tell all of it. */
const plannedWithin = (
  months: readonly ForecastMonth[] | undefined,
  span: DaySpan,
  figure: (month: ForecastMonth) => number,
): number | null => {
  let total = 0;
  for (const month of monthsTouched(span)) {
    const told = months?.find((one) => one.month === month.from.slice(0, 7));
    if (told === undefined) return null;
    total += (figure(told) * daysIn(overlapOf(month, span))) / daysIn(month);
  }
  return total;
};

const mean = (month: ForecastMonth): number => month.mean;

/** What is drawn of a pool within a span: usage, and fees of capacity that counts. */
const drawnOf = (setting: StandingSetting, pool: Commitment, span: DaySpan): Pico => {
  const fees = setting.commitments.reduce(
    (total, one) =>
      one.status === 'signed' &&
      one.capacity?.countsTowardsPool === true &&
      one.vendor === pool.vendor &&
      one.sources.every((source) => pool.sources.includes(source))
        ? total + feesWithin(one, span)
        : total,
    0,
  );
  return setting.usage.drawn(pool, span) + picoOf(fees);
};

/** Mean of what the plan expects to owe at the true-ups that fall into a window, by the share of their days. */
const plannedShortfall = (forecast: ForecastCommitment | null, window: DaySpan): number | null => {
  if (forecast === null || forecast.shortfalls.length === 0) return null;
  return forecast.shortfalls.reduce(
    (total, shortfall) => total + (shortfall.mean * daysIn(overlapOf(shortfall, window))) / daysIn(shortfall),
    0,
  );
};

interface Pace {
  readonly planned: number | null;
  readonly pace: number | null;
  readonly projected: number | null;
}

/** How far a window gets if what is drawn stays in the same proportion to what is planned; where no plan tells, if it stays even. */
const paceOf = (setting: StandingSetting, pool: Commitment, window: DaySpan, drawn: Pico): Pace => {
  const { asOf, horizon } = setting;
  const told = overlapOf(window, { from: window.from, until: asOf });
  const known = overlapOf(told, horizon);
  const planned = daysIn(known) === 0 ? null : plannedWithin(pool.forecast?.months, known, mean);
  const rest = { from: told.until, until: window.until };
  const plannedRest = plannedWithin(pool.forecast?.months, rest, mean);
  const sinceKnown = known.from === told.from ? drawn : drawnOf(setting, pool, known);
  const pace = planned === null || planned <= 0 ? null : numberOf(sinceKnown) / planned;
  if (daysIn(rest) === 0) return { planned, pace, projected: numberOf(drawn) };
  if (daysIn(told) < paceDaysMin) return { planned, pace, projected: null };
  if (planned === null || plannedRest === null)
    return { planned, pace, projected: (numberOf(drawn) * daysIn(window)) / daysIn(told) };
  return { planned, pace, projected: numberOf(drawn) + (pace ?? 1) * plannedRest };
};

type Pool = NonNullable<Commitment['pool']>;
type Due = Pool['windows'][number];

/** A true-up that has begun within the plan, as far as it has come. */
const begunWindow = (setting: StandingSetting, commitment: Commitment, window: Due) => {
  const drawn = drawnOf(setting, commitment, overlapOf(window, { from: window.from, until: setting.asOf }));
  return { window, drawn, ...paceOf(setting, commitment, window, drawn) };
};

/** Whether a vendor is told of from the first month of a true-up on, until now. */
const isToldSince = ({ usage, asOf }: StandingSetting, vendor: string, { from, until }: DaySpan): boolean => {
  const told = usage.toldOf(vendor);
  if (told === null) return false;
  return told.from.slice(0, 7) <= from.slice(0, 7) && told.until >= (until < asOf ? until : asOf);
};

/** Pools by true-up. Clauses that carry count what was spent, and take it that true-ups before the plan and to come are met. */
const poolWindows = (setting: StandingSetting, commitment: Commitment, pool: Pool): readonly PoolWindow[] => {
  const { usage, asOf, horizon } = setting;
  const isTold = usage.isCostTold(commitment.vendor) && !usage.isEmpty;
  const told = overlapOf(horizon, { from: horizon.from, until: asOf });
  const begun = pool.windows.map((window) =>
    daysIn(overlapOf(window, told)) > 0 ? begunWindow(setting, commitment, window) : null,
  );
  const floors = pool.windows.map(({ due }) => numberOf(due));
  const spent = begun.map((window, index) => window?.projected ?? floors[index] ?? 0);
  const owed = shortfallsOwed({ floors, carry: pool.carry }, spent);
  return begun.flatMap((one, index): readonly PoolWindow[] => {
    if (one === null) return [];
    const { window, drawn, planned, pace, projected } = one;
    const missing = projected === null ? null : Math.max(0, (floors[index] ?? 0) - projected);
    const open = owed[index] ?? 0;
    return [
      {
        from: window.from,
        until: window.until,
        ended: window.until <= asOf,
        complete:
          isTold && usage.isVendorComplete(commitment.vendor) && isToldSince(setting, commitment.vendor, window),
        due: textOf(window.due),
        drawn: isTold ? textOf(drawn) : null,
        planned,
        pace: isTold ? pace : null,
        projected: isTold ? projected : null,
        shortfall: isTold && missing !== null ? open * pool.shortfallRate : null,
        plannedShortfall: plannedShortfall(commitment.forecast, window),
        carried: isTold && missing !== null && pool.carry !== null ? Math.max(0, missing - open) : null,
      },
    ];
  });
};

const ratioOrNull = (part: number | null, whole: number): number | null =>
  part === null || whole <= 0 ? null : part / whole;

const capacityUse = (
  { usage, horizon, asOf }: StandingSetting,
  commitment: Commitment,
  capacity: NonNullable<Commitment['capacity']>,
): CapacityUse => {
  const whole = overlapOf(commitment, horizon);
  const begun = overlapOf(whole, { from: whole.from, until: asOf });
  const isTold = usage.isClassTold(capacity.class) && usage.isVendorTold(commitment.vendor);
  // Time that nobody tells of is no time without use.
  const told = isTold ? overlapOf(begun, usage.toldOf(commitment.vendor) ?? begun) : begun;
  const months = commitment.forecast?.months;
  const length = plannedWithin(months, told, () => 1);
  const share = (figure: (month: ForecastMonth) => number): number | null =>
    length === null ? null : ratioOrNull(plannedWithin(months, told, figure), length);
  const all = capacity.unitsPerMonth * monthsLong(told);
  const used = isTold ? usage.served(commitment, told) : null;
  const utilization = ratioOrNull(used, all);
  const [fees, feesWhole] = [feesWithin(commitment, told), feesWithin(commitment, whole)];
  const plannedWhole = plannedWithin(months, whole, mean);
  const lengthWhole = plannedWithin(months, whole, () => 1);
  const pace = share(mean);
  const rest = plannedWhole === null || lengthWhole === null || lengthWhole <= 0 ? null : plannedWhole / lengthWhole;
  const projected =
    utilization === null
      ? null
      : pace === null || pace <= 0 || rest === null
        ? utilization
        : (utilization / pace) * rest;
  return {
    from: whole.from,
    until: whole.until,
    complete: isTold && daysIn(told) === daysIn(begun),
    capacity: all,
    used,
    utilization,
    plannedUtilization: pace,
    plannedLow: share(({ low }) => low),
    fees,
    idle: utilization === null ? null : fees * (1 - utilization),
    projectedIdle: projected === null ? null : feesWhole * (1 - Math.min(1, projected)),
    plannedIdle: rest === null ? null : feesWhole * (1 - rest),
  };
};

/** Where each commitment stands: pools by true-up, capacity over all of its time within the plan. */
export const standingsOf = (setting: StandingSetting): readonly CommitmentTrack[] => {
  const { horizon, asOf, commitments } = setting;
  const told = overlapOf(horizon, { from: horizon.from, until: asOf });
  return commitments.map((commitment) => {
    const { name, vendor, kind, status, from, until, pool, capacity } = commitment;
    const hasBegun = daysIn(overlapOf(commitment, told)) > 0;
    return {
      name,
      vendor,
      kind,
      status,
      from,
      until,
      windows: pool === null ? [] : poolWindows(setting, commitment, pool),
      capacity: capacity === null || !hasBegun ? null : capacityUse(setting, commitment, capacity),
    };
  });
};
