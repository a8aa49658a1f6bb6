import { overlaps } from '../model/FirstStage.ts';
import { monthsInPeriod } from '../model/periodsOf.ts';
import type { PlanDecision, PlanProblem, PoolOffer, ReservationOffer } from '../PlanProblem.ts';
import { optimise } from '../search/optimise.ts';
import type { PlanLimits } from '../search/PlanLimits.ts';
import { billDecision, withoutGuards, type ScenarioBill } from './billDecision.ts';
import { costPerMonth, listPriceBeside, perYear, poolBreakEven, reservationBreakEven } from './breakEven.ts';
import { HeldPlan } from './HeldPlan.ts';
import { outageCertificate } from './outageCertificate.ts';
import type { NegotiationSheet, OfferEntry, OfferSheet, WalkAway } from './PlanAnswers.ts';
import { restrictProblem } from './restrictProblem.ts';
import { meanListSpend } from './signedOnly.ts';

export interface NegotiationOptions {
  /** Of the search for the best plan without the vendor's new offers; null for no walk-away. */
  readonly limits: PlanLimits | null;
  readonly seed: number;
  /** What is proven of the plan: no plan within the guards costs less. */
  readonly lowerBound: number;
  /** For how many pools, and how many reservations, those nearest to the plan, the discount that they need is looked for. */
  readonly entriesMax?: number;
  readonly signal?: AbortSignal;
}

const entriesMaxDefault = 5;
/** Discounts are told to a tenth of a percent; nobody gives more than the highest. */
const discountStep = 1e-3;
const discountMax = 0.99;
/** Share of a class's mean demand that is reserved on trial: of an amount that small, nearly all is used. */
const trialShare = 0.01;
/** Relative gain below which a plan is no better. */
const gainMin = 1e-7;
const boughtMin = 1e-9;

/** An offer put into the plan, with the terms that it would have at a discount. */
interface Forced {
  readonly kind: OfferSheet['kind'];
  readonly index: number;
  readonly decision: PlanDecision;
  /** In which anything changes. */
  readonly periods: readonly number[];
  readonly currentDiscount: number;
  readonly problemAt: (discount: number) => PlanProblem;
  readonly keepsPolicy: boolean;
}

const keepsOutageRule = (problem: PlanProblem, decision: PlanDecision): boolean =>
  outageCertificate(problem, decision)?.met ?? true;

const periodsFrom = (from: number, until: number): readonly number[] =>
  Array.from({ length: Math.max(0, until - from) }, (_, at) => from + at);

/** In place of whatever overlaps; null where that is signed already. */
const forcedPool = (problem: PlanProblem, decision: PlanDecision, index: number, pool: PoolOffer): Forced | null => {
  const dropped = problem.pools.map(
    (other, at) => at !== index && decision.pools[at] === true && overlaps(pool, other),
  );
  if (problem.pools.some(({ signed }, at) => signed && dropped[at])) return null;
  const pools = decision.pools.map((signed, at) => at === index || (signed && !dropped[at]));
  const periods = new Set(periodsFrom(pool.fromPeriod, pool.untilPeriod));
  for (const [at, other] of problem.pools.entries()) {
    if (dropped[at]) for (const period of periodsFrom(other.fromPeriod, other.untilPeriod)) periods.add(period);
  }
  const forced = { ...decision, pools };
  return {
    kind: 'pool',
    index,
    decision: forced,
    periods: [...periods].filter((period) => period < problem.periods),
    currentDiscount: pool.discount,
    problemAt: (discount) => ({ ...problem, pools: problem.pools.with(index, { ...pool, discount }) }),
    keepsPolicy: keepsOutageRule(problem, forced),
  };
};

/** Mean units a month of a class over the horizon. */
const meanUnitsPerMonth = (problem: PlanProblem, index: number): number =>
  problem.scenarios.reduce((sum, { weight, demand }) => {
    const path = demand[index] ?? [];
    const units = path.reduce((all, one) => all + one, 0);
    return sum + (weight * units) / Math.max(1, path.length * problem.monthsPerStep);
  }, 0);

/** Its one amount, or so little of it that the first unit decides. Without a list price beside it there is no discount to tell. */
const forcedReservation = (
  problem: PlanProblem,
  decision: PlanDecision,
  index: number,
  offer: ReservationOffer,
): Forced | null => {
  const price = listPriceBeside(problem, offer);
  const { quantity } = offer;
  const units =
    quantity.kind === 'exactly'
      ? quantity.units
      : Math.min(quantity.max, trialShare * meanUnitsPerMonth(problem, offer.class));
  if (price === null || price <= 0 || units <= 0) return null;
  const forced = { ...decision, reservations: decision.reservations.with(index, units) };
  return {
    kind: 'reservation',
    index,
    decision: forced,
    periods: periodsFrom(0, problem.periods).filter((period) => monthsInPeriod(problem, offer, period) > 0),
    currentDiscount: 1 - offer.feePerMonth / price,
    problemAt: (discount) => ({
      ...problem,
      reservations: problem.reservations.with(index, { ...offer, feePerMonth: price * (1 - discount) }),
    }),
    keepsPolicy: keepsOutageRule(problem, forced),
  };
};

/** The least discount, to a step, at which the plan is cheaper with the offer: by halving, since a deeper discount never costs more. */
const entryOf = async (held: HeldPlan, forced: Forced): Promise<OfferEntry> => {
  const { currentDiscount, decision, periods, problemAt, keepsPolicy } = forced;
  const enters = async (discount: number): Promise<boolean> =>
    (await held.objectiveWith(problemAt(discount), decision, periods)) < held.objective * (1 - gainMin);
  if (!keepsPolicy) return { currentDiscount, discountNeeded: null };
  if (await enters(currentDiscount)) return { currentDiscount, discountNeeded: currentDiscount };
  if (!(await enters(discountMax))) return { currentDiscount, discountNeeded: null };
  let no = currentDiscount;
  let yes = discountMax;
  while (yes - no > discountStep) {
    const middle = (no + yes) / 2;
    if (await enters(middle)) yes = middle;
    else no = middle;
  }
  return { currentDiscount, discountNeeded: yes };
};

/** The offer as it is told whatever the plan is. */
const termsOf = (
  problem: PlanProblem,
  decision: PlanDecision,
  bills: readonly ScenarioBill[],
  kind: OfferSheet['kind'],
  index: number,
): Omit<OfferSheet, 'forcedDearerBy' | 'forcedKeepsPolicy' | 'entry'> | null => {
  const expected = (account: number, periods: readonly number[]): readonly number[] =>
    periods.map((period) => perYear(problem, meanListSpend(problem, bills, account, period)));
  if (kind === 'pool') {
    const pool = problem.pools[index];
    if (pool === undefined) return null;
    return {
      kind,
      index,
      inPlan: decision.pools[index] === true,
      signed: pool.signed,
      breakEvenPerYear: poolBreakEven(problem, pool),
      breakEvenUse: null,
      usableShare: null,
      expectedPerYear: expected(pool.account, periodsFrom(pool.fromPeriod, pool.untilPeriod)),
    };
  }
  const offer = problem.reservations[index];
  if (offer === undefined) return null;
  const periods = periodsFrom(0, problem.periods).filter((period) => monthsInPeriod(problem, offer, period) > 0);
  return {
    kind,
    index,
    inPlan: (decision.reservations[index] ?? 0) > boughtMin,
    signed: offer.signed,
    breakEvenPerYear: [costPerMonth(problem, offer) * 12],
    breakEvenUse: reservationBreakEven(problem, offer),
    usableShare: offer.usableShare,
    expectedPerYear: expected(offer.account, periods),
  };
};

const walkAwayOf = async (
  problem: PlanProblem,
  vendor: string,
  planObjective: number,
  { limits, seed, signal, lowerBound }: NegotiationOptions,
): Promise<WalkAway | null> => {
  if (limits === null) return null;
  const stays = ({ account, signed }: { readonly account: number; readonly signed: boolean }): boolean =>
    signed || problem.accounts[account]?.vendor !== vendor;
  const without = restrictProblem(problem, {
    pools: problem.pools.map(stays),
    reservations: problem.reservations.map(stays),
  });
  const found = await optimise(without.problem, { limits, seed, ...(signal ? { signal } : {}) });
  return {
    upperBound: found.upperBound,
    lowerBound: found.lowerBound,
    feasible: found.feasible,
    decision: found.incumbent === null ? null : without.widen(found.incumbent.decision),
    worth: found.upperBound - planObjective,
    // Fewer offers never make a plan cheaper.
    range: {
      low: Math.max(0, found.lowerBound - planObjective),
      high: Math.max(0, found.upperBound - lowerBound),
    },
  };
};

/** The problem with room for the fees of the plan and of any one offer beside it. */
const roomFor = (problem: PlanProblem, decision: PlanDecision, forced: readonly Forced[]): PlanProblem =>
  withoutGuards(problem, decision, ...forced.flatMap((one) => (one.kind === 'reservation' ? [one.decision] : [])));

/**
 * What to know before talking to a vendor: from where each offer pays, what it would take for it to enter the plan, and what all of the
 * vendor's new offers are worth.
 * @throws the signal's reason once it is aborted.
 */
export const negotiation = async (
  problem: PlanProblem,
  decision: PlanDecision,
  vendor: string,
  options: NegotiationOptions,
): Promise<NegotiationSheet> => {
  const own = (account: number): boolean => problem.accounts[account]?.vendor === vendor;
  const pools = problem.pools.flatMap((pool, index) => (own(pool.account) ? [{ pool, index }] : []));
  const reservations = problem.reservations.flatMap((offer, index) => (own(offer.account) ? [{ offer, index }] : []));
  const tried = [
    ...pools.flatMap(({ pool, index }) =>
      decision.pools[index] === true ? [] : [forcedPool(problem, decision, index, pool)],
    ),
    ...reservations.flatMap(({ offer, index }) =>
      (decision.reservations[index] ?? 0) > boughtMin ? [] : [forcedReservation(problem, decision, index, offer)],
    ),
  ].filter((one) => one !== null);
  const open = roomFor(problem, decision, tried);
  const opened = (one: Forced): Forced => ({
    ...one,
    problemAt: (discount) => ({ ...one.problemAt(discount), guards: open.guards }),
  });
  const held = await HeldPlan.of(open, decision, options.signal);
  const dearer = new Map<string, { readonly forced: Forced; readonly by: number }>();
  for (const one of tried) {
    const forced = opened(one);
    const objective = await held.objectiveWith(
      forced.problemAt(forced.currentDiscount),
      forced.decision,
      forced.periods,
    );
    dearer.set(`${one.kind} ${one.index}`, { forced, by: objective - held.objective });
  }
  const nearest = (['pool', 'reservation'] as const).flatMap((kind) =>
    [...dearer.values()]
      .filter(({ forced }) => forced.kind === kind && forced.keepsPolicy)
      .toSorted((one, other) => one.by - other.by)
      .slice(0, options.entriesMax ?? entriesMaxDefault),
  );
  const entries = new Map<Forced, OfferEntry>();
  for (const { forced } of nearest) entries.set(forced, await entryOf(held, forced));
  const bills = await billDecision(withoutGuards(problem, decision), decision, options.signal);
  const sheets = [
    ...pools.map(({ index }) => termsOf(problem, decision, bills, 'pool', index)),
    ...reservations.map(({ index }) => termsOf(problem, decision, bills, 'reservation', index)),
  ].filter((sheet) => sheet !== null);
  return {
    vendor,
    offers: sheets.map((sheet): OfferSheet => {
      const trial = dearer.get(`${sheet.kind} ${sheet.index}`);
      return {
        ...sheet,
        forcedDearerBy: trial?.by ?? null,
        forcedKeepsPolicy: trial?.forced.keepsPolicy ?? null,
        entry: trial === undefined ? null : (entries.get(trial.forced) ?? null),
      };
    }),
    walkAway: await walkAwayOf(problem, vendor, held.objective, options),
  };
};
