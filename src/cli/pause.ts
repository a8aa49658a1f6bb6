import { setTimeout } from 'node:timers/promises';

/** Waits between two looks. */
export const pause = async (ms: number): Promise<void> => {
  await setTimeout(ms);
};
