import { describe, expect, test } from 'vitest';
import type { Failure } from '../vocabulary/index.ts';
import type { Candidate } from './candidate.ts';
import {
  badKey,
  candidateOf,
  rateLimited,
  refusedConnection,
  serverError,
  unknownDeployment,
} from './candidates.fixture.ts';
import { exhausted, type Exhaustion } from './exhausted.ts';
import { Health } from './Health.ts';

const [a, b] = [candidateOf('a', 1), candidateOf('b', 2)];

/** Ends a request whose attempts failed in this way, one per candidate, when others had failed before like this. */
const end = (
  attempts: readonly (readonly [Candidate, Failure])[],
  before: readonly (readonly [Candidate, Failure])[] = [],
  candidates: readonly Candidate[] = [a, b],
): Exhaustion => {
  const health = new Health();
  for (const [candidate, failure] of [...before, ...attempts]) health.failed(health.started(candidate, 0), failure, 0);
  return exhausted(
    attempts.map(([, failure]) => failure),
    { candidates, health, nowMs: 0 },
  );
};

describe('a request for which nobody is left', () => {
  test('is rate limited when every attempt met a quota, with the smallest wait stated', () => {
    expect(
      end([
        [a, rateLimited(30_000)],
        [b, rateLimited(7_000)],
      ]),
    ).toEqual({ code: 'rate_limited', retryAfterMs: 7_000 });
  });

  test('keeps the true wait of a vendor whose target we look at again sooner', () => {
    expect(end([[a, rateLimited(3_600_000)]], [], [a]).retryAfterMs).toBe(3_600_000);
  });

  test('has failed everywhere when the failures differ', () => {
    expect(
      end([
        [a, rateLimited(7_000)],
        [b, serverError],
      ]),
    ).toEqual({ code: 'all_targets_failed', retryAfterMs: 7_000 });
  });

  test('is told when the first target comes back where no vendor stated a wait', () => {
    expect(
      end([
        [a, refusedConnection],
        [b, badKey],
      ]),
    ).toEqual({ code: 'all_targets_failed', retryAfterMs: 1_000 });
    expect(end([[a, serverError]], [], [a])).toEqual({ code: 'all_targets_failed', retryAfterMs: 1_000 });
  });

  test('lacks credentials, never authorisation of its own, when no vendor takes ours', () => {
    expect(
      end([
        [a, badKey],
        [b, unknownDeployment],
      ]),
    ).toEqual({ code: 'upstream_credentials', retryAfterMs: 30_000 });
    expect(end([], [[a, badKey]], [a])).toEqual({ code: 'upstream_credentials', retryAfterMs: 30_000 });
  });

  test('does not blame the credentials while another target only has to cool down', () => {
    expect(end([[a, badKey]], [[b, rateLimited(4_000)]])).toEqual({ code: 'all_targets_failed', retryAfterMs: 4_000 });
  });

  test('does not blame the credentials while another target only has to be waited for', () => {
    const busy: Failure = { ...serverError, retryAfterMs: 5_000 };
    expect(end([[a, badKey]], [[b, busy]])).toEqual({ code: 'all_targets_failed', retryAfterMs: 5_000 });
    expect(end([], [[a, unknownDeployment]], [a]).code).toBe('upstream_credentials');
  });

  test('is rate limited without an attempt when every target cools down', () => {
    expect(
      end(
        [],
        [
          [a, rateLimited(9_000)],
          [b, rateLimited(5_000)],
        ],
      ),
    ).toEqual({ code: 'rate_limited', retryAfterMs: 5_000 });
  });

  test('has no eligible target, and a time to come back, when all are out for several reasons', () => {
    expect(
      end(
        [],
        [
          [a, refusedConnection],
          [b, badKey],
        ],
      ),
    ).toEqual({ code: 'no_eligible_target', retryAfterMs: 1_000 });
  });

  test('is not told to wait where no waiting helps', () => {
    const unfit = [candidateOf('a', 1, { refusal: 'unpriced' })];
    expect(end([], [], unfit)).toEqual({ code: 'no_eligible_target', retryAfterMs: 0 });
    expect(end([], [], [])).toEqual({ code: 'no_eligible_target', retryAfterMs: 0 });
  });
});
