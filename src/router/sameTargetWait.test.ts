import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../vocabulary/index.ts';
import { badKey, candidateOf, rateLimited, refusedConnection, serverError } from './candidates.fixture.ts';
import { exhausted } from './exhausted.ts';
import { Health } from './Health.ts';
import { defaultHealthLimits } from './healthLimits.ts';
import { sameTargetWait, sameTargetWaitMsMax, type Prospects } from './sameTargetWait.ts';

const alone: Prospects = { deadlineMs: 60_000, attemptsLeft: 2, othersEligible: false };

describe('after a failure', () => {
  test('somebody else is asked at once, however short the wait would be', () => {
    expect(sameTargetWait(rateLimited(10), { ...alone, othersEligible: true })).toEqual({ action: 'other-target' });
  });

  test.each<[string, Failure, number]>([
    ['a short stated wait', rateLimited(2_000), 2_000],
    ['a quota without a word', rateLimited(), 1_000],
    ['a fault', serverError, 250],
    ['nobody there', refusedConnection, 250],
    ['a cut answer', { class: 'protocol', cause: 'no_terminal_event' }, 250],
  ])('the only target is tried again after %s', (_what, failure, waitMs) => {
    expect(sameTargetWait(failure, alone)).toEqual({ action: 'same-target', waitMs });
  });

  test.each<[string, Failure, Partial<Prospects>]>([
    ['the wait is long', rateLimited(2_001), {}],
    ['the deadline is nearer than the wait', rateLimited(1_500), { deadlineMs: 1_500 }],
    ['no attempt is left', rateLimited(1), { attemptsLeft: 0 }],
    ['no attempt is left, others or not', serverError, { attemptsLeft: 0, othersEligible: true }],
    ['the vendor said not to', { ...rateLimited(1), retrySameTarget: false }, {}],
    ['the credential is bad', badKey, {}],
    ['the request is to blame', { class: 'client', cause: 'bad_request' }, { othersEligible: true }],
    ['the target cannot do it', { class: 'capability', cause: 'unsupported_parameter' }, {}],
  ])('it is not where %s', (_what, failure, differs) => {
    expect(sameTargetWait(failure, { ...alone, ...differs })).toEqual({ action: 'stop' });
  });
});

interface Row {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly waitMs?: number;
  readonly action?: string;
  readonly cooldownMs?: number;
}

const rows: readonly Row[] = JSON.parse(
  readFileSync(new URL('../../test/fixtures/cases/23-retry-after-ignored.cases.json', import.meta.url), 'utf8'),
);

/** The row as a wire classifies it. */
const failureOf = (row: Row): Failure => {
  const failureClass = row.status === 400 ? 'client' : row.status === 503 ? 'transient' : 'quota';
  const statedMs = row.waitMs ?? row.cooldownMs;
  return {
    class: failureClass,
    cause: 'as_recorded',
    status: row.status,
    ...(statedMs === undefined ? {} : { retryAfterMs: statedMs }),
    ...(row.headers['x-should-retry'] === 'false' ? { retrySameTarget: false } : {}),
  };
};

describe('case 23, Retry-After obeyed', () => {
  const a = candidateOf('a', 1);

  test.each(rows.filter(({ status }) => status !== 200).map((row) => [JSON.stringify(row), row] as const))(
    '%s',
    (_name, row) => {
      const failure = failureOf(row);
      const health = new Health();
      health.failed(health.started(a, 0), failure, 0);
      const step = sameTargetWait(failure, alone);
      const waitMs = step.action === 'same-target' ? step.waitMs : null;
      const statedMs = failure.retryAfterMs;
      // No attempt inside the vendor's window: neither by this request, nor by any other.
      if (waitMs !== null) expect(waitMs).toBeGreaterThanOrEqual(statedMs ?? 1);
      if (failure.class !== 'client') {
        const { statedWaitMsMin, statedWaitMsMax } = defaultHealthLimits;
        const expectedMs = Math.min(Math.max(statedMs ?? 1_000, statedWaitMsMin), statedWaitMsMax);
        expect(health.admit(a, 0)).toMatchObject({ open: false, untilMs: expectedMs });
        expect(health.admit(a, expectedMs).open).toBe(true);
        if (waitMs !== null) expect(health.admit(a, waitMs, true).open).toBe(true);
      }
      if (row.waitMs !== undefined && row.waitMs <= 2_000) expect(waitMs).toBe(row.waitMs);
      if (row.waitMs !== undefined && row.waitMs > 2_000) expect(step).toEqual({ action: 'stop' });
      if (row.action?.startsWith('no-retry') === true) expect(step).toEqual({ action: 'stop' });
      if (row.action === 'other-target-now') {
        expect(sameTargetWait(failure, { ...alone, othersEligible: true })).toEqual({ action: 'other-target' });
        expect(step).toEqual({ action: 'stop' });
      }
      if (row.action === 'backoff-default' || row.action === 'retry-or-other-target') {
        expect(waitMs).toBe(1_000);
      }
      // The exhausted reply carries a Retry-After, the vendor's own where there was one.
      const reply = exhausted([failure], { candidates: [a], health, nowMs: 0 });
      if (failure.class !== 'client') expect(reply.retryAfterMs).toBe(statedMs ?? 1_000);
    },
  );

  test('a Retry-After on a 200 changes nothing: a success does not carry one', () => {
    expect(rows.filter(({ status, action }) => status === 200 && action === 'none')).toHaveLength(1);
    const health = new Health();
    health.succeeded(health.started(a, 0), { firstContentMs: 5, streamed: true, outputTokens: 1, tokens: 1 }, 10);
    expect(health.admit(a, 10)).toEqual({ open: true, probe: false });
  });
});

test('no wait is longer than the deadline or than worth it, and none ends inside the time that the vendor asked for', () => {
  const failures = fc.record({
    class: fc.constantFrom('client', 'capability', 'operator', 'quota', 'transient', 'protocol', 'content_policy'),
    cause: fc.constant('x'),
    retryAfterMs: fc.nat(10_000),
    retrySameTarget: fc.boolean(),
  } as const);
  const prospects = fc.record({
    deadlineMs: fc.integer({ min: -10, max: 5_000 }),
    attemptsLeft: fc.nat(3),
    othersEligible: fc.boolean(),
  });
  fc.assert(
    fc.property(failures, prospects, (failure, given) => {
      const step = sameTargetWait(failure, given);
      if (given.attemptsLeft === 0 || failure.class === 'client') expect(step).toEqual({ action: 'stop' });
      if (step.action !== 'same-target') return;
      expect(step.waitMs).toBeLessThanOrEqual(sameTargetWaitMsMax);
      expect(step.waitMs).toBeLessThan(given.deadlineMs);
      expect(step.waitMs).toBeGreaterThanOrEqual(failure.retryAfterMs);
      expect([given.othersEligible, failure.retrySameTarget]).toEqual([false, true]);
    }),
    { numRuns: 200 },
  );
});
