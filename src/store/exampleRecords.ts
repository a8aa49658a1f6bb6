// Records for the tests of this room: real shapes, with figures that a test may change.
import { randomFillSync } from 'node:crypto';
import { UuidV7Maker } from '../kernel/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { CapacityPiece } from '../ledger/index.ts';
import type { FinalRecord, IntentRecord, RequestRecord } from '../vocabulary/index.ts';

/** A maker of its own for each id: one maker never goes back in time, a test does. */
const idAt = (ms: number): string => new UuidV7Maker((target) => void randomFillSync(target)).next(ms);

/** 15 November 2026, noon, UTC. */
export const noonMs = Date.UTC(2026, 10, 15, 12);

/** A clock of the machine for timers, whose wall time a test may set. */
export const machineClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

export const exampleIntent = (change: Partial<IntentRecord> = {}): IntentRecord => {
  const startedAtMs = change.startedAtMs ?? noonMs;
  return {
    type: 'intent',
    attemptId: idAt(startedAtMs),
    requestId: idAt(startedAtMs),
    attempt: 1,
    organisation: 'default',
    team: 'research',
    key: 'demo',
    model: 'chat-large',
    provider: 'aurora',
    targetModel: 'aurora-large',
    vendor: 'aurora',
    hosts: { north: 1 },
    jurisdiction: 'EU',
    lab: 'aurora',
    region: 'eu-north',
    wire: 'aurora-wire',
    operation: 'generate',
    stream: true,
    contract: 'aurora-pool',
    startedAtMs,
    holdNanoUsd: '9000000',
    ...change,
  };
};

export const exampleFinal = (intent: IntentRecord, change: Partial<FinalRecord> = {}): FinalRecord => {
  const { holdNanoUsd: _hold, ...identity } = intent;
  const amountNanoUsd = change.amountNanoUsd ?? '2400000';
  return {
    ...identity,
    type: 'final',
    firstContentMs: 120.25,
    durationMs: 900.5,
    outcome: { kind: 'ok' },
    usage: { input: 1000, cacheRead: 200, output: 50, reasoning: 10, requests: 1 },
    basis: 'reported',
    lines: [
      {
        bucket: 'input',
        units: 1000,
        priceNanoUsdPerMillion: '2000000000',
        discount: '0',
        amountNanoUsd,
        source: 'sandbox',
      },
    ],
    amountNanoUsd,
    listNanoUsd: amountNanoUsd,
    rangeNanoUsd: [amountNanoUsd, amountNanoUsd],
    edits: ['model'],
    ...change,
  };
};

/** Of one job, whatever changes: an hour of eight accelerators of a slot. */
export const exampleCapacity = (change: Partial<CapacityPiece> = {}): CapacityPiece => ({
  identity: {
    jobId: '01a1df13-33a0-7abc-8def-0123456789ab',
    job: 'own-small-train',
    attempt: 1,
    organisation: 'default',
    team: 'research',
    key: 'ops',
    site: 'north-1',
    accelerator: 'GB200',
    vendor: 'aurora',
    hosts: { north: 1 },
    jurisdiction: 'EU',
    region: 'eu-north',
    contract: 'north-slot',
  },
  accelerators: 8,
  price: { hourNanoUsd: '3000000000', listHourNanoUsd: '4000000000', discount: '0.25', source: 'file' },
  billableSinceMs: noonMs,
  fromMs: noonMs,
  untilMs: noonMs + 3_600_000,
  endsBetweenMs: null,
  ...change,
});

export const exampleRequest = (finals: readonly FinalRecord[], change: Partial<RequestRecord> = {}): RequestRecord => {
  const first = finals[0];
  const startedAtMs = first?.startedAtMs ?? noonMs;
  return {
    type: 'request',
    requestId: first?.requestId ?? idAt(startedAtMs),
    organisation: 'default',
    team: 'research',
    key: 'demo',
    model: 'chat-large',
    wire: 'aurora-wire',
    operation: 'generate',
    stream: true,
    startedAtMs,
    durationMs: 950,
    status: 200,
    errorCode: null,
    decisions: [
      {
        attempt: 1,
        chosen: 'aurora/aurora-large',
        candidates: [
          { target: 'aurora/aurora-large', expectedUsd: 0.0024, score: 0.0024 },
          { target: 'borealis/borealis-large', expectedUsd: null, score: null, reason: 'over vendor cap 0.45' },
        ],
      },
    ],
    attemptIds: finals.map((final) => final.attemptId),
    ...change,
  };
};
