import { errorMessage } from '../kernel/index.ts';
import type { Log } from '../kernel/index.ts';

/** A step that takes something back. */
export type Undo = () => Promise<void> | void;

/** Runs every step, the last first, whatever becomes of the others. @throws the first fault, once all have run. */
export const undoAll = async (steps: Undo[], log: Log): Promise<void> => {
  const faults: unknown[] = [];
  for (const step of steps.splice(0).toReversed()) {
    try {
      await step();
    } catch (error) {
      faults.push(error);
      log.error('a step of the stop failed', { message: errorMessage(error) });
    }
  }
  if (faults.length > 0) throw faults[0];
};
