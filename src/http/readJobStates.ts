import type { JobState } from '../placement/index.ts';

// A record, so that the compiler names a state that is missing here.
const known: Readonly<Record<JobState, true>> = {
  queued: true,
  starting: true,
  running: true,
  serving: true,
  unreachable: true,
  stopping: true,
  succeeded: true,
  failed: true,
  cancelled: true,
};

const isJobState = (word: string): word is JobState => Object.hasOwn(known, word);

/** Where a job may stand, from its beginning to its ends. */
export const jobStates: readonly JobState[] = Object.keys(known).filter(isJobState);

/** "running" or "running,serving": one state or several, each once; null where it is something else. */
export const readJobStates = (written: string): readonly JobState[] | null => {
  const words = written.split(',');
  return words.length <= jobStates.length && words.every(isJobState) && new Set(words).size === words.length
    ? words
    : null;
};
