import { modelBuckets, type Usage } from '../../vocabulary/index.ts';
import { clip } from './clip.ts';
import type { PacedFloor, PacedMeter } from './PacingPlan.ts';
import type { PacingSettings } from './pacingSettings.ts';

/** What is carried over of a floor. */
export interface FloorState {
  /** What a dollar of use that it takes counts, before it is ahead or behind. */
  readonly bid: number;
  /** Where the interval began that is being filled; null before the first. Unix milliseconds. */
  readonly intervalFromMs: number | null;
  /** What was used in it, by gauge: dollars, or tokens of each meter. */
  readonly used: readonly number[];
}

const firstBid = 0.3;
const minuteMs = 60_000;

/** One thing that a floor counts: dollars, or tokens by a table. */
interface Gauge {
  readonly capacity: number;
  /** Null where it is dollars. */
  readonly meter: PacedMeter | null;
  /** What one token counts that is expected: read from the cache, read otherwise, written. */
  readonly cached: number;
  readonly input: number;
  readonly output: number;
}

const dollarGauge = (capacity: number): Gauge => ({ capacity, meter: null, cached: 0, input: 0, output: 0 });

const meterGauge = (meter: PacedMeter): Gauge => ({
  capacity: meter.capacity,
  meter,
  cached: meter.burndown.cacheRead ?? 0,
  input: meter.burndown.input ?? 0,
  output: meter.burndown.output ?? 0,
});

const countedBy = ({ burndown }: PacedMeter, usage: Usage): number => {
  let counted = 0;
  for (const bucket of modelBuckets) counted += (burndown[bucket] ?? 0) * (usage[bucket] ?? 0);
  return counted;
};

/**
 * A floor's interval as it is being filled, and the price at which it is filled: what the floor takes costs nothing more, but there is only so much
 * of it. The bid rises where intervals are full and falls where they are not, so that a scarce floor goes to whom it saves most.
 */
export class FloorBucket {
  readonly floor: PacedFloor;
  readonly #settings: PacingSettings;
  readonly #gauges: readonly Gauge[];
  readonly #used: Float64Array;
  /** Step of the bid in an interval: a minute's, and less in shorter ones. */
  readonly #step: number;
  /** What of its intervals may be filled here, where others fill it as well. */
  #part = 1;
  #interval = -1;
  #bid = firstBid;

  constructor(floor: PacedFloor, settings: PacingSettings) {
    this.floor = floor;
    this.#settings = settings;
    this.#gauges = floor.meters.length === 0 ? [dollarGauge(floor.capacityUsd)] : floor.meters.map(meterGauge);
    this.#used = new Float64Array(this.#gauges.length);
    this.#step = settings.floorStep * Math.min(1, floor.intervalMs / minuteMs);
  }

  /** From now on so much of its intervals is filled here, 0 to 1. */
  share(part: number): void {
    this.#part = clip(part, 0, 1);
  }

  isOpen(atMs: number): boolean {
    return atMs >= this.floor.fromMs && atMs < this.floor.untilMs;
  }

  /** Dollars of a use that it still takes now. Tokens are those that are expected; the cached ones are among the input. */
  freeUsd(costUsd: number, inputTokens: number, cachedTokens: number, outputTokens: number, atMs: number): number {
    this.#roll(atMs);
    let share = 1;
    for (let index = 0; index < this.#gauges.length; index++) {
      const gauge = this.#gauges[index];
      if (gauge === undefined) continue;
      const counted =
        gauge.meter === null
          ? costUsd
          : gauge.input * (inputTokens - cachedTokens) + gauge.cached * cachedTokens + gauge.output * outputTokens;
      const left = gauge.capacity * this.#part - (this.#used[index] ?? 0);
      if (counted > left) share = Math.min(share, Math.max(0, left) / counted);
    }
    return share === 1 ? costUsd : costUsd * share;
  }

  /** What a dollar that it takes counts, 0 to 1: more while it is ahead of its interval. Of the interval that was last looked at. */
  bid(atMs: number): number {
    const elapsed = this.#elapsed(atMs) - this.#interval;
    return clip(this.#bid + this.#settings.floorLean * (this.#fullness() - elapsed), 0, 1);
  }

  /** The bid of an instant's own interval. */
  bidAt(atMs: number): number {
    this.#roll(atMs);
    return this.bid(atMs);
  }

  /** Fills it with a use. @returns the share of the use that it takes, 0 to 1; 0 of an interval that is over. */
  take(usd: number, usage: Usage, atMs: number): number {
    if (Math.floor(this.#elapsed(atMs)) < this.#interval) return 0;
    this.#roll(atMs);
    let share = 1;
    for (const [index, { capacity, meter }] of this.#gauges.entries()) {
      const counted = meter === null ? usd : countedBy(meter, usage);
      const left = capacity * this.#part - (this.#used[index] ?? 0);
      if (counted > left) share = Math.min(share, Math.max(0, left) / counted);
    }
    this.#add(usd, usage, share);
    return share;
  }

  /** Gives back what `take` took at an instant, where its interval is still being filled. */
  giveBack(usd: number, usage: Usage, share: number, takenAtMs: number): void {
    if (Math.floor(this.#elapsed(takenAtMs)) === this.#interval) this.#add(usd, usage, -share);
  }

  state(): FloorState {
    return {
      bid: this.#bid,
      intervalFromMs: this.#interval < 0 ? null : this.floor.fromMs + this.#interval * this.floor.intervalMs,
      used: [...this.#used],
    };
  }

  /** Goes on from what was; what was used only in intervals that begin alike and are counted alike. */
  adopt({ bid, intervalFromMs, used }: FloorState): void {
    this.#bid = clip(bid, 0, 1);
    if (intervalFromMs === null || used.length !== this.#used.length) return;
    const interval = this.#elapsed(intervalFromMs);
    if (!Number.isInteger(interval) || interval < 0) return;
    this.#interval = interval;
    this.#used.set(used);
  }

  /** Intervals since the start, in parts. */
  #elapsed(atMs: number): number {
    return (atMs - this.floor.fromMs) / this.floor.intervalMs;
  }

  #add(usd: number, usage: Usage, share: number): void {
    for (const [index, { meter }] of this.#gauges.entries())
      this.#used[index] = Math.max(
        0,
        (this.#used[index] ?? 0) + share * (meter === null ? usd : countedBy(meter, usage)),
      );
  }

  /** How full the fullest gauge is. */
  #fullness(): number {
    let fullness = 0;
    for (let index = 0; index < this.#gauges.length; index++) {
      const capacity = (this.#gauges[index]?.capacity ?? 0) * this.#part;
      const part = capacity > 0 ? (this.#used[index] ?? 0) / capacity : 1;
      if (part > fullness) fullness = part;
    }
    return fullness;
  }

  /** Begins the interval that an instant is in: the bid follows from how full the last one was, and from how many went by unused. */
  #roll(atMs: number): void {
    const interval = Math.floor(this.#elapsed(atMs));
    if (interval <= this.#interval) return;
    if (this.#interval >= 0) {
      const moved = clip(this.#bid + this.#step * (this.#fullness() - this.#settings.floorFull), 0, 1);
      this.#bid = clip(moved - this.#step * (interval - this.#interval - 1), 0, 1);
    }
    this.#interval = interval;
    this.#used.fill(0);
  }
}
