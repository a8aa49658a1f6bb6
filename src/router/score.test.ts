import { describe, expect, test, vi } from 'vitest';
import { ask, candidateOf, noCaps, refusedConnection, sharesOf } from './candidates.fixture.ts';
import { Health } from './Health.ts';
import { Pacer } from './pacing/Pacer.ts';
import { floorOf, planOf, poolOf, targetOf } from './pacing/plans.fixture.ts';

describe('the score', () => {
  const targets = [targetOf('pooled', { pools: [0] }), targetOf('floored', { floors: [0] })];
  const paced = () => new Pacer(planOf({ targets, pools: [poolOf()], floors: [floorOf()] }));
  const pooled = (usd: number) => candidateOf('pooled', usd, { paced: 0 });
  const floored = (usd: number) => candidateOf('floored', usd, { paced: 1 });
  const unpaced = (usd: number) => candidateOf('unpaced', usd);

  test('takes what burns a pool for what it is worth, and tells the factor', () => {
    const { index, decision } = ask([unpaced(1), pooled(1.9)], { pacer: paced() });
    expect(index).toBe(1);
    expect(decision.candidates).toEqual([
      { target: 'unpaced/m', expectedUsd: 1, score: 1 },
      { target: 'pooled/m', expectedUsd: 1.9, score: 0.95, terms: { factor: 0.5 } },
    ]);
    expect(ask([unpaced(1), pooled(2.1)], { pacer: paced() }).index).toBe(0);
  });

  test('fills a floor first, spills over what it does not take, and comes back to it', () => {
    const pacer = paced();
    const asked = (atMs: number) => ask([unpaced(1), floored(1)], { pacer, atMs });
    const first = asked(0);
    expect(first.index).toBe(1);
    expect(first.decision.candidates[1]).toEqual({
      target: 'floored/m',
      expectedUsd: 1,
      score: 0.3,
      terms: { freeUsd: 1, bid: 0.3 },
    });
    pacer.take(1, 2, {}, 1);
    // Full: as dear as the other, which stands first.
    expect(asked(30_000).index).toBe(0);
    expect(asked(60_000).index).toBe(1);
  });

  test('teaches a floor what a request comes to without it, once for each request', () => {
    const pacer = paced();
    const saw = vi.spyOn(pacer, 'saw');
    const question = { pacer, atMs: 7 };
    ask([unpaced(2), floored(1)], question);
    ask([unpaced(2), floored(1)], { ...question, isKnown: true });
    ask([unpaced(2), floored(1)], { ...question, isKnown: true, lastResort: true });
    expect(saw).toHaveBeenCalledExactlyOnceWith(1, 1, 100, 0, 100, 2, 7);
  });

  test('counts a half that a floor takes by the bid and the other half whole', () => {
    const pacer = paced();
    pacer.take(1, 1.5, {}, 0);
    const { decision } = ask([floored(1)], { pacer, atMs: 15_000 });
    const { freeUsd = 0, bid = 0 } = decision.candidates[0]!.terms!;
    expect([freeUsd, bid]).toEqual([0.5, 0.3 + 0.5 * (0.75 - 0.25)]);
    expect(decision.candidates[0]!.score).toBe(0.5 + bid * 0.5);
  });

  test('takes off what a warm cache is worth to the next turn, against the best of the others that are left', () => {
    const warm = candidateOf('warm', 1.05, { cachedTokens: 90, next: { warmUsd: 0.2, fullUsd: 1 } });
    const cold = candidateOf('cold', 1, { next: { warmUsd: 0.6, fullUsd: 0.9 } });
    const stays = ask([cold, warm], { nextTurnShare: 0.5 });
    expect(stays.index).toBe(1);
    expect(stays.decision.candidates[1]).toEqual({
      target: 'warm/m',
      expectedUsd: 1.05,
      score: 1.05 - 0.5 * (0.9 - 0.2),
      terms: { cachedTokens: 90, nextTurnUsd: 0.5 * (0.9 - 0.2) },
    });
    expect(ask([cold, warm], { nextTurnShare: 0 }).index).toBe(0);
    // Who is ruled out is no other place to go to.
    const gone = { ...cold, refusal: 'context' };
    expect(ask([gone, warm], { nextTurnShare: 0.5 }).decision.candidates[1]!.terms!.nextTurnUsd).toBe(0.5 * 0.8);
  });

  test('adds what the time until the answer is worth, where anything is known of it', () => {
    const slow = candidateOf('slow', 1, { expectedMs: 4_000 });
    const quick = candidateOf('quick', 1.02, { expectedMs: 1_000 });
    expect(ask([slow, quick]).index).toBe(0);
    const { index, decision } = ask([slow, quick, candidateOf('unknown', 1.1)], { usdPerSecond: 0.01 });
    expect(index).toBe(1);
    expect(decision.candidates).toEqual([
      { target: 'slow/m', expectedUsd: 1, score: 1.04, terms: { latencyMs: 4_000, latencyUsd: 0.04 } },
      { target: 'quick/m', expectedUsd: 1.02, score: 1.03, terms: { latencyMs: 1_000, latencyUsd: 0.01 } },
      { target: 'unknown/m', expectedUsd: 1.1, score: 1.1 },
    ]);
  });

  test('tells the share that the file wants a target to have', () => {
    expect(ask([candidateOf('a', 1, { weight: 0.25 })]).decision.candidates[0]!.terms).toEqual({ weight: 0.25 });
  });
});

describe('a target that is slower than usual', () => {
  const slow = candidateOf('slow', 1, { slowness: 3.21 });

  test('comes after those that are free, whatever they cost, and says why', () => {
    const { index, decision } = ask([slow, candidateOf('dear', 9)]);
    expect(index).toBe(1);
    expect(decision.candidates[0]!.reason).toBe('3.2 times as slow as usual');
  });

  test('comes before those over a cap, and is no forced choice', () => {
    const caps = { ...noCaps, vendor: 0.45 };
    const { index, decision } = ask([slow, candidateOf('over', 0.5)], {
      caps,
      shares: sharesOf(10, { 'vendor:over': 9 }),
    });
    expect(index).toBe(0);
    expect(decision.forced).toBeUndefined();
  });
});

describe('the guard of a paced choice', () => {
  const caps = { ...noCaps, vendor: 0.45 };
  const shares = sharesOf(99, { 'vendor:a': 44 });

  test('keeps a margin below the cap', () => {
    const candidates = [candidateOf('a', 1), candidateOf('b', 2)];
    expect(ask(candidates, { caps, shares }).index).toBe(0);
    expect(ask(candidates, { caps, shares, pacer: new Pacer(planOf()) }).index).toBe(1);
  });

  test('is broken, with the score told, where nobody else is left', () => {
    const health = new Health();
    const b = candidateOf('b', 2);
    health.failed(health.started(b, 0), refusedConnection, 0);
    const pacer = new Pacer(planOf({ targets: [targetOf('a', { pools: [0] })], pools: [poolOf()] }));
    const { index, decision } = ask([candidateOf('a', 1, { paced: 0 }), b], { caps, shares, health, pacer });
    expect(index).toBe(0);
    expect(decision.forced).toBe('over vendor cap 0.45 (a)');
    expect(decision.candidates[0]!.terms).toEqual({ factor: 0.5 });
  });
});
