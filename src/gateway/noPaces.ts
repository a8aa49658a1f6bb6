import type { Paces } from './Paces.ts';

/** Of one who has neither contracts nor caps. */
export const noPaces: Paces = { pacing: null, indexOf: () => -1, started: () => null, settled: () => {} };
