// Stands in for fast-check where a long run asks for it (vitest.fuzz.config.ts): the same, but that each property has many times its cases and counts them.
import { appendFileSync } from 'node:fs';
import * as real from 'fast-check';
import { expect } from 'vitest';
import { z } from 'zod';

export * from 'fast-check';

const planSchema = z.object({
  /** Where counts go, a line of JSON for each property. */
  ARCHIPEL_FUZZ_COUNTS: z.string(),
  ARCHIPEL_FUZZ_SEED: z.coerce.number().int(),
  /** How many times its own cases a property has. */
  ARCHIPEL_FUZZ_FACTOR: z.coerce.number().int().min(1),
  /** Longest time of one property. */
  ARCHIPEL_FUZZ_MS: z.coerce.number().int().min(1),
});

const plan = planSchema.parse(process.env);

/** What a property came to in a long run. */
export interface CountedProperty {
  /** Path of the test's file. */
  readonly file: string;
  readonly test: string;
  readonly cases: number;
  /** The time was over before the cases. */
  readonly interrupted: boolean;
}

const count = (cases: number, interrupted: boolean): void => {
  const { testPath = '', currentTestName = '' } = expect.getState();
  const counted: CountedProperty = { file: testPath, test: currentTestName, cases, interrupted };
  appendFileSync(plan.ARCHIPEL_FUZZ_COUNTS, `${JSON.stringify(counted)}\n`);
};

const judge = <Ts>(details: real.RunDetails<Ts>): void => {
  count(details.numRuns, details.interrupted);
  // On a busy machine the time may be over before the first case.
  const isEmpty = details.interrupted && details.numRuns === 0;
  if (details.failed && !isEmpty) throw new Error(real.defaultReportMessage(details), { cause: details.errorInstance });
};

/** What a test asks for, many times over. */
const enlarged = <Ts>(asked: real.Parameters<Ts>): real.Parameters<Ts> => ({
  ...asked,
  numRuns: (asked.numRuns ?? 100) * plan.ARCHIPEL_FUZZ_FACTOR,
  plugins: [...(asked.plugins ?? []), real.interruptAfterTimeLimit(plan.ARCHIPEL_FUZZ_MS)],
});

/** Its own cases whatever they take, since tests count what they met in them; then as many more as the time allows. */
function* rounds<Ts>(property: real.IRawProperty<Ts>, asked: real.Parameters<Ts>): Generator<unknown> {
  const seeded = { seed: plan.ARCHIPEL_FUZZ_SEED, ...asked };
  yield real.check(property, seeded);
  yield real.check(property, enlarged({ ...seeded, seed: (seeded.seed + 1) | 0 }));
}

const assertAsync = async <Ts>(first: Promise<real.RunDetails<Ts>>, others: Iterable<unknown>): Promise<void> => {
  judge(await first);
  for (const other of others) judge((await other) as real.RunDetails<Ts>);
};

/** As fast-check's own: throws, or rejects, with the smallest case that it found. */
export function assert<Ts>(property: real.IRawProperty<Ts>, asked: real.Parameters<Ts> = {}): void | Promise<void> {
  const checked = rounds(property, asked);
  for (const details of checked) {
    if (details instanceof Promise) return assertAsync(details as Promise<real.RunDetails<Ts>>, checked);
    judge(details as real.RunDetails<Ts>);
  }
}

// oxlint-disable-next-line import/no-default-export -- it stands in for a package that has one.
export default { ...real, assert };
