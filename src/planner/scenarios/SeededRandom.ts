/** One step of splitmix32: a good mix of 32 bits, with which the longer state is filled. */
const mixed = (value: number): number => {
  let bits = (value + 0x9e3779b9) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return bits ^ (bits >>> 15);
};

/** Draws thrown away after seeding, as the authors of sfc32 ask. */
const warmUpDraws = 12;

/**
 * Chance that can be had again: the same seed and stream give the same numbers on every machine (sfc32, 128 bits of state, so that the
 * streams of thousands of scenarios do not run into each other).
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal: number | null = null;
  readonly #normalSign: number;

  /**
   * @param seed A whole number; its low 32 bits count.
   * @param stream Numbers of another stream of the same seed have nothing to do with this one's.
   * @param mirrored Turns every normal number into its opposite: a draw and its mirror image together have no error in the middle.
   */
  constructor(seed: number, stream = 0, mirrored = false) {
    this.#normalSign = mirrored ? -1 : 1;
    this.#a = mixed(seed | 0);
    this.#b = mixed(this.#a ^ stream);
    this.#c = mixed(this.#b);
    for (let draw = 0; draw < warmUpDraws; draw++) this.next();
  }

  /** 0 <= n < 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** Evenly spread from `low` to `high`. */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Whether something of this probability happens. */
  happens(probability: number): boolean {
    return this.next() < probability;
  }

  /** Normally distributed, mean 0, standard deviation 1 (Box and Muller, both of each pair used). */
  normal(): number {
    const spare = this.#spareNormal;
    if (spare !== null) {
      this.#spareNormal = null;
      return spare;
    }
    const radius = this.#normalSign * Math.sqrt(-2 * Math.log(1 - this.next()));
    const angle = 2 * Math.PI * this.next();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** The index of one of several things, each with its probability; the last one takes what rounding leaves. */
  oneOf(probabilities: readonly number[]): number {
    let left = this.next();
    for (const [index, probability] of probabilities.entries()) {
      left -= probability;
      if (left < 0) return index;
    }
    return probabilities.findLastIndex((probability) => probability > 0);
  }
}
