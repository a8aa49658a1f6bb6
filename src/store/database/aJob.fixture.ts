import { UuidV7Maker } from '../../kernel/index.ts';
import type { Job } from '../../placement/index.ts';

const maker = new UuidV7Maker((target) => void crypto.getRandomValues(target));

/** When the first job of a test was submitted. Unix milliseconds. */
export const submittedAtMs = Date.UTC(2027, 0, 4, 9);

/** A job that was just accepted, each a second after the one before. */
export const aJob = (differences: Partial<Job> = {}, nth = 0): Job => ({
  id: maker.next(submittedAtMs + nth * 1_000),
  organisation: 'default',
  version: 1,
  name: 'own-small-train',
  written: { name: 'own-small-train', kind: 'train', team: 'research', command: ['node', 'train.ts'] },
  state: 'queued',
  submittedAtMs: submittedAtMs + nth * 1_000,
  submittedBy: 'ops',
  endedAtMs: null,
  stop: null,
  attempts: [],
  evidence: [{ atMs: submittedAtMs, what: 'submitted', detail: 'by ops' }],
  waitingFor: null,
  ...differences,
});
