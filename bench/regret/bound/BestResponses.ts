import { poolAt, type Contracts } from '../contracts/Contracts.ts';
import { kindCount, market, mayServe, priceUsd } from '../market/market.ts';
import { minutesOfMonth } from '../months/loadShape.ts';
import { emptyRequest, readRequest, type Month, type MonthRequest } from '../months/Month.ts';
import { cappedFactor, factorsAt, type Multipliers } from './Multipliers.ts';

/** Place of the floor behind the targets in lists of what was bought where. */
export const floorPlace = market.length;

/** The cheapest way to serve a month under some multipliers, and what it says of every other way. */
export interface BestResponse {
  /** No way to serve the month, rules kept, costs less: the value of the Lagrangian. US dollars. */
  readonly boundUsd: number;
  /** Paid for use; the floor's fee is apart. */
  readonly usageUsd: number;
  readonly usdByTarget: Float64Array;
  readonly usdByPool: Float64Array;
  /** List value of what the floor took. */
  readonly floorUsd: number;
  /** By kind of request: what was bought at each target, and from the floor at `floorPlace`. */
  readonly usdByKind: readonly Float64Array[];
}

const targetCount = market.length;

/** Price of every request at every target, hour and weather known, and every prompt that can be in a cache in it at once; Infinity where it cannot go. */
const priceMonth = (month: Month): Float64Array => {
  const prices = new Float64Array(month.count * targetCount).fill(Infinity);
  const request = emptyRequest();
  const priceWhere = (at: number, goes: (target: number) => boolean): boolean => {
    let isServed = false;
    for (let target = 0; target < targetCount; target += 1) {
      if (!goes(target)) continue;
      prices[at * targetCount + target] = bestPriceUsd(request, target, month.hasCaches);
      isServed = true;
    }
    return isServed;
  };
  for (let at = 0; at < month.count; at += 1) {
    readRequest(month, at, request);
    const { kind, atS } = request;
    const minute = Math.floor(atS / 60);
    const isUp = (target: number): boolean => mayServe(kind, target) && month.weather[target]?.down[minute] === 0;
    // Where nobody answers, a request waits, and is served at no better price.
    if (!priceWhere(at, isUp)) priceWhere(at, (target) => mayServe(kind, target));
  }
  return prices;
};

const bestPriceUsd = (request: MonthRequest, target: number, hasCaches: boolean): number =>
  priceUsd(target, request.inputTokens, request.outputTokens, request.reusableTokens, hasCaches);

/** Index of the first request of each minute, and behind the last minute the count of all. */
const minuteStarts = (month: Month): Int32Array => {
  const starts = new Int32Array(minutesOfMonth + 1);
  let at = 0;
  for (let minute = 0; minute <= minutesOfMonth; minute += 1) {
    while (at < month.count && (month.atS[at] ?? Infinity) < minute * 60) at += 1;
    starts[minute] = at;
  }
  return starts;
};

/**
 * The oracle of the bound. A request may be cut into parts; a floor is filled, minute by minute, with what saves most by each dollar of it (a
 * fractional knapsack, exact); everything else goes where a dollar times its factor is least.
 */
export class BestResponses {
  readonly #contracts: Contracts;
  readonly #month: Month;
  readonly #prices: Float64Array;
  readonly #starts: Int32Array;
  /** Of each request, under the multipliers of this call: least weighed cost, where, and how much of it the floor takes. */
  readonly #weighed: Float64Array;
  readonly #choice: Int8Array;
  readonly #floorPart: Float64Array;

  constructor(contracts: Contracts, month: Month) {
    this.#contracts = contracts;
    this.#month = month;
    this.#prices = priceMonth(month);
    this.#starts = minuteStarts(month);
    this.#weighed = new Float64Array(month.count);
    this.#choice = new Int8Array(month.count);
    this.#floorPart = new Float64Array(month.count);
  }

  respond(multipliers: Multipliers): BestResponse {
    const { pools, floor } = this.#contracts;
    const usdByTarget = new Float64Array(targetCount);
    const usdByPool = new Float64Array(pools.length);
    const usdByKind = Array.from({ length: kindCount }, () => new Float64Array(targetCount + 1));
    const add = (sums: Float64Array | undefined, place: number, usd: number): void => {
      if (sums !== undefined) sums[place] = (sums[place] ?? 0) + usd;
    };
    let weighedUsd = 0;
    let floorUsd = 0;
    let factors = factorsAt(multipliers, this.#contracts, 0);
    let poolOfTarget: readonly number[] = [];
    this.#floorPart.fill(0);
    for (let minute = 0; minute < minutesOfMonth; minute += 1) {
      const atS = minute * 60;
      if (pools.some(({ fromS }) => fromS === atS)) {
        factors = factorsAt(multipliers, this.#contracts, atS);
        poolOfTarget = market.map((_target, index) => poolAt(this.#contracts, index, atS));
      }
      const begin = this.#starts[minute] ?? 0;
      const end = this.#starts[minute + 1] ?? 0;
      this.#chooseAlone(begin, end, factors);
      floorUsd += this.#fillFloor(begin, end, minute);
      for (let at = begin; at < end; at += 1) {
        const part = this.#floorPart[at] ?? 0;
        const ofKind = usdByKind[this.#month.kind[at] ?? 0];
        if (part > 0) add(ofKind, floorPlace, part * this.#priceAt(at, floor.target));
        if (part === 1) continue;
        const target = this.#choice[at] ?? 0;
        const usd = (1 - part) * this.#priceAt(at, target);
        weighedUsd += (1 - part) * (this.#weighed[at] ?? 0);
        add(usdByTarget, target, usd);
        add(ofKind, target, usd);
        const pool = poolOfTarget[target] ?? -1;
        if (pool >= 0) add(usdByPool, pool, usd);
      }
    }
    const usageUsd = usdByTarget.reduce((sum, usd) => sum + usd, 0);
    return {
      boundUsd: weighedUsd + this.#constantUsd(multipliers),
      usageUsd,
      usdByTarget,
      usdByPool,
      floorUsd,
      usdByKind,
    };
  }

  #priceAt(at: number, target: number): number {
    return this.#prices[at * targetCount + target] ?? Infinity;
  }

  /** What the Lagrangian holds beside requests: the floor's fee, which counts as spend of its target, and the pools' minima. */
  #constantUsd(multipliers: Multipliers): number {
    const { pools, floor } = this.#contracts;
    const minimaUsd = pools.reduce((sum, pool, index) => sum + (multipliers.pools[index] ?? 0) * pool.minimumUsd, 0);
    return floor.feeUsd * cappedFactor(multipliers, floor.target) + minimaUsd;
  }

  #chooseAlone(begin: number, end: number, factors: Float64Array): void {
    for (let at = begin; at < end; at += 1) {
      let least = Infinity;
      let choice = 0;
      for (let target = 0; target < targetCount; target += 1) {
        const price = this.#priceAt(at, target);
        if (price === Infinity) continue;
        const weighed = price * (factors[target] ?? 0);
        if (weighed >= least) continue;
        least = weighed;
        choice = target;
      }
      this.#weighed[at] = least;
      this.#choice[at] = choice;
    }
  }

  /** @returns list value of what the floor takes in a minute. */
  #fillFloor(begin: number, end: number, minute: number): number {
    const { target, usdPerMinute } = this.#contracts.floor;
    if (this.#month.weather[target]?.down[minute] === 1) return 0;
    const worth = (at: number): number => (this.#weighed[at] ?? 0) / this.#priceAt(at, target);
    const candidates: { at: number; worth: number }[] = [];
    for (let at = begin; at < end; at += 1) if (worth(at) > 0) candidates.push({ at, worth: worth(at) });
    candidates.sort((one, other) => other.worth - one.worth);
    let leftUsd = usdPerMinute;
    for (const { at } of candidates) {
      if (leftUsd <= 0) break;
      const price = this.#priceAt(at, target);
      const part = Math.min(1, leftUsd / price);
      this.#floorPart[at] = part;
      leftUsd -= part * price;
    }
    return usdPerMinute - Math.max(0, leftUsd);
  }
}
