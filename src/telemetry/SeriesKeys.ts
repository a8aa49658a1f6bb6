import type { MetricLabels } from '../kernel/index.ts';
import { seriesKey } from './seriesKey.ts';

/** Labels that are remembered for each metric: most metrics have no more series in use at a time. */
const rememberedMax = 8;

interface Remembered {
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly key: string;
}

/** The keys of one metric's series. The same few labels come again with each request: their keys are not written anew. */
export class SeriesKeys {
  readonly #remembered: Remembered[] = [];
  #oldest = 0;

  of(labels: MetricLabels): string {
    for (const one of this.#remembered) if (isOf(one, labels)) return one.key;
    const key = seriesKey(labels);
    this.#remembered[this.#oldest] = { names: Object.keys(labels), values: Object.values(labels), key };
    this.#oldest = (this.#oldest + 1) % rememberedMax;
    return key;
  }
}

const isOf = ({ names, values }: Remembered, labels: MetricLabels): boolean => {
  let count = 0;
  for (const name in labels) {
    if (names[count] !== name || values[count] !== labels[name]) return false;
    count += 1;
  }
  return count === names.length;
};
