import type { Executor } from '../executors/Executor.ts';
import type { JobAttempt } from '../job/Job.ts';

/** Whether the attempt is kept by this very executor. One that cannot tell who it is cannot tell of the attempt either. */
export const isOwned = async (attempt: JobAttempt, executor: Executor): Promise<boolean> => {
  try {
    return (await executor.owner()) === attempt.owner;
  } catch {
    return false;
  }
};

/** Why nobody here can tell of an attempt that is kept by another executor of its site. */
export const ownedElsewhere = ({ site }: JobAttempt): string =>
  `${site} was run from another machine, which does not answer`;
