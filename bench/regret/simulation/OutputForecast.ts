import { OutputEstimate } from '../../../src/router/index.ts';
import { kindCount } from '../market/market.ts';

/** How long answers are expected to be. */
export interface OutputForecast {
  expect(kind: number, inputTokens: number): number;
  observe(kind: number, inputTokens: number, outputTokens: number): void;
}

export type OutputSight = 'mean by kind' | 'mean by kind and size' | "the router's estimate" | 'known';

const kindWeight = 0.002;
const sizeWeight = 0.005;
const sizeCount = 32;

const sizeOf = (inputTokens: number): number => 31 - Math.clz32(inputTokens | 1);

/** Moving means by kind of request and by the power of two of the input, or of all inputs alike. */
export class MovingMeans implements OutputForecast {
  readonly #means: Float64Array;
  readonly #weight: number;
  readonly #bySize: boolean;

  constructor(outputTokens: readonly number[], bySize: boolean) {
    this.#bySize = bySize;
    this.#weight = bySize ? sizeWeight : kindWeight;
    this.#means = Float64Array.from(
      { length: kindCount * sizeCount },
      (_mean, place) => outputTokens[Math.floor(place / sizeCount)] ?? 0,
    );
  }

  expect(kind: number, inputTokens: number): number {
    return this.#means[this.#placeOf(kind, inputTokens)] ?? 0;
  }

  observe(kind: number, inputTokens: number, outputTokens: number): void {
    const place = this.#placeOf(kind, inputTokens);
    const mean = this.#means[place] ?? 0;
    this.#means[place] = mean + this.#weight * (outputTokens - mean);
  }

  #placeOf(kind: number, inputTokens: number): number {
    return kind * sizeCount + (this.#bySize ? sizeOf(inputTokens) : 0);
  }
}

/** The program's own, which begins with nothing seen. */
export class RouterEstimate implements OutputForecast {
  readonly #estimate = new OutputEstimate();

  expect(kind: number, inputTokens: number): number {
    return this.#estimate.expect(`kind ${kind}`, inputTokens, null);
  }

  observe(kind: number, inputTokens: number, outputTokens: number): void {
    this.#estimate.observe(`kind ${kind}`, inputTokens, outputTokens);
  }
}
