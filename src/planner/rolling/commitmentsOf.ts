import { fulfilmentWindows, type PoolContract } from '../../contracts/index.ts';
import { divideHalfEven, nanoUsd, parseRatio, picoPerNano, utcDay } from '../../kernel/index.ts';
import type { Ratio } from '../../kernel/index.ts';
import type { PoolCarry } from '../PlanProblem.ts';
import { defaultLoadFactor } from '../portfolio/assumptionsOf.ts';
import { monthsUntil } from '../portfolio/calendarMonths.ts';
import { capacityTerms } from '../portfolio/capacityTerms.ts';
import { carryOf } from '../portfolio/carryOf.ts';
import { offerName } from '../portfolio/choicesOf.ts';
import { floatOf } from '../portfolio/floatOf.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import type { SignedCapacity, SignedContract, SignedPool } from '../portfolio/schema.ts';
import { timelineOf } from '../portfolio/timelineOf.ts';
import { coveredSources, waysOf } from '../portfolio/waysOf.ts';
import { picoPerOne, type Pico } from '../usage/readDecimal.ts';
import { monthsLong, type DaySpan } from './daySpan.ts';
import type { ForecastCommitment, PlanForecast } from './planForecastSchema.ts';
import type { SavedDecision, SavedPlan } from './SavedPlan.ts';
import { contractId } from './signedFrom.ts';

/** What was promised, in one form whether it is signed or was only decided. */
export interface Commitment extends DaySpan {
  readonly name: string;
  readonly vendor: string;
  readonly kind: 'pool' | 'floor' | 'slot';
  readonly status: 'signed' | 'unsigned';
  /** Indices of the portfolio's sources that it covers. */
  readonly sources: readonly number[];
  readonly pool: {
    readonly windows: readonly (DaySpan & { readonly due: Pico })[];
    readonly shortfallRate: number;
    readonly carry: PoolCarry | null;
  } | null;
  readonly capacity: {
    readonly class: string;
    /** Units of the class in a month, if it were used all the time. */
    readonly unitsPerMonth: number;
    readonly usableShare: number;
    readonly feePerMonth: number;
    readonly countsTowardsPool: boolean;
  } | null;
  /** What the plan expects of it; null where it does not know it. */
  readonly forecast: ForecastCommitment | null;
}

const nanoPerOne = 1_000_000_000n;
/** Parts of a period are told to the sixth decimal: what is due stays a round figure. */
const picoPerMicro = picoPerOne / 1_000_000n;

const midnightMs = (day: string): number => Date.parse(`${day}T00:00:00Z`);

const poolContract = ({ id, vendor, amount, fulfil, period, discount, shortfall }: SignedPool): PoolContract => ({
  id,
  vendor,
  kind: 'pool',
  covers: [],
  fromMs: midnightMs(period.from),
  untilMs: midnightMs(period.until),
  timeZone: 'UTC',
  discount,
  commitmentNanoUsd: nanoUsd((amount.numerator * nanoPerOne) / amount.denominator),
  fulfilment: fulfil,
  ramp: [],
  milestones: [],
  shortfallRate: shortfall.rate,
  shortfallGrace: { numerator: 0n, denominator: 1n },
  rollover: null,
  carryForward: null,
  elsewhere: [],
});

/** Share of a ramp of equal parts that lies before a day. */
const rampBefore = (ramp: readonly Ratio[], period: DaySpan, day: string): number => {
  const first = `${period.from.slice(0, 7)}-01`;
  const begins = monthsUntil(first, period.from);
  const part = (monthsUntil(first, period.until) - begins) / ramp.length;
  const at = monthsUntil(first, day) - begins;
  return ramp.reduce(
    (sum, share, index) => sum + floatOf(share) * Math.min(1, Math.max(0, (at - index * part) / part)),
    0,
  );
};

const evenRamp: readonly Ratio[] = [{ numerator: 1n, denominator: 1n }];

/** Parts of a month by which true-ups of as many months may differ, where they begin within one. */
const monthSlack = 0.2;

const areEquallyLong = (windows: readonly DaySpan[]): boolean => {
  const lengths = windows.map(monthsLong);
  return Math.max(...lengths) - Math.min(...lengths) < monthSlack;
};

/** What is due at each true-up: exact where they are equally long and a ramp has a share for each of them, and in sum always the whole commitment. */
const windowsOf = (pool: SignedPool): readonly (DaySpan & { readonly due: Pico })[] => {
  const contract = poolContract(pool);
  const even = fulfilmentWindows(contract);
  const told = (windows: typeof even) =>
    windows.map(({ fromMs, untilMs, dueNanoUsd }) => ({
      from: utcDay(fromMs),
      until: utcDay(untilMs),
      due: dueNanoUsd * picoPerNano,
    }));
  if (even.length === 1) return told(even);
  if (areEquallyLong(told(even))) {
    if (pool.ramp.length === 0) return told(even);
    if (pool.ramp.length === even.length) return told(fulfilmentWindows({ ...contract, ramp: pool.ramp }));
  }
  // A last true-up that is shorter has less of what is due, as the plan has it.
  const ramp = pool.ramp.length === 0 ? evenRamp : pool.ramp;
  const amount = contract.commitmentNanoUsd * picoPerNano;
  let before = 0n;
  return told(even).map((window, index) => {
    const isLast = index === even.length - 1;
    const share = BigInt(Math.round(rampBefore(ramp, pool.period, window.until) * 1e12));
    const byEnd = isLast ? amount : divideHalfEven(amount * share, 1_000_000_000_000n * picoPerMicro) * picoPerMicro;
    const due = byEnd - before;
    before = byEnd;
    return { ...window, due };
  });
};

/** Clauses that carry, counted in the true-ups of this pool. */
const carryBetween = (
  portfolio: Portfolio,
  [first]: readonly DaySpan[],
  clauses: Parameters<typeof carryOf>[1],
): PoolCarry | null => {
  if (first === undefined) return null;
  const periodMonths = Math.max(1, Math.round(monthsLong(first)));
  return carryOf({ ...timelineOf(portfolio), periodMonths }, clauses);
};

type CapacityWords = Pick<
  SignedCapacity,
  'vendor' | 'covers' | 'unit' | 'fee' | 'discount' | 'usableShare' | 'countsTowardsPool'
>;

/** The source that capacity stands at, and what a quantity of it serves there. */
const capacityOf = (
  portfolio: Portfolio,
  words: CapacityWords,
  quantity: number,
  feePerMonth: number | null,
): { readonly sources: readonly number[]; readonly capacity: Commitment['capacity'] } => {
  const sources = coveredSources(portfolio, words);
  const way = waysOf(portfolio).find(({ own, source }) => own && source === sources[0]);
  if (way === undefined) return { sources, capacity: null };
  const terms = capacityTerms(way, words.unit, words.fee, words.discount);
  const usable = words.usableShare ?? portfolio.classes.get(way.class)?.loadFactor ?? null;
  return {
    sources: [way.source],
    capacity: {
      class: way.class,
      unitsPerMonth: terms.unitsPerMonth * quantity,
      usableShare: usable === null ? defaultLoadFactor : floatOf(usable),
      feePerMonth: feePerMonth ?? terms.feePerMonth * quantity,
      countsTowardsPool: words.countsTowardsPool,
    },
  };
};

const signedCommitment = (
  portfolio: Portfolio,
  contract: SignedContract,
  forecast: ForecastCommitment | null,
): Commitment => {
  const frame = {
    name: contract.id,
    vendor: contract.vendor,
    kind: contract.kind,
    status: 'signed' as const,
    ...contract.period,
    forecast,
  };
  if (contract.kind !== 'pool')
    return { ...frame, pool: null, ...capacityOf(portfolio, contract, floatOf(contract.quantity), null) };
  const windows = windowsOf(contract);
  return {
    ...frame,
    sources: coveredSources(portfolio, contract),
    pool: {
      windows,
      shortfallRate: floatOf(contract.shortfall.rate),
      carry: carryBetween(portfolio, windows, contract),
    },
    capacity: null,
  };
};

const picoOf = (decimal: string): Pico => {
  const { numerator, denominator } = parseRatio(decimal);
  return (numerator * picoPerOne) / denominator;
};

/** What was decided and is not signed, as if it were; without its terms where the portfolio has no such offer any more. */
const decidedCommitment = (
  portfolio: Portfolio,
  decision: SavedDecision,
  forecast: ForecastCommitment | null,
): Commitment => {
  const { vendor, kind, start, until } = decision;
  const offer = portfolio.offers.find(
    (one) => offerName(one) === decision.offer && one.vendor === vendor && one.kind === kind,
  );
  const frame = { name: decision.offer, vendor, kind, status: 'unsigned' as const, from: start, until, forecast };
  if (offer === undefined) return { ...frame, sources: [], pool: null, capacity: null };
  if (offer.kind === 'pool') {
    const windows = decision.steps.map((step) => ({ from: step.from, until: step.until, due: picoOf(step.usd) }));
    return {
      ...frame,
      sources: coveredSources(portfolio, offer),
      pool: {
        windows,
        shortfallRate: floatOf(offer.shortfall.rate),
        carry: carryBetween(portfolio, windows, offer),
      },
      capacity: null,
    };
  }
  const covers = decision.source === undefined ? offer.covers : [decision.source];
  return {
    ...frame,
    pool: null,
    ...capacityOf(portfolio, { ...offer, covers }, Number(decision.quantity ?? 0), decision.feePerMonth),
  };
};

/** Whether a contract is what was decided: by the id that signing gives it, else by its terms. */
const isSignedAs = (decision: SavedDecision, contract: SignedContract): boolean =>
  contract.id === contractId(decision) ||
  (contract.vendor === decision.vendor &&
    contract.kind === decision.kind &&
    contract.period.from === decision.start &&
    contract.period.until === decision.until &&
    (decision.source === undefined || contract.covers.length === 0 || contract.covers.includes(decision.source)));

const forecastOfDecision = ({ commitments }: PlanForecast, decision: SavedDecision): ForecastCommitment | null =>
  commitments.find(
    ({ signed, offer, start, until, source }) =>
      !signed &&
      offer === decision.offer &&
      start === decision.start &&
      until === decision.until &&
      source === decision.source,
  ) ?? null;

/** The contracts of a portfolio that are in force within a plan's time, and what the plan decided that is none of them. */
export const commitmentsOf = (
  plan: Pick<SavedPlan, 'decisions' | 'horizon'>,
  forecast: PlanForecast,
  portfolio: Portfolio,
): readonly Commitment[] => {
  const open = [...plan.decisions];
  const signed = portfolio.contracts
    .filter(({ period }) => period.until > plan.horizon.from && period.from < plan.horizon.until)
    .map((contract) => {
      const kept = forecast.commitments.find((one) => one.signed && one.offer === contract.id);
      if (kept !== undefined) return signedCommitment(portfolio, contract, kept);
      const exact = open.findIndex((decision) => contract.id === contractId(decision));
      const place = exact >= 0 ? exact : open.findIndex((decision) => isSignedAs(decision, contract));
      const [decision] = place >= 0 ? open.splice(place, 1) : [];
      const known = decision === undefined ? null : forecastOfDecision(forecast, decision);
      return signedCommitment(portfolio, contract, known);
    });
  const decided = open.map((decision) =>
    decidedCommitment(portfolio, decision, forecastOfDecision(forecast, decision)),
  );
  return [...signed.filter(({ sources }) => sources.length > 0), ...decided];
};
