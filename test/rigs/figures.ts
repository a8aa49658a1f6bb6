import type { Outcome } from './load.ts';

const quantile = (outcomes: readonly Outcome[], share: number): number => {
  const sorted = outcomes.map(({ durationMs }) => durationMs).toSorted((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
};

/** How long requests took, in whole milliseconds. */
export const durationFigures = (outcomes: readonly Outcome[]): { readonly p50Ms: number; readonly p99Ms: number } => ({
  p50Ms: quantile(outcomes, 0.5),
  p99Ms: quantile(outcomes, 0.99),
});

/** Calls to vendors beyond one a request. */
export const extraCallsFigure = (outcomes: readonly Outcome[]): number =>
  outcomes.reduce((sum, { attempts }) => sum + Math.max(0, (attempts ?? 1) - 1), 0);

/** Seconds since a moment, to a tenth. */
export const secondsFigure = (sinceMs: number): number => Math.round((performance.now() - sinceMs) / 100) / 10;
