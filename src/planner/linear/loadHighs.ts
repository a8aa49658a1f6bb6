import highsModule, { type Highs } from 'highs';

/** Its types describe the CommonJS build, while Node loads the other one, whose default export is the loader itself. */
// tidy-allow cast: what Node loads is not what the types describe; a call of it proves that it is a function
const loader = highsModule as unknown as typeof highsModule.default;

/** Loads the solver: one for each worker, since it computes without a pause. */
export const loadHighs = (): Promise<Highs> => loader();
