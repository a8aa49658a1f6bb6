import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  summaryOf,
  type Job,
  type JobAttempt,
  type PlacementCandidate,
  type PlacementDecision,
} from '../placement/index.ts';
import { jobExplanation, jobJson, jobRow, logJson, submittedJson } from './jobJson.ts';

const atMs = Date.UTC(2027, 0, 4, 9);
const at = (seconds: number): string => new Date(atMs + seconds * 1_000).toISOString();

const candidate: PlacementCandidate = {
  site: 'north-1',
  vendor: 'aurora',
  region: null,
  accelerator: 'GB200',
  basis: 'slot',
  contract: 'north-slot',
  accelerators: 4,
  expected: { usd: 0.5, hours: 2, interruptions: 0, computeUsd: 0, restartUsd: 0, egressUsd: 0.5, restoreUsd: 0 },
  refusal: null,
  reason: 'chosen',
  source: 'file',
};

const decisionAt = (seconds: number, chosen: PlacementCandidate | null = candidate): PlacementDecision => ({
  decidedAtMs: atMs + seconds * 1_000,
  chosen,
  others: [{ ...candidate, site: 'south-1', expected: null, refusal: 'no_room', reason: 'needs 4, has 0 free' }],
  weighed: 2,
  refused: { no_room: 1 },
});

const attempt = (differences: Partial<JobAttempt> = {}): JobAttempt => ({
  number: 1,
  site: 'north-1',
  owner: 'here',
  noticed: false,
  place: { vendor: 'aurora', region: null, hosts: { north: 1 }, jurisdiction: null },
  accelerator: 'GB200',
  accelerators: 4,
  basis: 'slot',
  contract: 'north-slot',
  price: { hourNanoUsd: '0', listHourNanoUsd: '10', discount: '0', source: 'slot north-slot' },
  state: 'running',
  capacityUntilMs: null,
  ending: null,
  fenced: false,
  ready: false,
  placedAtMs: atMs + 1_000,
  billableSinceMs: atMs + 2_000,
  endedAtMs: null,
  heardAtMs: atMs + 9_000,
  step: 120,
  checkpoint: 'step-120.json',
  checkpointAtMs: atMs + 8_000,
  port: null,
  resumesFrom: null,
  lostSeconds: 0,
  lostNanoUsd: '0',
  meteredUntilMs: null,
  costNanoUsd: '0',
  acceleratorSeconds: 0,
  evidence: [{ atMs: atMs + 2_000, what: 'started', detail: 'process 4711' }],
  decision: decisionAt(1),
  ...differences,
});

const job = (differences: Partial<Job> = {}): Job => ({
  id: '01a21aa4-b93d-732e-9a06-f1efdb76e246',
  organisation: 'default',
  version: 7,
  name: 'own-small',
  written: { name: 'own-small', kind: 'train', team: 'demo', command: ['node', 'secret-free.ts'] },
  state: 'running',
  submittedAtMs: atMs,
  submittedBy: 'ops',
  endedAtMs: null,
  stop: null,
  attempts: [attempt()],
  evidence: [{ atMs, what: 'submitted', detail: 'by ops' }],
  waitingFor: null,
  ...differences,
});

describe('a job as it is shown', () => {
  test('has its attempts with what was seen, and times as instants', () => {
    expect(jobJson(job(), null)).toEqual({
      id: '01a21aa4-b93d-732e-9a06-f1efdb76e246',
      name: 'own-small',
      kind: 'train',
      team: 'demo',
      state: 'running',
      site: 'north-1',
      submittedAt: at(0),
      submittedBy: 'ops',
      endedAt: null,
      attempts: [
        {
          attempt: 1,
          site: 'north-1',
          accelerator: 'GB200',
          accelerators: 4,
          basis: 'slot',
          contract: 'north-slot',
          state: 'running',
          placedAt: at(1),
          startedAt: at(2),
          endedAt: null,
          step: 120,
          checkpoint: 'step-120.json',
          evidence: [{ at: at(2), what: 'started', detail: 'process 4711' }],
          lostSeconds: 0,
          lostNanoUsd: '0',
          costNanoUsd: '0',
          acceleratorSeconds: 0,
        },
      ],
      evidence: [{ at: at(0), what: 'submitted', detail: 'by ops' }],
      lostSeconds: 0,
      lostNanoUsd: '0',
      costNanoUsd: '0',
      acceleratorSeconds: 0,
      serve: null,
    });
  });

  test('stands at the site of its newest attempt, and at none before the first', () => {
    const attempts = [attempt({ state: 'lost' }), attempt({ number: 2, site: 'south-1' })];
    expect(jobJson(job({ attempts }), null)).toMatchObject({ site: 'south-1' });
    expect(jobJson(job({ state: 'queued', attempts: [] }), null)).toMatchObject({ site: null, attempts: [] });
  });

  test('lost and cost what its attempts did together, to the nano-dollar and the millisecond', () => {
    const parts = fc.array(
      fc.record({
        ms: fc.nat(1e9),
        lost: fc.bigInt(0n, 10n ** 30n),
        cost: fc.bigInt(0n, 10n ** 30n),
        used: fc.nat(1e9),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(parts, (drawn) => {
        const attempts = drawn.map(({ ms, lost, cost, used }, index) =>
          attempt({
            number: index + 1,
            lostSeconds: ms / 1_000,
            lostNanoUsd: String(lost),
            costNanoUsd: String(cost),
            acceleratorSeconds: used / 1_000,
          }),
        );
        expect(jobJson(job({ attempts }), null)).toMatchObject({
          lostSeconds: drawn.reduce((sum, { ms }) => sum + ms, 0) / 1_000,
          lostNanoUsd: String(drawn.reduce((sum, { lost }) => sum + lost, 0n)),
          costNanoUsd: String(drawn.reduce((sum, { cost }) => sum + cost, 0n)),
          acceleratorSeconds: drawn.reduce((sum, { used }) => sum + used, 0) / 1_000,
        });
      }),
    );
  });

  test('that serves tells its target as answers name it, and where it answers once it does', () => {
    const serve = { model: 'own-small', targetModel: 'own-small-v2', basePath: '/api' };
    const serving = job({ written: { kind: 'serve', team: 'demo', serve } });
    expect(jobJson(serving, 'http://127.0.0.1:43121')).toMatchObject({
      kind: 'serve',
      serve: { model: 'own-small', target: 'north-1.own-small/own-small-v2', url: 'http://127.0.0.1:43121/api' },
    });
    expect(jobJson(serving, null)).toMatchObject({ serve: { url: null } });
    expect(jobJson({ ...serving, attempts: [] }, null)).toMatchObject({ serve: { target: null, url: null } });
    const brief = job({ written: { kind: 'serve', team: 'demo', serve: { model: 'own-small' } } });
    expect(jobJson(brief, 'http://h:1')).toMatchObject({
      serve: { target: 'north-1.own-small/own-small', url: 'http://h:1/v1' },
    });
  });

  test('says nothing of its command and its environment', () => {
    const written = { kind: 'train', team: 'demo', command: ['node', 'canary'], environment: { TOKEN: 'canary' } };
    for (const shown of [
      jobJson(job({ written }), null),
      jobRow(summaryOf(job({ written }))),
      jobExplanation(job({ written })),
    ])
      expect(JSON.stringify(shown)).not.toContain('canary');
  });

  test('is shown also where its file is none that we know', () => {
    for (const written of [null, 'text', [], { kind: 7, serve: 'x' }])
      expect(jobJson(job({ written }), null)).toMatchObject({ kind: null, team: null, serve: null });
  });
});

test('a job in a list has the count of its attempts and what they cost', () => {
  const attempts = [attempt({ costNanoUsd: '5' }), attempt({ number: 2, site: 'south-1', costNanoUsd: '7' })];
  expect(jobRow(summaryOf(job({ attempts, state: 'succeeded', endedAtMs: atMs + 60_000 })))).toEqual({
    id: '01a21aa4-b93d-732e-9a06-f1efdb76e246',
    name: 'own-small',
    kind: 'train',
    team: 'demo',
    state: 'succeeded',
    site: 'south-1',
    submittedAt: at(0),
    endedAt: at(60),
    attempts: 2,
    costNanoUsd: '12',
  });
  expect(submittedJson(job())).toEqual({ id: '01a21aa4-b93d-732e-9a06-f1efdb76e246', state: 'running' });
});

test('an explanation has every decision, the newest first, with the attempt that came of it', () => {
  const attempts = [attempt({ decision: decisionAt(1) }), attempt({ number: 2, decision: decisionAt(30) })];
  const waiting = decisionAt(60, null);
  expect(jobExplanation(job({ state: 'queued', attempts, waitingFor: waiting }))).toEqual({
    id: '01a21aa4-b93d-732e-9a06-f1efdb76e246',
    state: 'queued',
    decisions: [
      { ...waiting, attempt: null },
      { ...decisionAt(30), attempt: 2 },
      { ...decisionAt(1), attempt: 1 },
    ],
  });
  expect(jobExplanation(job({ attempts: [] }))).toMatchObject({ decisions: [] });
});

test('a piece of output tells whose it is and where to read on', () => {
  expect(logJson({ text: 'loss 2.31\n', nextByte: 10, ended: false }, 2, 0)).toEqual({
    attempt: 2,
    rank: 0,
    text: 'loss 2.31\n',
    nextByte: 10,
    ended: false,
  });
});
