import type { SeamRefusal } from './decision.ts';
import type { Failure } from './outcome.ts';

/** Cause of an attempt that failed because what it wrote is not the rest of the answer. */
export const continuationCause = (why: SeamRefusal): string => `continuation_${why}`;

/** Whether an attempt failed so. Its target did nothing wrong: it answered, and bills it. */
export const isRefusedContinuation = ({ cause }: Failure): boolean => cause.startsWith('continuation_');
