// Sites, jobs and attempts for tests of this folder.
import type { Job, JobAttempt, PlacementDecision, ServingJob } from '../../placement/index.ts';
import { testConfiguration, testFile } from '../testConfiguration.fixture.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';

/** 15 November 2026, noon, UTC. */
export const noonMs = Date.UTC(2026, 10, 15, 12);

export const jobId = '01a21aa4-b93d-732e-9a06-f1efdb76e246';

/** `north-1` has eight GB200 that the contract `north-slot` pays for and two H100 by the hour, `south-1` eight GB200 by the hour. */
export const twoSites: Readonly<Record<string, unknown>> = {
  sites: {
    'north-1': {
      executor: 'local',
      vendor: 'aurora',
      region: 'north',
      host: 'north',
      jurisdiction: 'EU',
      accelerators: [
        { kind: 'GB200', count: 8 },
        { kind: 'H100', count: 2 },
      ],
      price: { GB200: { hourUsd: '16' }, H100: { hourUsd: '4' } },
    },
    'south-1': {
      executor: 'local',
      vendor: 'borealis',
      host: [{ name: 'south' }, { name: 'north', share: 0.25 }],
      accelerators: [{ kind: 'GB200', count: 8 }],
      price: { GB200: { hourUsd: '18' } },
    },
  },
  contracts: [
    {
      id: 'north-slot',
      vendor: 'aurora',
      covers: [{ site: 'north-1' }],
      kind: 'slot',
      accelerator: 'GB200',
      count: 8,
      period: ['2026-01-01', '2036-01-01'],
    },
  ],
};

/** A configuration with these sites, and what a test adds or replaces. */
export const configurationWith = (sections: Readonly<Record<string, unknown>> = {}): ArchipelConfiguration =>
  testConfiguration(testFile({ ...twoSites, ...sections }), { A_KEY: 'credential-a' }, noonMs).configuration;

/** A job file as it is sent, with what a test adds or replaces. */
export const jobFile = (more: Readonly<Record<string, unknown>> = {}) => ({
  name: 'own-small',
  kind: 'train',
  team: 'research',
  command: ['node', 'train.ts'],
  directory: '/jobs',
  accelerators: { anyOf: [{ kind: 'GB200', perRank: 4 }] },
  hours: '0.01',
  ...more,
});

const decision: PlacementDecision = { decidedAtMs: noonMs, chosen: null, others: [], weighed: 0, refused: {} };

/** An attempt that runs on four accelerators of the slot, since noon. */
export const anAttempt = (more: Partial<JobAttempt> = {}): JobAttempt => ({
  number: 1,
  site: 'north-1',
  owner: 'this machine',
  place: { vendor: 'aurora', region: 'north', hosts: { north: 1 }, jurisdiction: 'EU' },
  accelerator: 'GB200',
  accelerators: 4,
  basis: 'slot',
  contract: 'north-slot',
  price: { hourNanoUsd: '0', listHourNanoUsd: '16000000000', discount: '0', source: 'slot north-slot' },
  capacityUntilMs: null,
  state: 'running',
  ending: null,
  fenced: false,
  ready: false,
  noticed: false,
  placedAtMs: noonMs,
  billableSinceMs: noonMs,
  endedAtMs: null,
  heardAtMs: noonMs,
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
  decision,
  ...more,
});

/** A job that was just accepted. */
export const aJob = (more: Partial<Job> = {}): Job => ({
  id: jobId,
  organisation: 'default',
  version: 1,
  name: 'own-small',
  written: jobFile(),
  state: 'queued',
  submittedAtMs: noonMs,
  submittedBy: 'ops',
  endedAtMs: null,
  stop: null,
  attempts: [],
  evidence: [{ atMs: noonMs, what: 'submitted', detail: 'by ops' }],
  waitingFor: null,
  ...more,
});

/** A job that serves the model `chat` on port 43121. */
export const aServingJob = (more: Partial<ServingJob> = {}): ServingJob => ({
  job: aJob(),
  serve: {
    model: 'chat',
    targetModel: 'own-small',
    wire: 'openai',
    port: null,
    basePath: '/v1',
    readinessPath: '/healthz',
    drainSeconds: 30,
  },
  attempt: anAttempt({ state: 'serving', ready: true, port: 43_121 }),
  provider: 'north-1.own-small',
  origin: 'http://127.0.0.1:43121',
  ...more,
});
