import type { Highs } from 'highs';
import { LinearProgram, LiveProgram } from '../../../src/planner/linear/linearProgram.fixture.ts';
import type { ForecastMeans } from '../contracts/ForecastMeans.ts';
import { hostOf, hosts, kindCount, market, mayServe, shareCaps } from '../market/market.ts';
import { loadBy, secondsOfMonth } from '../months/loadShape.ts';
import { plainSight, type Contender } from '../simulation/Contender.ts';
import type { PolicyInputs } from '../simulation/Policy.ts';
import { chooseByWeights, weightsOf, type KindWeights } from './KindWeights.ts';

const everyS = 6 * 3_600;
/** For so long the forecast's level is believed, then what was seen. */
const believedS = 86_400;
const levelMax = 3;
const capMargin = 0.005;
const overrunUsd = 5;
/** Part of a floor that whole requests can fill. */
const floorFill = 0.85;
const floorFactor = 3;

/** Terms of a row: columns and their values. */
type Terms = readonly (readonly [column: number, value: number])[];

/** The rest of the month as a linear program: how many requests of each kind go to each target, and to the floor. */
class RestOfMonth {
  readonly #inputs: PolicyInputs;
  readonly #means: ForecastMeans;
  readonly #program = new LinearProgram();
  /** By kind: a column for each target, and the floor's behind them. */
  readonly #requests: readonly (readonly number[])[];

  constructor(inputs: PolicyInputs, means: ForecastMeans) {
    this.#inputs = inputs;
    this.#means = means;
    this.#requests = Array.from({ length: kindCount }, (_kind, kind) => [
      ...market
        .keys()
        .map((target) => this.#program.column(this.#usd(kind, target), 0, mayServe(kind, target) ? Infinity : 0)),
      this.#program.column(0),
    ]);
  }

  solve(highs: Highs, nowS: number, level: number): readonly KindWeights[] {
    const left = 1 - loadBy(nowS);
    for (const [kind, columns] of this.#requests.entries()) {
      const demand = (this.#means.counts[kind] ?? 0) * left * level;
      this.#row(
        demand,
        demand,
        columns.map((column) => [column, 1]),
      );
    }
    this.#addFloor(nowS);
    this.#addPools(nowS, left);
    this.#addCaps(nowS);
    const live = new LiveProgram(highs, this.#program);
    const values = live.solve()?.values;
    live.dispose();
    if (values === undefined) throw new Error(`the rest of the month after ${nowS} s has no plan`);
    return this.#requests.map((columns, kind) => {
      const usd = columns.map((column, place) => (values[column] ?? 0) * this.#usd(kind, place));
      return weightsOf(usd, this.#means.meanUsd[kind] ?? [], this.#inputs.books.contracts.floor.target, floorFactor);
    });
  }

  /** What a request costs at a target; behind the targets, what it takes from the floor. */
  #usd(kind: number, place: number): number {
    const target = place === market.length ? this.#inputs.books.contracts.floor.target : place;
    return this.#means.meanUsd[kind]?.[target] ?? 0;
  }

  #row(lower: number, upper: number, terms: Terms): void {
    this.#program.row({
      lower,
      upper,
      columns: terms.map(([column]) => column),
      values: terms.map(([, value]) => value),
    });
  }

  /** Terms of what is spent, target by target, each weighed. */
  #spend(weight: (target: number) => number): Terms {
    return this.#requests.flatMap((columns, kind) =>
      columns
        .slice(0, market.length)
        .map((column, target) => [column, this.#usd(kind, target) * weight(target)] as const),
    );
  }

  #addFloor(nowS: number): void {
    const { usdPerMinute } = this.#inputs.books.contracts.floor;
    const roomUsd = floorFill * usdPerMinute * ((secondsOfMonth - nowS) / 60);
    this.#row(
      -Infinity,
      roomUsd,
      this.#requests.map((columns, kind) => [columns[market.length] ?? 0, this.#usd(kind, market.length)]),
    );
  }

  #addPools(nowS: number, left: number): void {
    const { contracts, usdByPool } = this.#inputs.books;
    for (const [index, pool] of contracts.pools.entries()) {
      if (pool.toS <= nowS) continue;
      const shareInTime = (loadBy(pool.toS) - loadBy(Math.max(pool.fromS, nowS))) / left;
      const shortfall = this.#program.column(pool.feeShare);
      const needUsd = Math.max(0, pool.minimumUsd - (usdByPool[index] ?? 0));
      const spend = this.#spend((target) => (target === pool.target ? shareInTime : 0));
      this.#row(needUsd, Infinity, [...spend, [shortfall, 1]]);
    }
  }

  #addCaps(nowS: number): void {
    const { contracts, totalUsd, usdByTarget, usdByHost } = this.#inputs.books;
    const { floor } = contracts;
    const feeUsd = (floor.feeUsd * (secondsOfMonth - nowS)) / secondsOfMonth;
    const overrun = this.#program.column(overrunUsd);
    const cap = (share: number, spentUsd: number, isOwn: (target: number) => boolean): void => {
      const ownFeeUsd = isOwn(floor.target) ? feeUsd : 0;
      const spend = this.#spend((target) => (isOwn(target) ? 1 : 0) - share);
      this.#row(-Infinity, share * (totalUsd + feeUsd) - spentUsd - ownFeeUsd, [...spend, [overrun, -1]]);
    };
    for (const [index, usd] of usdByTarget.entries())
      cap(shareCaps.vendor - capMargin, usd, (target) => target === index);
    for (const host of hosts.keys())
      cap(shareCaps.host - capMargin, usdByHost[host] ?? 0, (target) => hostOf[target] === host);
  }
}

/** Plans the rest of the month anew every six hours, by kinds of requests, and shares out by the plan's weights until the next. */
export const resolvedWeights = (highs: Highs, means: ForecastMeans): Contender => ({
  name: 'linear program every 6 h',
  sight: plainSight,
  make: (inputs) => {
    let weights: readonly KindWeights[] = [];
    let nextS = 0;
    let seen = 0;
    const level = (nowS: number): number =>
      nowS < believedS
        ? inputs.world.forecastScale
        : Math.min(levelMax, seen / Math.max(1, inputs.world.forecast.count * loadBy(nowS)));
    return {
      choose: chooseByWeights(inputs, (nowS) => {
        if (nowS < nextS) return weights;
        nextS += everyS;
        weights = new RestOfMonth(inputs, means).solve(highs, nowS, level(nowS));
        return weights;
      }),
      settle: () => {
        seen += 1;
      },
    };
  },
});
