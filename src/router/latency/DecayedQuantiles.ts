/** Four bins an octave: a quantile is told within a fifth of the truth, mostly within a tenth. */
const binsAnOctave = 4;
/** What comes later counts for more, up to here; then all of it is said in smaller numbers. */
const weightMax = 1e12;

/** Quantiles that are kept ready. */
export type QuantileName = 'p50' | 'p90';

const shares: Readonly<Record<QuantileName, number>> = { p50: 0.5, p90: 0.9 };

/**
 * Quantiles of positive numbers in which older ones fade: a histogram of even steps of their logarithm. An observation counts half after each half-life,
 * by making those after it count for more, so that nothing is touched while nothing comes. Times are monotonic milliseconds that come in.
 */
export class DecayedQuantiles {
  readonly #lowest: number;
  readonly #halfLifeMs: number;
  /** Bin i holds what is above lowest x 2^((i - 1) / 4) and at most lowest x 2^(i / 4); the first and the last hold what lies beyond, too. */
  readonly #bins: Float64Array;
  #total = 0;
  /** When an observation counts 1. */
  #baseMs = 0;
  /** Made anew after an observation, when somebody asks: time alone changes no quantile. */
  readonly #ready = { p50: NaN, p90: NaN };
  #isReady = false;

  /** @param octaves Between the lowest and the highest number that are told apart. */
  constructor(lowest: number, octaves: number, halfLifeMs: number) {
    this.#lowest = lowest;
    this.#halfLifeMs = halfLifeMs;
    this.#bins = new Float64Array(octaves * binsAnOctave + 1);
  }

  /** Numbers that are not above 0, or not finite, are left out. */
  observe(value: number, nowMs: number): void {
    if (!(value > 0 && value < Infinity)) return;
    if (this.#total === 0) this.#baseMs = nowMs;
    let weight = this.#worth(nowMs);
    if (weight > weightMax) {
      this.#fade(weight);
      this.#baseMs = nowMs;
      weight = 1;
    }
    const bin = this.#binOf(value);
    this.#bins[bin] = (this.#bins[bin] ?? 0) + weight;
    this.#total += weight;
    this.#isReady = false;
  }

  /** How many observations stand behind it, faded. */
  volume(nowMs: number): number {
    return this.#total === 0 ? 0 : this.#total / this.#worth(nowMs);
  }

  /** What this part of them does not go beyond; NaN where nothing was seen. */
  quantile(name: QuantileName): number {
    if (!this.#isReady) {
      this.#ready.p50 = this.#find(shares.p50);
      this.#ready.p90 = this.#find(shares.p90);
      this.#isReady = true;
    }
    return this.#ready[name];
  }

  #worth(nowMs: number): number {
    return 2 ** ((nowMs - this.#baseMs) / this.#halfLifeMs);
  }

  #binOf(value: number): number {
    const bin = Math.ceil(Math.log2(value / this.#lowest) * binsAnOctave);
    return Math.min(this.#bins.length - 1, Math.max(0, bin));
  }

  /** Within its bin by the even steps of the logarithm. */
  #find(share: number): number {
    if (this.#total === 0) return NaN;
    const wanted = share * this.#total;
    let seen = 0;
    for (const [bin, weight] of this.#bins.entries()) {
      if (weight > 0 && seen + weight >= wanted) {
        const within = (wanted - seen) / weight;
        return this.#lowest * 2 ** ((bin - 1 + within) / binsAnOctave);
      }
      seen += weight;
    }
    return this.#lowest * 2 ** ((this.#bins.length - 1) / binsAnOctave);
  }

  #fade(by: number): void {
    for (const [bin, weight] of this.#bins.entries()) this.#bins[bin] = weight / by;
    this.#total /= by;
  }
}
