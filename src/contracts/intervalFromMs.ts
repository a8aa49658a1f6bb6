import type { FloorContract } from './Contract.ts';

type IntervalGrid = Pick<FloorContract, 'fromMs' | 'intervalMs'>;

/** Where the interval begins that an instant lies in, Unix milliseconds; before the first one by the same grid. */
export const intervalFromMs = ({ fromMs, intervalMs }: IntervalGrid, atMs: number): number =>
  fromMs + Math.floor((atMs - fromMs) / intervalMs) * intervalMs;

/** The first border of the same grid that is not before an instant. */
export const intervalBorderMs = ({ fromMs, intervalMs }: IntervalGrid, atMs: number): number =>
  fromMs + Math.ceil((atMs - fromMs) / intervalMs) * intervalMs;
