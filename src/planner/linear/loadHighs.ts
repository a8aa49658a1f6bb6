import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import highsModule, { type Highs } from 'highs';

/** Its types describe the CommonJS build, while Node loads the other one, whose default export is the loader itself. */
// tidy-allow cast: what Node loads is not what the types describe; a call of it proves that it is a function
const loader = highsModule as unknown as typeof highsModule.default;

/** Loads the solver: one for each worker, since it computes without a pause. */
export const loadHighs = (): Promise<Highs> => loader();

/** Lets workers that are started from now on collect their garbage when they say so. */
export const exposeCollection = (): void => setFlagsFromString('--expose-gc');

/**
 * Loads another solver, and gives back the memory of those that nothing refers to any more: a solver's memory never shrinks, and one that computes
 * without a pause leaves the engine no occasion to collect those before it.
 */
export const freshHighs = async (): Promise<Highs> => {
  // What was referred to in this turn of the event loop may still be.
  await turn();
  globalThis.gc?.();
  return loadHighs();
};
