import { clip } from './clip.ts';
import { partOfLoad, type Forecast } from './Forecast.ts';
import type { PacedPool } from './PacingPlan.ts';
import type { PacingSettings } from './pacingSettings.ts';

/** What is carried over of a pool. */
export interface PoolState {
  readonly multiplier: number;
  /** Which interval it is of. */
  readonly fromMs: number;
  readonly spentUsd: number;
  /** Of that, what the last step has seen. */
  readonly seenUsd: number;
}

/** At the beginning a dollar burnt is worth half of what it would cost to miss it. */
const firstWorth = 0.5;

/** What a dollar burnt in a pool is worth now: moved towards what is still needed, along the expected load. */
export class PoolPace {
  readonly pool: PacedPool;
  readonly #settings: PacingSettings;
  readonly #metByMs: number;
  #multiplier: number;
  #spentUsd: number;
  #seenUsd: number;

  constructor(pool: PacedPool, settings: PacingSettings) {
    this.pool = pool;
    this.#settings = settings;
    this.#metByMs = pool.untilMs - Math.min(settings.leadMs, settings.leadShareMax * (pool.untilMs - pool.fromMs));
    this.#multiplier = firstWorth * pool.shortfallRate;
    this.#spentUsd = pool.spentUsd;
    this.#seenUsd = pool.spentUsd;
  }

  isOpen(atMs: number): boolean {
    return atMs >= this.pool.fromMs && atMs < this.pool.untilMs;
  }

  get isMet(): boolean {
    return this.#spentUsd >= this.pool.needUsd;
  }

  /** What a dollar burnt in it is worth; 0 once it is met. */
  get worth(): number {
    return this.isMet ? 0 : this.#multiplier;
  }

  get multiplier(): number {
    return this.#multiplier;
  }

  /** Goes on from the multiplier of another replica, where that knows the pool. */
  follow(multiplier: number | undefined): void {
    if (multiplier !== undefined) this.#multiplier = clip(multiplier, 0, this.pool.shortfallRate);
  }

  /** What is no figure is passed over. @returns whether that was what was missing. */
  spend(usd: number): boolean {
    if (!Number.isFinite(usd)) return false;
    const wasMet = this.isMet;
    this.#spentUsd += usd;
    return !wasMet && this.isMet;
  }

  /** Takes what is known of it from elsewhere: the ledger, or all replicas together. What is new counts as spent since the last step. */
  know(spentUsd: number): void {
    this.#spentUsd = spentUsd;
  }

  tick(lastMs: number, nowMs: number, forecast: Forecast): void {
    if (!this.isOpen(lastMs)) return;
    const needUsd = Math.max(0, this.pool.needUsd - this.#seenUsd);
    const wantedUsd = needUsd * partOfLoad(forecast, lastMs, nowMs, this.#metByMs);
    const missedHours = (wantedUsd - (this.#spentUsd - this.#seenUsd)) / forecast.usdPerHour;
    this.#multiplier = clip(this.#multiplier + this.#settings.poolStep * missedHours, 0, this.pool.shortfallRate);
    this.#seenUsd = this.#spentUsd;
  }

  state(): PoolState {
    return {
      multiplier: this.#multiplier,
      fromMs: this.pool.fromMs,
      spentUsd: this.#spentUsd,
      seenUsd: this.#seenUsd,
    };
  }

  /** Goes on from what was: the multiplier whatever the interval, what was spent only of the same. */
  adopt({ multiplier, fromMs, spentUsd, seenUsd }: PoolState): void {
    this.#multiplier = clip(multiplier, 0, this.pool.shortfallRate);
    if (fromMs !== this.pool.fromMs) return;
    this.#spentUsd = spentUsd;
    this.#seenUsd = seenUsd;
  }
}
