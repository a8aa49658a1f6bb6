import { modelBuckets, type Usage } from '../../vocabulary/index.ts';
import { clip } from './clip.ts';
import { allHeard, type FloorSharing } from './FloorSharing.ts';
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

/** What two floors have alike that are filled alike. */
interface FloorTerms {
  readonly intervalMs: number;
  /** By gauge. */
  readonly capacities: readonly number[];
}

/** What is true of a floor of these terms only: sizes are parts of its intervals. */
interface LearntState extends WorthState, FloorTerms {}

/** What one of several replicas tells the others of a floor. */
export interface ToldFloor extends FloorTerms, Pick<FloorState, 'intervalFromMs' | 'used'> {
  /** Requests that it might take, as they come there. */
  readonly requestsPerHour: number;
}

const firstBid = 0.3;
const minuteMs = 60_000;
/** Shorter intervals are over before others have heard what was used of them: each fills its equal part. */
const toldIntervalMsMin = 10_000;

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
  /** Those who are heard and whose intervals are not these: they count another floor, or by another clock. */
  readonly #apart = new Set<string>();
  /** Of the interval, what is left to those of whom it is not known what they use. */
  readonly #withheld: Float64Array;
  /** Step of the bid in an interval: a minute's, and less in shorter ones. */
  readonly #step: number;
  readonly #worth: FloorWorth;
  #sharing = allHeard;
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
    this.#withheld = new Float64Array(this.#gauges.length);
    this.#worth = new FloorWorth(floor.intervalMs, Math.max(floor.fromMs, beginsMs));
    this.#step = settings.floorStep * Math.min(1, floor.intervalMs / minuteMs);
  }

  /** From now on it is filled so with others. Where nobody is heard, what they told counts no more: they do not know either what is used here. */
  share({ equalPart, silent }: FloorSharing): void {
    this.#sharing = { equalPart: clip(equalPart, 0, 1), silent };
    if (silent === null) {
      this.#told.clear();
      this.#apart.clear();
    }
    this.#countOthers();
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
      share = Math.min(share, this.#shareOf(index, counted));
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
    const room = this.#leftPart();
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
      share = Math.min(share, this.#shareOf(index, counted));
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
      ...this.#terms,
      requestsPerHour: this.#worth.requestsPerHour(nowMs),
    };
  }

  /** What others told, by who they are: what they have used of the interval is not there any more, and their requests will want what is. */
  hear(told: ReadonlyMap<string, ToldFloor>, nowMs: number): void {
    this.#rollNow(nowMs);
    let requestsPerHour = 0;
    this.#apart.clear();
    for (const [replica, floor] of told) {
      if (!this.#isFilledAlike(floor)) {
        this.#apart.add(replica);
        continue;
      }
      requestsPerHour += floor.requestsPerHour;
      if (floor.intervalFromMs === this.#intervalFromMs) this.#told.set(replica, floor.used);
    }
    this.#worth.others(this.#isInParts ? 0 : requestsPerHour);
    this.#countOthers();
  }

  state(): FloorState {
    return {
      bid: this.#bid,
      intervalFromMs: this.#intervalFromMs,
      used: [...this.#used],
      learnt: { ...this.#terms, ...this.#worth.state() },
    };
  }

  /** Goes on from what was; what was used only in intervals that have begun, begin alike and are counted alike. */
  adopt({ bid, intervalFromMs, used, learnt }: FloorState, nowMs: number): void {
    this.#bid = clip(bid, 0, 1);
    if (learnt !== undefined && this.#isLike(learnt)) this.#worth.adopt(learnt, nowMs);
    if (intervalFromMs === null || intervalFromMs > nowMs || used.length !== this.#used.length) return;
    const interval = this.#elapsed(intervalFromMs);
    if (!Number.isInteger(interval) || interval < 0) return;
    this.#interval = interval;
    this.#used.set(used.map((one) => Math.max(0, one)));
  }

  get #terms(): FloorTerms {
    return { intervalMs: this.floor.intervalMs, capacities: this.#gauges.map(({ capacity }) => capacity) };
  }

  #isLike({ intervalMs, capacities }: FloorTerms): boolean {
    return (
      intervalMs === this.floor.intervalMs &&
      capacities.length === this.#gauges.length &&
      this.#gauges.every(({ capacity }, index) => capacity === capacities[index])
    );
  }

  /** Whether it can be known by another one what was used of the intervals here: they are of the same terms, and clocks differ by less than one of them. */
  #isFilledAlike(told: ToldFloor): boolean {
    const own = this.#intervalFromMs;
    const theirs = told.intervalFromMs;
    const isNear = own === null || theirs === null || Math.abs(theirs - own) <= this.floor.intervalMs;
    return isNear && this.#isLike(told) && told.used.length === this.#used.length;
  }

  /** Whether each fills its equal part, whatever others use. */
  get #isInParts(): boolean {
    return this.#sharing.silent === null || this.floor.intervalMs < toldIntervalMsMin;
  }

  /** What others have used counts once: who is not heard any more has the rest of an equal part beside it. */
  #countOthers(): void {
    const { equalPart, silent } = this.#sharing;
    for (const [index, { capacity }] of this.#gauges.entries()) {
      const equal = capacity * equalPart;
      let elsewhere = 0;
      let withheld = 0;
      if (this.#isInParts) withheld = capacity - equal;
      else {
        for (const used of this.#told.values()) elsewhere += used[index] ?? 0;
        for (const replica of new Set([...(silent ?? []), ...this.#apart]))
          withheld += Math.max(0, equal - (this.#told.get(replica)?.[index] ?? 0));
      }
      this.#elsewhere[index] = elsewhere;
      this.#withheld[index] = withheld;
    }
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

  /** What may be filled of a gauge here and by those who are heard. */
  #capacity(index: number): number {
    return Math.max(0, (this.#gauges[index]?.capacity ?? 0) - (this.#withheld[index] ?? 0));
  }

  /** What share of a use a gauge has room for, 0 to 1; all of what it does not count. Where several filled it at once less than nothing is left. */
  #shareOf(index: number, counted: number): number {
    const left = this.#capacity(index) - this.#usedByAll(index);
    return counted > 0 && counted > left ? Math.max(0, left) / counted : 1;
  }

  /** What is left of an empty interval, by the fullest gauge; less than nothing where several filled it at once. */
  #leftPart(): number {
    let part = 1;
    for (let index = 0; index < this.#gauges.length; index++) {
      const capacity = this.#gauges[index]?.capacity ?? 0;
      const gone = this.#usedByAll(index) + (this.#withheld[index] ?? 0);
      part = Math.min(part, capacity > 0 ? 1 - gone / capacity : 0);
    }
    return part;
  }

  /** How full the fullest gauge is. */
  #fullness(): number {
    let fullness = 0;
    for (let index = 0; index < this.#gauges.length; index++) {
      const capacity = this.#capacity(index);
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
    this.#told.clear();
    this.#countOthers();
  }
}
