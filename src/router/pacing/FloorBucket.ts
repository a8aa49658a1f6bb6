import { modelBuckets, type Usage } from '../../vocabulary/index.ts';
import { clip } from './clip.ts';
import { FloorWorth, type WorthState } from './FloorWorth.ts';
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
  /** What was learnt of those who come; absent in what was kept before that was. */
  readonly learnt?: LearntState | undefined;
}

/** What is true of a floor of these terms only: sizes are parts of its intervals. */
interface LearntState extends WorthState {
  readonly intervalMs: number;
  /** By gauge. */
  readonly capacities: readonly number[];
}

/** What one of several replicas tells the others of a floor. */
export interface ToldFloor extends Pick<FloorState, 'intervalFromMs' | 'used'> {
  /** Requests that it might take, as they come there. */
  readonly requestsPerHour: number;
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

/** What a use that is expected counts. */
const expectedBy = (
  { meter, cached, input, output }: Gauge,
  costUsd: number,
  inputTokens: number,
  cachedTokens: number,
  outputTokens: number,
): number =>
  meter === null ? costUsd : input * (inputTokens - cachedTokens) + cached * cachedTokens + output * outputTokens;

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
  /** Of the interval, what others have used of it as far as they told, by who they are and in all. */
  readonly #told = new Map<string, readonly number[]>();
  readonly #elsewhere: Float64Array;
  /** Step of the bid in an interval: a minute's, and less in shorter ones. */
  readonly #step: number;
  readonly #worth: FloorWorth;
  /** What of its intervals may be filled here, where others fill it as well. */
  #part = 1;
  #interval = -1;
  #bid = firstBid;
  /** What `freeUsd` was asked about last: its part of an empty interval, and its cost. */
  #askedSize = 0;
  #askedUsd = 0;

  /** @param beginsMs From when on it sees what comes. Unix milliseconds. */
  constructor(floor: PacedFloor, settings: PacingSettings, beginsMs: number) {
    this.floor = floor;
    this.#settings = settings;
    this.#gauges = floor.meters.length === 0 ? [dollarGauge(floor.capacityUsd)] : floor.meters.map(meterGauge);
    this.#used = new Float64Array(this.#gauges.length);
    this.#elsewhere = new Float64Array(this.#gauges.length);
    this.#worth = new FloorWorth(floor.intervalMs, Math.max(floor.fromMs, beginsMs));
    this.#step = settings.floorStep * Math.min(1, floor.intervalMs / minuteMs);
  }

  /** From now on so much of its intervals is filled here and by those who tell, 0 to 1. */
  share(part: number): void {
    this.#part = clip(part, 0, 1);
  }

  isOpen(atMs: number): boolean {
    return atMs >= this.floor.fromMs && atMs < this.floor.untilMs;
  }

  /** Dollars of a use that it still takes now. Tokens are those that are expected; the cached ones are among the input. */
  freeUsd(costUsd: number, inputTokens: number, cachedTokens: number, outputTokens: number, atMs: number): number {
    this.#rollNow(atMs);
    let share = 1;
    let size = 0;
    for (let index = 0; index < this.#gauges.length; index++) {
      const gauge = this.#gauges[index];
      if (gauge === undefined) continue;
      const counted = expectedBy(gauge, costUsd, inputTokens, cachedTokens, outputTokens);
      size = Math.max(size, counted / gauge.capacity);
      const left = this.#left(index);
      if (counted > left) share = Math.min(share, Math.max(0, left) / counted);
    }
    this.#askedSize = size;
    this.#askedUsd = costUsd;
    return share === 1 ? costUsd : costUsd * share;
  }

  /**
   * What a dollar that it takes counts: what the room for it is worth to those who are still to come in the interval. Until enough requests were seen, 0 to 1
   * by how full intervals were, and more while this one is ahead. Of what `freeUsd` was asked about last.
   */
  bid(atMs: number): number {
    const gone = this.#elapsed(atMs) - this.#interval;
    const fullness = this.#fullness();
    const room = this.#part * (1 - fullness);
    const takenSize = Math.min(this.#askedSize, room);
    if (this.#worth.isKnown && takenSize > 0) {
      const takenUsd = (this.#askedUsd * takenSize) / this.#askedSize;
      if (takenUsd > 0) return this.#worth.takenUsd(takenSize, room, 1 - gone) / takenUsd;
    }
    return clip(this.#bid + this.#settings.floorLean * (fullness - gone), 0, 1);
  }

  /**
   * A request came that it might take, whoever was chosen. Tokens as in `freeUsd`.
   * @param elsewhereUsd What it comes to without the floor.
   * @param payUsd What it comes to where its own target is paid.
   */
  saw(
    costUsd: number,
    inputTokens: number,
    cachedTokens: number,
    outputTokens: number,
    elsewhereUsd: number,
    payUsd: number,
    atMs: number,
  ): void {
    if (!this.#settings.floorsLearn) return;
    const size = this.sizeOf(costUsd, inputTokens, cachedTokens, outputTokens);
    this.#worth.saw(size, elsewhereUsd, payUsd, atMs);
  }

  /** Which part of an empty interval a use takes, which may be more than the whole. Tokens as in `freeUsd`. */
  sizeOf(costUsd: number, inputTokens: number, cachedTokens: number, outputTokens: number): number {
    let size = 0;
    for (const gauge of this.#gauges)
      size = Math.max(size, expectedBy(gauge, costUsd, inputTokens, cachedTokens, outputTokens) / gauge.capacity);
    return size;
  }

  /** Works out anew what its room is worth, where it is time to. */
  plan(nowMs: number): void {
    this.#worth.plan(nowMs);
  }

  /** The bid of now. */
  bidAt(nowMs: number): number {
    this.#rollNow(nowMs);
    return this.bid(nowMs);
  }

  /** Fills it with a use. @returns the share of the use that it takes, 0 to 1; null of an interval that is over, of which nothing is known any more. */
  take(usd: number, usage: Usage, atMs: number): number | null {
    if (Math.floor(this.#elapsed(atMs)) < this.#interval) return null;
    this.#roll(atMs);
    let share = 1;
    for (const [index, { meter }] of this.#gauges.entries()) {
      const counted = meter === null ? usd : countedBy(meter, usage);
      const left = this.#left(index);
      if (counted > left) share = Math.min(share, Math.max(0, left) / counted);
    }
    this.#add(usd, usage, share);
    return share;
  }

  /** Gives back what `take` took at an instant, where its interval is still being filled. */
  giveBack(usd: number, usage: Usage, share: number, takenAtMs: number): void {
    if (Math.floor(this.#elapsed(takenAtMs)) === this.#interval) this.#add(usd, usage, -share);
  }

  /** How many times such a use is at most in what it was filled with, where the interval of an instant is still being filled; else 0. */
  holds(usd: number, usage: Usage, takenAtMs: number): number {
    if (Math.floor(this.#elapsed(takenAtMs)) !== this.#interval) return 0;
    let times = Infinity;
    for (const [index, { meter }] of this.#gauges.entries()) {
      const counted = meter === null ? usd : countedBy(meter, usage);
      if (counted > 0) times = Math.min(times, (this.#used[index] ?? 0) / counted);
    }
    return times;
  }

  /** What others are to know. */
  tell(nowMs: number): ToldFloor {
    return {
      intervalFromMs: this.#intervalFromMs,
      used: [...this.#used],
      requestsPerHour: this.#worth.requestsPerHour(nowMs),
    };
  }

  /** What others told, by who they are: what they have used of the interval is not there any more, and their requests will want what is. */
  hear(told: ReadonlyMap<string, ToldFloor>, nowMs: number): void {
    this.#rollNow(nowMs);
    let requestsPerHour = 0;
    for (const [replica, floor] of told) {
      requestsPerHour += floor.requestsPerHour;
      if (floor.intervalFromMs === this.#intervalFromMs && floor.used.length === this.#used.length)
        this.#told.set(replica, floor.used);
    }
    this.#elsewhere.fill(0);
    for (const used of this.#told.values())
      for (const [index, one] of used.entries()) this.#elsewhere[index] = (this.#elsewhere[index] ?? 0) + one;
    this.#worth.others(requestsPerHour);
  }

  state(): FloorState {
    return {
      bid: this.#bid,
      intervalFromMs: this.#intervalFromMs,
      used: [...this.#used],
      learnt: {
        intervalMs: this.floor.intervalMs,
        capacities: this.#gauges.map(({ capacity }) => capacity),
        ...this.#worth.state(),
      },
    };
  }

  /** Goes on from what was; what was used only in intervals that have begun, begin alike and are counted alike. */
  adopt({ bid, intervalFromMs, used, learnt }: FloorState, nowMs: number): void {
    this.#bid = clip(bid, 0, 1);
    if (learnt !== undefined && this.#isLearntHere(learnt)) this.#worth.adopt(learnt, nowMs);
    if (intervalFromMs === null || intervalFromMs > nowMs || used.length !== this.#used.length) return;
    const interval = this.#elapsed(intervalFromMs);
    if (!Number.isInteger(interval) || interval < 0) return;
    this.#interval = interval;
    this.#used.set(used.map((one) => Math.max(0, one)));
  }

  #isLearntHere({ intervalMs, capacities }: LearntState): boolean {
    return (
      intervalMs === this.floor.intervalMs &&
      capacities.length === this.#gauges.length &&
      this.#gauges.every(({ capacity }, index) => capacity === capacities[index])
    );
  }

  /** Where the interval began that is being filled; null before the first. */
  get #intervalFromMs(): number | null {
    return this.#interval < 0 ? null : this.floor.fromMs + this.#interval * this.floor.intervalMs;
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

  #usedByAll(index: number): number {
    return (this.#used[index] ?? 0) + (this.#elsewhere[index] ?? 0);
  }

  /** What is left to be filled of a gauge; less than nothing where several filled it at once. */
  #left(index: number): number {
    return (this.#gauges[index]?.capacity ?? 0) * this.#part - this.#usedByAll(index);
  }

  /** How full the fullest gauge is. */
  #fullness(): number {
    let fullness = 0;
    for (let index = 0; index < this.#gauges.length; index++) {
      const capacity = (this.#gauges[index]?.capacity ?? 0) * this.#part;
      const part = capacity > 0 ? this.#usedByAll(index) / capacity : 1;
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
    this.#begin(interval);
  }

  /** The same for what the clock says now: where it was ahead and came back, what was used in intervals that are still to come does not count. */
  #rollNow(nowMs: number): void {
    const interval = Math.floor(this.#elapsed(nowMs));
    if (interval < this.#interval - 1) this.#begin(interval);
    this.#roll(nowMs);
  }

  #begin(interval: number): void {
    this.#interval = interval;
    this.#used.fill(0);
    this.#elsewhere.fill(0);
    this.#told.clear();
  }
}
