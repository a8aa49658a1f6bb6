import type { WorldOptions } from './contracts/World.ts';

/** Months small enough to be looked at in every run of CI, with their bounds in test/fixtures/regret/bounds.json. */
export interface SmallMonths extends WorldOptions {
  readonly trace: string;
  readonly seeds: readonly number[];
}

export const smallMonths: readonly SmallMonths[] = [1e-6, 1].flatMap((floorScale) =>
  ['azure-llm-2023-conv', 'mooncake-conversation'].map((trace) => ({
    trace,
    floorScale,
    requests: 60_000,
    seeds: [31, 32, 33],
  })),
);

/** A month's bound, and what the reference came to in it. US dollars. */
export interface StoredBound {
  readonly trace: string;
  readonly floorScale: number;
  readonly seed: number;
  readonly boundUsd: number;
  readonly gap: number;
  readonly shortfallUsd: number;
  readonly referenceUsd: number;
}
