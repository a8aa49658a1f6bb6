import { describe, expect, test } from 'vitest';
import { nanoUsd } from '../kernel/index.ts';
import type { Candidate } from '../router/index.ts';
import type { RequestRecord } from '../vocabulary/index.ts';
import { LiveDrill, type LiveDrillParts } from './LiveDrill.ts';
import { missedBy } from './requirement.ts';
import { noonMs } from './supply.fixture.ts';

const drillOf = (differs: Partial<LiveDrillParts> = {}): LiveDrill =>
  new LiveDrill({
    id: '01a222d1-66d4-73ea-b40b-fb77eead30b7',
    losses: [{ kind: 'host', name: 'north' }],
    share: 1,
    team: null,
    key: null,
    fromMs: noonMs,
    untilMs: noonMs + 600_000,
    errorBudget: 0.01,
    lost: () => new Set(['aurora/m']),
    ...differs,
  });

const candidate = (provider: string): Candidate => ({
  target: { provider, model: 'm' },
  credential: `${provider}/main`,
  quotaDomain: provider,
  vendor: provider,
  hosts: { north: 1 },
  jurisdiction: null,
  lab: null,
  inputTokens: 10,
  cachedTokens: 0,
  outputTokens: 10,
  expectedUsd: 1,
  refusal: null,
  rest: null,
  paced: -1,
  next: null,
  expectedMs: null,
  weight: null,
  slowness: null,
});

/** @param draw where in the draw of all requests it stands, 0 to below 1. */
const idAt = (draw: number): string =>
  `01a222d1-66d4-73ea-b40b-0000${Math.floor(draw * 2 ** 32)
    .toString(16)
    .padStart(8, '0')}`;

const requestOf = (differs: Partial<RequestRecord> = {}): RequestRecord => ({
  type: 'request',
  requestId: idAt(0),
  organisation: 'default',
  team: 'research',
  key: 'demo',
  model: 'chat',
  wire: 'openai-chat',
  operation: 'generate',
  stream: false,
  startedAtMs: noonMs,
  durationMs: 100,
  status: 200,
  errorCode: null,
  decisions: [],
  attemptIds: ['a', 'b'],
  ...differs,
});

const failed = requestOf({ status: 502, errorCode: 'all_targets_failed' });

describe('a live drill', () => {
  test('is met by its share of the requests in its scope, always the same', () => {
    const drill = drillOf({ share: 0.2, team: 'research', key: 'demo' });
    const meets = (draw: number, who: { team?: string; key?: string } = {}): boolean =>
      drill.meets({ requestId: idAt(draw), team: 'research', key: 'demo', ...who });
    expect([0, 0.199, 0.201, 0.9].map((draw) => meets(draw))).toEqual([true, true, false, false]);
    expect([meets(0, { team: 'sales' }), meets(0, { key: 'other' })]).toEqual([false, false]);
  });

  test('makes a lost target fail once, and has it passed over until it is asked again, as one that is down', () => {
    const drill = drillOf();
    expect(drill.restOf(candidate('aurora'), 0)).toBeNull();
    expect(drill.fault(candidate('aurora'), 0)).toBe(true);
    expect(drill.restOf(candidate('aurora'), 10)).toMatchObject({
      open: false,
      reason: expect.stringMatching(/^drill: target benched/),
      lastResort: false,
    });
    expect(drill.restOf(candidate('aurora'), 60_000)).toBeNull();
    expect([drill.restOf(candidate('borealis'), 10), drill.fault(candidate('borealis'), 10)]).toEqual([null, false]);
    expect(drill.report()).toMatchObject({ faults: 1, without: ['host:north'] });
  });

  test('counts who was served and what that cost, and passes over what is no word about the supply', () => {
    const drill = drillOf();
    expect(drill.ended(requestOf(), nanoUsd(500n))).toBe('served');
    expect(drill.ended(failed, nanoUsd(0n))).toBe('failed');
    for (const other of [
      requestOf({ status: 499 }),
      requestOf({ status: 400 }),
      requestOf({ status: 402, errorCode: 'budget_exhausted' }),
      requestOf({
        status: 429,
        errorCode: 'rate_limited',
        decisions: [{ attempt: 1, chosen: null, limited: 'team', candidates: [] }],
      }),
    ])
      expect(drill.ended(other, nanoUsd(0n))).toBeNull();
    expect(drill.report()).toMatchObject({
      requests: 2,
      served: 1,
      servedShare: 0.5,
      amountNanoUsd: '500',
      attempts: 4,
      meanDurationMs: 100,
      teams: [{ name: 'research', requests: 2, served: 1, moved: null, addedNanoUsd: null }],
    });
  });

  test('is over its budget as soon as more failed than a share of a hundred, or of all', () => {
    const drill = drillOf({ errorBudget: 0.02 });
    const failures = [1, 2, 3].map(() => {
      drill.ended(failed, nanoUsd(0n));
      return drill.isOverBudget;
    });
    expect(failures).toEqual([false, false, true]);
  });

  test('meets no requirement while it runs, nor where it was cut off or nobody met it', () => {
    const served = { measure: 'served', bound: 0.5 } as const;
    const drill = drillOf();
    drill.ended(requestOf(), nanoUsd(1n));
    const running = drill.report();
    expect(missedBy(served, running)).toBe('served is not known: the drill still runs');
    expect(missedBy(served, { ...running, state: 'cut-off' })).toMatch(/: the drill was cut off with its process$/);
    expect(missedBy(served, { ...running, state: 'ended' })).toBeNull();
    expect(missedBy(served, { ...running, state: 'ended', requests: 0 })).toMatch(/: no request met the drill$/);
  });

  test('makes nothing fail and counts nothing once it has ended', () => {
    const drill = drillOf();
    expect([drill.end('stopped', noonMs + 5), drill.end('ended', noonMs + 9)]).toEqual([true, false]);
    expect([drill.fault(candidate('aurora'), 0), drill.restOf(candidate('aurora'), 0)]).toEqual([false, null]);
    expect(drill.ended(requestOf(), nanoUsd(1n))).toBeNull();
    expect(drill.report()).toMatchObject({ state: 'stopped', untilMs: noonMs + 5, requests: 0 });
  });
});
