import type { Job } from './Job.ts';

/** A job that was just accepted. */
export const newJob = (accepted: {
  readonly id: string;
  readonly organisation: string;
  readonly name: string;
  readonly written: unknown;
  readonly submittedBy: string;
  readonly nowMs: number;
}): Job => {
  const { nowMs, ...same } = accepted;
  return {
    ...same,
    version: 1,
    state: 'queued',
    submittedAtMs: nowMs,
    endedAtMs: null,
    stop: null,
    attempts: [],
    evidence: [{ atMs: nowMs, what: 'submitted', detail: `by ${accepted.submittedBy}` }],
    waitingFor: null,
  };
};
