/** Bounds of jobs and of the loop that runs them. */
export const placementLimits = {
  /** Ranks of one job. */
  ranks: 1_024,
  /** Words of a command, and characters of each. */
  commandWords: 1_000,
  wordCharacters: 32_768,
  /** Variables of a job's own environment. */
  variables: 1_000,
  /** Kinds of accelerator that one job can use. */
  choices: 16,
  data: 64,
  /** Times that one job is placed. */
  attempts: 100,
  /** Candidates that a decision keeps beside the chosen one. */
  candidates: 20,
  /** Pieces of evidence that an attempt, and a job, keep: the first and the newest. */
  evidence: 50,
  /** Characters of one piece of evidence. */
  evidenceCharacters: 500,
  /** Jobs that have not ended, all together. */
  openJobs: 10_000,
} as const;
