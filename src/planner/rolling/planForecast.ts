import { assert } from '../../kernel/index.ts';
import { billDecision, withoutGuards, type ScenarioBill } from '../answers/billDecision.ts';
import { isActive } from '../model/periodsOf.ts';
import { shortfallsOwed } from '../model/shortfallsOwed.ts';
import type { PlanDecision, PlanProblem, PoolOffer, ReservationOffer } from '../PlanProblem.ts';
import { addMonths } from '../portfolio/calendarMonths.ts';
import type { DecisionRow } from '../portfolio/decisionRows.ts';
import type { PlanTranslation, ReservationMeaning } from '../portfolio/PlanTranslation.ts';
import type { Portfolio } from '../portfolio/Portfolio.ts';
import { wholeRows } from '../report/wholeRows.ts';
import type { ForecastCommitment, ForecastMonth, PlanForecast } from './planForecastSchema.ts';
import { spreadOf } from './spreadOf.ts';

/** By scenario, then month of the horizon. */
type Paths = readonly (readonly number[])[];

/** Least units of a problem that somebody means: below it lies what solvers leave of nothing. */
const unitsMin = 1e-7;

/** Tells a plan month by month. Money is that of the problem until it is written. */
class Forecaster {
  readonly #translation: PlanTranslation;
  readonly #problem: PlanProblem;
  readonly #decision: PlanDecision;
  readonly #bills: readonly ScenarioBill[];
  readonly #weights: readonly number[];
  readonly #months: readonly number[];
  readonly #names: readonly string[];
  readonly #scale: number;

  constructor(translation: PlanTranslation, decision: PlanDecision, bills: readonly ScenarioBill[]) {
    const { problem, moneyUnit } = translation;
    assert(problem.monthsPerStep === 1, 'a portfolio is planned by the month');
    this.#translation = translation;
    this.#problem = problem;
    this.#decision = decision;
    this.#bills = bills;
    this.#weights = problem.scenarios.map(({ weight }) => weight);
    this.#months = Array.from({ length: problem.periods * this.#periodMonths() }, (_, month) => month);
    this.#names = this.#months.map((month) => this.#startOf(month).slice(0, 7));
    this.#scale = 10 ** moneyUnit.exponent;
  }

  demand(portfolio: Portfolio): PlanForecast['demand'] {
    return this.#problem.classes.map(({ name }, index) => ({
      class: name,
      unit: portfolio.classes.get(name)?.unit ?? 'MTok',
      months: this.#ranges(
        this.#problem.scenarios.map(({ demand }) => demand[index] ?? []),
        this.#translation.unitsPerUnit[index] ?? 1,
      ),
    }));
  }

  spend(): PlanForecast['spend'] {
    const { accounts } = this.#problem;
    return [...new Set(accounts.map(({ vendor }) => vendor))].map((vendor) => {
      const own = accounts.flatMap((account, index) => (account.vendor === vendor ? [index] : []));
      return {
        vendor,
        months: this.#ranges(
          this.#paths(own, () => true),
          this.#scale,
        ),
      };
    });
  }

  commitments(): PlanForecast['commitments'] {
    return [...this.#pools(), ...this.#capacity()].toSorted((one, other) => one.start.localeCompare(other.start));
  }

  #periodMonths(): number {
    return this.#problem.segmentsPerPeriod * this.#problem.stepsPerSegment;
  }

  /** First day of a month of the horizon. */
  #startOf(month: number): string {
    return addMonths(this.#translation.periodStarts[0] ?? '', month);
  }

  #ranges(paths: Paths, scale: number): ForecastMonth[] {
    return this.#months.map((month) => ({
      month: this.#names[month] ?? '',
      ...spreadOf(
        paths.map((path) => (path[month] ?? 0) * scale),
        this.#weights,
      ),
    }));
  }

  /** Units of a class that reserved capacity can serve in a month: what is reserved in all, and what of it is usable. */
  #reserved(index: number, month: number): { readonly all: number; readonly usable: number } {
    const segment = Math.floor(month / this.#problem.stepsPerSegment);
    const sum = { all: 0, usable: 0 };
    for (const [place, offer] of this.#problem.reservations.entries()) {
      if (offer.class !== index || !isActive(offer, segment)) continue;
      const units = this.#decision.reservations[place] ?? 0;
      sum.all += units;
      sum.usable += units * offer.usableShare;
    }
    return sum;
  }

  /** Fees of accounts in a month, of reservations that are asked for. */
  #fees(accounts: readonly number[], month: number, isCounted: (index: number) => boolean): number {
    const segment = Math.floor(month / this.#problem.stepsPerSegment);
    return this.#problem.reservations.reduce(
      (sum, offer, index) =>
        accounts.includes(offer.account) && isCounted(index) && isActive(offer, segment)
          ? sum + offer.feePerMonth * (this.#decision.reservations[index] ?? 0)
          : sum,
      0,
    );
  }

  /** Share of a period's usage on demand that falls into each month: as what reserved capacity leaves of the demand, else as the demand. */
  #phases(scenario: number, index: number, period: number): readonly number[] {
    const first = period * this.#periodMonths();
    const months = this.#months.slice(first, first + this.#periodMonths());
    const demand = months.map((month) => this.#problem.scenarios[scenario]?.demand[index]?.[month] ?? 0);
    const left = demand.map((units, at) => Math.max(0, units - this.#reserved(index, first + at).usable));
    for (const weights of [left, demand]) {
      const sum = weights.reduce((total, weight) => total + weight, 0);
      if (sum > 0) return weights.map((weight) => weight / sum);
    }
    return months.map(() => 1 / months.length);
  }

  /** Usage of accounts after discounts, with those fees that are asked for, in each month. */
  #paths(accounts: readonly number[], isCounted: (reservation: number) => boolean): Paths {
    const fees = this.#months.map((month) => this.#fees(accounts, month, isCounted));
    return this.#bills.map((periods, scenario) => {
      const path = [...fees];
      for (const [period, { listSpend }] of periods.entries())
        for (const [index, source] of this.#problem.sources.entries()) {
          const spend = (listSpend[index] ?? 0) * (1 - this.#discount(source.account, period));
          if (spend === 0 || !accounts.includes(source.account)) continue;
          for (const [at, share] of this.#phases(scenario, source.class, period).entries()) {
            const month = period * this.#periodMonths() + at;
            path[month] = (path[month] ?? 0) + spend * share;
          }
        }
      return path;
    });
  }

  #discount(account: number, period: number): number {
    const inForce = ({ account: other, fromPeriod, untilPeriod }: PoolOffer): boolean =>
      other === account && fromPeriod <= period && period < untilPeriod;
    return (
      this.#problem.pools.find((pool, index) => this.#decision.pools[index] === true && inForce(pool))?.discount ?? 0
    );
  }

  #within(months: readonly ForecastMonth[], start: string, until: string): ForecastMonth[] {
    return months.filter(({ month }) => `${month}-01` >= start && `${month}-01` < until);
  }

  #pools(): readonly ForecastCommitment[] {
    const { pools } = this.#translation;
    const from = (period: number): string => this.#startOf(period * this.#periodMonths());
    return this.#problem.pools.flatMap((pool, index): readonly ForecastCommitment[] => {
      const meaning = pools[index];
      if (this.#decision.pools[index] !== true || meaning === undefined) return [];
      const paths = this.#paths(
        [pool.account],
        (place) => this.#problem.reservations[place]?.countsTowardsPool === true,
      );
      const [start, until] = [from(pool.fromPeriod), from(pool.untilPeriod)];
      const owed = paths.map((path) => shortfallsOwed(pool, this.#byPeriod(path, pool)));
      const shortfalls = pool.floors.map((_, at) => {
        const period = pool.fromPeriod + at;
        const money = spreadOf(
          owed.map((periods) => (periods[at] ?? 0) * pool.shortfallRate * this.#scale),
          this.#weights,
        );
        return { from: from(period), until: from(period + 1), mean: money.mean };
      });
      return [
        {
          vendor: meaning.vendor,
          offer: meaning.offer,
          kind: 'pool',
          signed: meaning.signed,
          start,
          until,
          months: this.#within(this.#ranges(paths, this.#scale), start, until),
          shortfalls,
        },
      ];
    });
  }

  /** A path added up over each period of a pool. */
  #byPeriod(path: readonly number[], { fromPeriod, floors }: PoolOffer): readonly number[] {
    return floors.map((_, at) => {
      const first = (fromPeriod + at) * this.#periodMonths();
      return path.slice(first, first + this.#periodMonths()).reduce((sum, money) => sum + money, 0);
    });
  }

  /** Capacity of one offer, source and time is one commitment, in however many parts it was bought. */
  #capacity(): readonly ForecastCommitment[] {
    const rows = new Map<string, readonly [meaning: ReservationMeaning, offer: ReservationOffer]>();
    for (const [index, offer] of this.#problem.reservations.entries()) {
      const meaning = this.#translation.reservations[index];
      if (meaning === undefined || (this.#decision.reservations[index] ?? 0) <= unitsMin) continue;
      rows.set(JSON.stringify([meaning.offer, meaning.source, meaning.start, meaning.months]), [meaning, offer]);
    }
    return [...rows.values()].map(([{ vendor, offer, kind, signed, source }, reservation]) => {
      const { stepsPerSegment } = this.#problem;
      const start = this.#startOf(reservation.fromSegment * stepsPerSegment);
      const until = this.#startOf(reservation.untilSegment * stepsPerSegment);
      const months = this.#within(this.#ranges(this.#usedShares(reservation.class), 1), start, until);
      return { vendor, offer, kind, signed, start, until, source, months, shortfalls: [] };
    });
  }

  /** Share of a class's reserved capacity that is used: whose it is makes no difference to what a plan costs. */
  #usedShares(index: number): Paths {
    return this.#problem.scenarios.map(({ demand }) =>
      this.#months.map((month) => {
        const { all, usable } = this.#reserved(index, month);
        return all > 0 ? Math.min(demand[index]?.[month] ?? 0, usable) / all : 0;
      }),
    );
  }
}

/** What is reserved as it will be signed: where a row is of whole machines, all of its parts grow with it. */
const asSigned = (translation: PlanTranslation, decision: PlanDecision): PlanDecision => {
  const keyOf = ({ offer, source, start, months }: Omit<DecisionRow, 'kind' | 'vendor'>): string =>
    JSON.stringify([offer, source, start, months]);
  const quantityAt = (meaning: ReservationMeaning, index: number): number =>
    (decision.reservations[index] ?? 0) * meaning.quantityPerUnit;
  const decided = new Map<string, number>();
  for (const [index, meaning] of translation.reservations.entries())
    if (!meaning.signed) decided.set(keyOf(meaning), (decided.get(keyOf(meaning)) ?? 0) + quantityAt(meaning, index));
  const signed = new Map(wholeRows(translation, decision).map((row) => [keyOf(row), Number(row.quantity ?? 0)]));
  const reservations = decision.reservations.map((units, index) => {
    const meaning = translation.reservations[index];
    if (meaning === undefined || meaning.signed || meaning.unit !== 'accelerators') return units;
    const [part, whole] = [decided.get(keyOf(meaning)) ?? 0, signed.get(keyOf(meaning))];
    return whole === undefined || part <= 0 ? units : (units * whole) / part;
  });
  return { ...decision, reservations };
};

/**
 * What a plan expects month by month. Demand is the scenarios' own. Spend is what the exact bill of each scenario has for a period, fees in the months that
 * they are paid for, usage in proportion to what each month leaves to be served on demand; with shortfalls left out. Accelerators
 * are those that will be signed, whole ones.
 */
export const planForecast = async (
  translation: PlanTranslation,
  portfolio: Portfolio,
  found: PlanDecision,
): Promise<PlanForecast> => {
  const decision = asSigned(translation, found);
  const bills = await billDecision(withoutGuards(translation.problem, decision), decision);
  const forecaster = new Forecaster(translation, decision, bills);
  return {
    demand: forecaster.demand(portfolio),
    spend: forecaster.spend(),
    commitments: forecaster.commitments(),
  };
};
