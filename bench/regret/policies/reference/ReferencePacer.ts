import type { Contracts, PoolContract } from '../../contracts/Contracts.ts';
import { hostOf, hosts, market, shareCaps } from '../../market/market.ts';
import { loadBy, secondsOfMonth } from '../../months/loadShape.ts';
import type { NextTurn, Question } from '../../simulation/Policy.ts';

/** How fast multipliers move, an hour or a minute, and how much room is left below caps and before ends. */
export interface PacerSettings {
  readonly poolRate: number;
  readonly capRate: number;
  readonly floorRate: number;
  /** What a floor's bid gains for being ahead of its minute. */
  readonly floorSlope: number;
  readonly leadS: number;
  readonly margin: number;
  readonly forecastShare: number;
  readonly capMultiplierMax: number;
}

export const referenceSettings: PacerSettings = {
  poolRate: 0.05,
  capRate: 0.3,
  floorRate: 0.2,
  floorSlope: 0.5,
  leadS: 6 * 3_600,
  margin: 0.002,
  forecastShare: 0.03,
  capMultiplierMax: 2,
};

const factorMin = 0.01;
const bidFirst = 0.3;
const floorUseWanted = 0.97;
const behindAllOthersUsd = 1e9;

const clip = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

interface PoolPace extends PoolContract {
  spentUsd: number;
  /** What was spent at the last tick. */
  seenUsd: number;
  multiplier: number;
}

/** Vendors or hosts with a share that is capped. */
class CappedShares {
  readonly cap: number;
  readonly spentUsd: Float64Array;
  readonly seenUsd: Float64Array;
  readonly multipliers: Float64Array;

  constructor(count: number, cap: number) {
    this.cap = cap;
    this.spentUsd = new Float64Array(count);
    this.seenUsd = new Float64Array(count);
    this.multipliers = new Float64Array(count);
  }

  get room(): number {
    return this.cap * this.multipliers.reduce((sum, multiplier) => sum + multiplier, 0);
  }
}

/**
 * The pacer as it was first written down and measured: the yardstick of the program's own. One multiplier for each pool that is open and unmet and
 * for each capped share; a hard guard beside them; a bid for the floor's minute.
 */
export class ReferencePacer {
  readonly #settings: PacerSettings;
  readonly #forecastUsd: number;
  readonly #loadBy: (seconds: number) => number;
  readonly #floorTarget: number;
  readonly #pools: PoolPace[];
  readonly #vendors = new CappedShares(market.length, shareCaps.vendor);
  readonly #hosts = new CappedShares(hosts.length, shareCaps.host);
  readonly #factors = new Float64Array(market.length);
  readonly #floor: { readonly usdPerMinute: number; usedUsd: number; minute: number; bid: number };
  #totalUsd = 0;
  #totalSeenUsd = 0;
  #lastS = 0;

  constructor(
    contracts: Contracts,
    forecastUsd: number,
    settings: PacerSettings = referenceSettings,
    loadOf: (seconds: number) => number = loadBy,
  ) {
    this.#settings = settings;
    this.#forecastUsd = forecastUsd;
    this.#loadBy = loadOf;
    this.#floorTarget = contracts.floor.target;
    this.#floor = { usdPerMinute: contracts.floor.usdPerMinute, usedUsd: 0, minute: -1, bid: bidFirst };
    this.#pools = contracts.pools.map((pool) => ({ ...pool, spentUsd: 0, seenUsd: 0, multiplier: pool.feeShare / 2 }));
    this.#refresh(0);
  }

  choose({ costUsd, open, nowS, nextTurn }: Question): number {
    this.#rollFloor(nowS);
    const cheapestNextUsd = nextTurn === null ? 0 : this.#cheapestNextUsd(open, nextTurn);
    let best = -1;
    let least = Infinity;
    for (let target = 0; target < market.length; target += 1) {
      if (open[target] !== 1) continue;
      let score = this.#scoreOf(target, costUsd[target] ?? Infinity, nowS);
      if (nextTurn !== null) {
        const warmUsd = (nextTurn.warmUsd[target] ?? 0) * (this.#factors[target] ?? 1);
        score -= nextTurn.share * Math.max(0, cheapestNextUsd - warmUsd);
      }
      if (score >= least) continue;
      least = score;
      best = target;
    }
    return best;
  }

  settle(target: number, paidUsd: number, freeUsd: number, nowS: number): void {
    if (target === this.#floorTarget) this.#floor.usedUsd += freeUsd;
    this.#addSpend(target, paidUsd);
    for (const pool of this.#pools) {
      if (pool.target !== target || nowS < pool.fromS || nowS >= pool.toS) continue;
      const wasUnmet = pool.spentUsd < pool.minimumUsd;
      pool.spentUsd += paidUsd;
      if (wasUnmet && pool.spentUsd >= pool.minimumUsd) this.#refresh(nowS);
    }
  }

  /** Dual ascent towards what is still needed, along the load's profile. */
  tick(nowS: number): void {
    const { poolRate, leadS, margin } = this.#settings;
    if (nowS <= this.#lastS) return;
    const pace = secondsOfMonth / (3_600 * this.#forecastUsd);
    const doneBefore = this.#loadBy(this.#lastS);
    const doneSince = this.#loadBy(nowS) - doneBefore;
    /** Part of what is still to come until `untilLoad` that should have come since the last tick. */
    const partOf = (untilLoad: number): number => Math.min(1, doneSince / Math.max(1e-9, untilLoad - doneBefore));
    for (const pool of this.#pools) {
      if (this.#lastS < pool.fromS || this.#lastS >= pool.toS) continue;
      const needUsd = Math.max(0, pool.minimumUsd - pool.seenUsd);
      const endS = pool.toS - leadS;
      const wantedUsd = needUsd * (this.#lastS >= endS ? 1 : partOf(this.#loadBy(endS)));
      const spentUsd = pool.spentUsd - pool.seenUsd;
      pool.seenUsd = pool.spentUsd;
      pool.multiplier = clip(pool.multiplier + poolRate * pace * (wantedUsd - spentUsd), 0, pool.feeShare);
    }
    for (const shares of [this.#vendors, this.#hosts]) this.#moveCaps(shares, shares.cap - 2 * margin, pace, partOf(1));
    this.#totalSeenUsd = this.#totalUsd;
    this.#lastS = nowS;
    this.#refresh(nowS);
  }

  /** Begins a minute of the floor: its bid follows how well the last one was used. */
  #rollFloor(nowS: number): void {
    const { floorRate } = this.#settings;
    const minute = Math.floor(nowS / 60);
    const floor = this.#floor;
    if (minute === floor.minute) return;
    if (floor.minute >= 0) {
      const used = clip(floor.bid + floorRate * (floor.usedUsd / floor.usdPerMinute - floorUseWanted), 0, 1);
      floor.bid = clip(used - floorRate * Math.min(60, minute - floor.minute - 1), 0, 1);
    }
    floor.minute = minute;
    floor.usedUsd = 0;
  }

  #scoreOf(target: number, costUsd: number, nowS: number): number {
    const floor = this.#floor;
    const freeUsd = target === this.#floorTarget ? clip(floor.usdPerMinute - floor.usedUsd, 0, costUsd) : 0;
    const payUsd = costUsd - freeUsd;
    const ahead = floor.usedUsd / floor.usdPerMinute - (nowS / 60 - floor.minute);
    const bid = freeUsd > 0 ? clip(floor.bid + this.#settings.floorSlope * ahead, 0, 1) : 0;
    // Whoever would break a cap is asked where nobody else is left: who is served comes first.
    const guardUsd = payUsd > 0 && this.#isGuarded(target, payUsd) ? behindAllOthersUsd : 0;
    return payUsd * (this.#factors[target] ?? 1) + freeUsd * bid + guardUsd;
  }

  #cheapestNextUsd(open: Uint8Array, { fullUsd }: NextTurn): number {
    let least = Infinity;
    for (let target = 0; target < market.length; target += 1)
      if (open[target] === 1) least = Math.min(least, (fullUsd[target] ?? 0) * (this.#factors[target] ?? 1));
    return least;
  }

  #isGuarded(target: number, payUsd: number): boolean {
    const { margin, forecastShare } = this.#settings;
    const measureUsd = Math.max(this.#totalUsd + payUsd, forecastShare * this.#forecastUsd);
    const isOver = ({ cap, spentUsd }: CappedShares, name: number): boolean =>
      (spentUsd[name] ?? 0) + payUsd > (cap - margin) * measureUsd;
    return isOver(this.#vendors, target) || isOver(this.#hosts, hostOf[target] ?? 0);
  }

  #addSpend(target: number, usd: number): void {
    const host = hostOf[target] ?? 0;
    this.#vendors.spentUsd[target] = (this.#vendors.spentUsd[target] ?? 0) + usd;
    this.#hosts.spentUsd[host] = (this.#hosts.spentUsd[host] ?? 0) + usd;
    this.#totalUsd += usd;
  }

  #moveCaps({ spentUsd, seenUsd, multipliers }: CappedShares, share: number, pace: number, part: number): void {
    const { capRate, capMultiplierMax } = this.#settings;
    const totalUsd = this.#totalUsd - this.#totalSeenUsd;
    for (const [name, usd] of spentUsd.entries()) {
      const seen = seenUsd[name] ?? 0;
      const catchUpUsd = Math.max(0, share * this.#totalSeenUsd - seen) * part;
      const overUsd = usd - seen - share * totalUsd - catchUpUsd;
      multipliers[name] = clip((multipliers[name] ?? 0) + capRate * pace * overUsd, 0, capMultiplierMax);
    }
    seenUsd.set(spentUsd);
  }

  /** What a dollar at each target weighs from now on. */
  #refresh(nowS: number): void {
    const room = this.#vendors.room + this.#hosts.room;
    for (const target of market.keys()) {
      const capped =
        1 + (this.#vendors.multipliers[target] ?? 0) + (this.#hosts.multipliers[hostOf[target] ?? 0] ?? 0) - room;
      const pool = this.#pools.find(
        (own) => own.target === target && nowS >= own.fromS && nowS < own.toS && own.spentUsd < own.minimumUsd,
      );
      this.#factors[target] = Math.max(factorMin, capped - (pool?.multiplier ?? 0));
    }
  }
}
