import { assert } from '../../kernel/index.ts';

/** Sets of classes are enumerated: so many classes are 65,536 sets. */
export const classesMax = 16;

/** All classes rise together for a while, each at its own rate, until some of them can rise no more. */
export interface Stage {
  /** Units that each class gets for one unit of the stage's length. */
  readonly rates: readonly number[];
  readonly length: number;
}

export interface SharedOut {
  /** Units of each class. */
  readonly served: readonly number[];
  /** For each class that could not rise on: the smallest set of classes, bit by bit, that has used up all that could serve any of them; else 0. */
  readonly exhausted: readonly number[];
}

/** Fraction of the capacity of a set below which what is left of it is rounding. */
const slackShare = 1e-12;

/** For each set of classes, bit by bit: the sum of a figure of its classes. */
const sumsOfSets = (figures: readonly number[]): Float64Array => {
  const sums = new Float64Array(2 ** figures.length);
  for (let set = 1; set < sums.length; set += 1) {
    const lowest = set & -set;
    sums[set] = (sums[set ^ lowest] ?? 0) + (figures[31 - Math.clz32(lowest)] ?? 0);
  }
  return sums;
};

/** For each set of classes, the capacity of all nodes that serve one of them. @param serves Classes of each node, bit by bit. */
export const capacityOfSets = (
  classCount: number,
  nodes: readonly { readonly serves: number; readonly capacity: number }[],
): Float64Array => {
  assert(classCount <= classesMax, `outages are told for at most ${classesMax} classes`);
  const capacities = new Float64Array(2 ** classCount);
  for (const { serves, capacity } of nodes) {
    if (capacity <= 0) continue;
    for (let set = 1; set < capacities.length; set += 1) {
      if ((set & serves) !== 0) capacities[set] = (capacities[set] ?? 0) + capacity;
    }
  }
  return capacities;
};

const sizeOf = (set: number): number => {
  let size = 0;
  for (let left = set; left !== 0; left &= left - 1) size += 1;
  return size;
};

/**
 * Shares capacity out stage by stage, as evenly as the rates say: nobody could get more without someone who has no more by the rates getting
 * less. What classes get can be served exactly where no set of them gets more than the capacity of all that serve one of them (Gale and
 * Hoffman); the sets that come up to it first are found by looking at all of them, so that no solver and no tolerance is in between.
 */
export const shareOut = (capacities: Float64Array, classCount: number, stages: readonly Stage[]): SharedOut => {
  const served = Array.from({ length: classCount }, () => 0);
  const stuck = Array.from({ length: classCount }, () => false);
  for (const { rates, length } of stages) {
    let left = length;
    while (left > 0) {
      const rising = rates.map((rate, index) => (stuck[index] ? 0 : rate));
      if (rising.every((rate) => rate <= 0)) break;
      const rateSums = sumsOfSets(rising);
      const servedSums = sumsOfSets(served);
      let step = left;
      let first = 0;
      for (let set = 1; set < capacities.length; set += 1) {
        const rate = rateSums[set] ?? 0;
        if (rate <= 0) continue;
        const room = Math.max(0, (capacities[set] ?? 0) - (servedSums[set] ?? 0)) / rate;
        if (room < step) {
          step = room;
          first = set;
        }
      }
      for (const [index, rate] of rising.entries()) served[index] = (served[index] ?? 0) + step * rate;
      left -= step;
      if (first === 0) break;
      for (const [index, rate] of rising.entries()) {
        if (rate > 0 && ((first >> index) & 1) === 1) stuck[index] = true;
      }
    }
  }
  return { served, exhausted: exhaustedSets(capacities, served, stuck) };
};

const exhaustedSets = (
  capacities: Float64Array,
  served: readonly number[],
  stuck: readonly boolean[],
): readonly number[] => {
  const servedSums = sumsOfSets(served);
  const found = served.map(() => 0);
  for (let set = 1; set < capacities.length; set += 1) {
    const capacity = capacities[set] ?? 0;
    if (capacity - (servedSums[set] ?? 0) > slackShare * capacity * served.length) continue;
    for (const index of served.keys()) {
      if (!stuck[index] || ((set >> index) & 1) === 0) continue;
      const known = found[index] ?? 0;
      if (known === 0 || sizeOf(set) < sizeOf(known)) found[index] = set;
    }
  }
  return found;
};
