import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidateOf, noCaps, rateLimited, sharesOf, unpacedQuestion } from './candidates.fixture.ts';
import { choose, type Choice } from './choose.ts';
import { Health } from './Health.ts';
import { QuotaEstimate } from './QuotaEstimate.ts';

const heard = (...[reading, nowMs = 0]: [Parameters<QuotaEstimate['hear']>[0], number?]): QuotaEstimate => {
  const estimate = new QuotaEstimate(600_000);
  estimate.hear(reading, nowMs);
  return estimate;
};

describe('what a vendor says is left', () => {
  test('lets a request through that fits, and rests for one that does not until enough has flowed back', () => {
    const estimate = heard({ tokens: { limit: 60_000, remaining: 1_000, resetMs: 59_000 } });
    expect(estimate.rest(1_000, 0)).toBe(null);
    expect(estimate.rest(3_000, 0)).toEqual({ dimension: 'tokens', untilMs: 2_000 });
    expect(estimate.rest(3_000, 2_000)).toBe(null);
  });

  test('rests to the end where nobody says how much there is', () => {
    const estimate = heard({ requests: { limit: null, remaining: 0, resetMs: 8_000 } });
    expect(estimate.rest(1, 7_999)).toEqual({ dimension: 'requests', untilMs: 8_000 });
    expect(estimate.rest(1, 8_000)).toBe(null);
  });

  test('does not rest for ever for more than there ever is', () => {
    const estimate = heard({ inputTokens: { limit: 1_000, remaining: 0, resetMs: 10_000 } });
    expect(estimate.rest(50_000, 0)).toEqual({ dimension: 'inputTokens', untilMs: 10_000 });
    expect(estimate.rest(50_000, 10_000)).toBe(null);
  });

  test('rests for the limit that lasts longest, and for output only where none is left', () => {
    const estimate = heard({
      requests: { limit: 10, remaining: 0, resetMs: 10_000 },
      outputTokens: { limit: 100, remaining: 0, resetMs: 500_000 },
    });
    expect(estimate.rest(1, 0)).toEqual({ dimension: 'outputTokens', untilMs: 5_000 });
    expect(heard({ outputTokens: { limit: 100, remaining: 1, resetMs: 500_000 } }).rest(9_999, 0)).toBe(null);
  });

  test('grows less by what goes out before the vendor speaks again, and its next word counts', () => {
    const estimate = heard({ requests: { limit: 100, remaining: 2, resetMs: 98_000 } });
    for (let request = 0; request < 2; request++) estimate.spend(10);
    expect(estimate.rest(10, 0)).toEqual({ dimension: 'requests', untilMs: 1_000 });
    estimate.hear({ requests: { limit: 100, remaining: 100, resetMs: 0 } }, 0);
    expect(estimate.rest(10, 0)).toBe(null);
  });

  test('whatever it is told, it never rests longer than until the vendor says that all is back', () => {
    const left = fc.record({
      limit: fc.option(fc.nat(1_000)),
      remaining: fc.nat(1_000),
      resetMs: fc.nat(100_000),
    });
    fc.assert(
      fc.property(left, fc.array(fc.nat(2_000)), fc.nat(5_000), fc.nat(200_000), (told, spent, input, nowMs) => {
        const estimate = heard({
          tokens: { ...told, limit: told.limit === null ? null : told.limit + told.remaining },
        });
        for (const tokens of spent) estimate.spend(tokens);
        const rest = estimate.rest(input, nowMs);
        if (rest === null) return;
        expect(rest.untilMs).toBeGreaterThan(nowMs);
        expect(rest.untilMs).toBeLessThanOrEqual(told.resetMs);
      }),
    );
  });
});

describe('a choice', () => {
  const [a, b] = [candidateOf('a', 1), candidateOf('b', 2)];
  const chosen = (health: Health, candidates = [a, b], nowMs = 0): Choice =>
    choose({
      candidates,
      health,
      caps: noCaps,
      shares: sharesOf(0),
      tried: new Set(),
      attempt: 1,
      nowMs,
      ...unpacedQuestion,
    });
  const usedUp = { requests: { limit: 60, remaining: 0, resetMs: 60_000 } };

  const healthAfter = (reading: typeof usedUp): Health => {
    const health = new Health();
    const ticket = health.started(a, 0);
    health.heard(ticket, reading, 0);
    health.succeeded(ticket, { firstContentMs: 1, streamed: true, outputTokens: 1, tokens: 1 }, 0);
    return health;
  };

  test('goes to another where a quota is used up, and back when it is not any more', () => {
    const health = healthAfter(usedUp);
    const { decision } = chosen(health);
    expect(decision.chosen).toBe('b/m');
    expect(decision.forced).toBe(undefined);
    expect(decision.candidates[0]?.reason).toBe('quota rests for 1.0 s (its vendor says too few requests are left)');
    expect(chosen(health, [a, b], 1_000).decision.chosen).toBe('a/m');
  });

  test('goes there all the same where nobody else is left: an estimate refuses nobody', () => {
    const health = healthAfter(usedUp);
    const { decision } = chosen(health, [a]);
    expect([decision.chosen, decision.forced]).toEqual(['a/m', undefined]);
    expect(decision.candidates[0]?.reason).toContain('quota rests');
    health.failed(health.started(b, 0), rateLimited(60_000), 0);
    expect(chosen(health).decision.chosen).toBe('a/m');
  });

  test('counts a domain once, whichever of its targets told, and forgets what the file no longer names', () => {
    const twin = candidateOf('twin', 1, { quotaDomain: a.quotaDomain });
    const health = healthAfter(usedUp);
    expect(chosen(health, [twin, b]).decision.chosen).toBe('b/m');
    health.retain([b]);
    expect(chosen(health, [twin, b]).decision.chosen).toBe('twin/m');
  });

  test('believes no rest longer than the longest that a vendor may state', () => {
    const health = healthAfter({ requests: { limit: 1, remaining: 0, resetMs: 86_400_000 } });
    expect(chosen(health, [a, b], 299_999).decision.chosen).toBe('b/m');
    expect(chosen(health, [a, b], 300_000).decision.chosen).toBe('a/m');
  });
});
