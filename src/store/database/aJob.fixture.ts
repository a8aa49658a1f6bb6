import { UuidV7Maker } from '../../kernel/index.ts';
import type { Job, JobAttempt } from '../../placement/index.ts';

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

/** An attempt that has just begun, on capacity of a slot. */
export const anAttempt = (differences: Partial<JobAttempt> = {}): JobAttempt => ({
  number: 1,
  site: 'north-1',
  owner: 'this machine',
  place: { vendor: 'aurora', region: null, hosts: { north: 1 }, jurisdiction: null },
  accelerator: 'GB200',
  accelerators: 4,
  basis: 'slot',
  contract: 'north-slot',
  price: { hourNanoUsd: '0', listHourNanoUsd: '10', discount: '0', source: 'slot north-slot' },
  capacityUntilMs: null,
  state: 'running',
  ending: null,
  fenced: false,
  noticed: false,
  ready: false,
  placedAtMs: submittedAtMs,
  billableSinceMs: submittedAtMs,
  endedAtMs: null,
  heardAtMs: submittedAtMs,
  step: null,
  checkpoint: null,
  checkpointAtMs: null,
  port: null,
  resumesFrom: null,
  lostSeconds: 0,
  lostNanoUsd: '0',
  meteredUntilMs: null,
  costNanoUsd: '0',
  acceleratorSeconds: 0,
  evidence: [],
  decision: { decidedAtMs: submittedAtMs, chosen: null, others: [], weighed: 0, refused: {} },
  ...differences,
});
