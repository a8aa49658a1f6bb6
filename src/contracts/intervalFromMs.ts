import type { FloorContract } from './Contract.ts';

/** Where the interval begins that an instant lies in, Unix milliseconds; before the first one by the same grid. */
export const intervalFromMs = (
  { fromMs, intervalMs }: Pick<FloorContract, 'fromMs' | 'intervalMs'>,
  atMs: number,
): number => fromMs + Math.floor((atMs - fromMs) / intervalMs) * intervalMs;
