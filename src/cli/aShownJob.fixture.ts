import type { Json } from '../http/index.ts';

type Fields = Readonly<Record<string, Json>>;

export const jobId = '01a21aa4-b93d-732e-9a06-f1efdb76e246';

/** An attempt as the control plane shows it. */
export const aShownAttempt = (differences: Fields = {}): Fields => ({
  attempt: 1,
  site: 'north-1',
  accelerator: 'GB200',
  accelerators: 4,
  basis: 'slot',
  contract: 'north-slot',
  state: 'running',
  placedAt: '2027-01-04T09:00:01.000Z',
  startedAt: '2027-01-04T09:00:02.000Z',
  endedAt: null,
  step: 1_200,
  checkpoint: 'step-1200.json',
  evidence: [{ at: '2027-01-04T09:00:02.000Z', what: 'started', detail: 'process 4711' }],
  lostSeconds: 0,
  lostNanoUsd: '0',
  costNanoUsd: '0',
  acceleratorSeconds: 0,
  ...differences,
});

/** A job as the control plane shows it. */
export const aShownJob = (differences: Fields = {}): Fields => ({
  id: jobId,
  name: 'own-small-train',
  kind: 'train',
  team: 'demo',
  state: 'running',
  site: 'north-1',
  submittedAt: '2027-01-04T09:00:00.000Z',
  submittedBy: 'ops',
  endedAt: null,
  attempts: [aShownAttempt()],
  evidence: [{ at: '2027-01-04T09:00:00.000Z', what: 'submitted', detail: 'by ops' }],
  lostSeconds: 0,
  lostNanoUsd: '0',
  costNanoUsd: '0',
  acceleratorSeconds: 0,
  serve: null,
  ...differences,
});
