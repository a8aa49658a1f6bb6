import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { candidateName, type Candidate } from './candidate.ts';
import {
  ask,
  badKey,
  candidateOf,
  noCaps,
  rateLimited,
  refusedConnection,
  serverError,
  sharesOf,
  unknownDeployment,
} from './candidates.fixture.ts';
import { guardForecastShare, type Caps, type Dimension } from './concentrationGuard.ts';
import { Health } from './Health.ts';
import type { Pacing } from './pacing/Pacing.ts';

const failAll = (health: Health, candidate: Candidate, times: number, nowMs: number): void => {
  for (let time = 0; time < times; time++) health.failed(health.started(candidate, nowMs), serverError, nowMs);
};

describe('choose', () => {
  test('takes the cheapest and explains the losers', () => {
    const { decision, index } = ask([candidateOf('a', 3), candidateOf('b', 1), candidateOf('c', 2)]);
    expect(index).toBe(1);
    expect(decision).toEqual({
      attempt: 1,
      chosen: 'b/m',
      candidates: [
        { target: 'a/m', expectedUsd: 3, score: 3 },
        { target: 'b/m', expectedUsd: 1, score: 1 },
        { target: 'c/m', expectedUsd: 2, score: 2 },
      ],
    });
  });

  test('takes the first in file order among equals', () => {
    expect(ask([candidateOf('a', 2), candidateOf('b', 1), candidateOf('c', 1)]).index).toBe(1);
  });

  test('takes the first of drawn places, whatever it costs, among those that nothing speaks against', () => {
    const placed = [
      candidateOf('a', 1, { weight: 3 }),
      candidateOf('b', 9, { weight: 2 }),
      candidateOf('c', 8, { weight: 2 }),
      candidateOf('d', 1, { weight: 0, slowness: 5 }),
    ];
    expect(ask(placed).index).toBe(2);
    expect(ask(placed, { tried: new Set(['c/m', 'b/m']) }).index).toBe(0);
    expect(ask(placed, { tried: new Set(['a/m', 'b/m', 'c/m']) }).index).toBe(3);
  });

  test('takes the one nearest to the conversation among equals, whatever their order, and no dearer one', () => {
    const [a, b, c] = [candidateOf('a', 1), candidateOf('b', 1), candidateOf('c', 1.1)];
    const chosenFor = (conversation: string, candidates: readonly Candidate[]): string | null =>
      ask(candidates, { conversation }).decision.chosen;
    const chosen = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => chosenFor(name, [a, b, c]));
    expect(new Set(chosen)).toEqual(new Set(['a/m', 'b/m']));
    expect(['one', 'two', 'three', 'four', 'five', 'six'].map((name) => chosenFor(name, [c, b, a]))).toEqual(chosen);
  });

  test('takes the one that costs less by its price among those whose score is the same, whatever their order', () => {
    const [dear, cheap] = [candidateOf('a', 2), candidateOf('b', 1, { expectedMs: 1_000 })];
    for (const conversation of ['one', 'two', 'three', 'four']) {
      expect(ask([dear, cheap], { conversation, usdPerSecond: 1 }).decision.chosen).toBe('b/m');
      expect(ask([cheap, dear], { conversation, usdPerSecond: 1 }).decision.chosen).toBe('b/m');
    }
  });

  test('takes one whose score cannot be worked out after all others, whatever their order, and tells no score of it', () => {
    const pacer: Pacing = {
      margin: 0,
      factorOf: () => 1,
      freeUsd: () => 1,
      bidOf: () => Number.NaN,
      hasFloor: () => false,
      saw: () => {},
    };
    const [unknown, dear] = [candidateOf('a', 1, { paced: 0 }), candidateOf('b', 9)];
    for (const candidates of [
      [unknown, dear],
      [dear, unknown],
    ]) {
      const { decision } = ask(candidates, { pacer });
      expect(decision.chosen).toBe('b/m');
      expect(decision.candidates.find(({ target }) => target === 'a/m')).toMatchObject({ expectedUsd: 1, score: null });
    }
    expect(ask([unknown], { pacer }).decision.chosen).toBe('a/m');
  });

  test('never takes a refused candidate and repeats why', () => {
    const { decision, index, retryAtMs } = ask([candidateOf('a', 1, { refusal: 'context 8k < 12k tokens' })]);
    expect(index).toBeNull();
    expect(retryAtMs).toBeNull();
    expect(decision.chosen).toBeNull();
    expect(decision.candidates).toEqual([
      { target: 'a/m', expectedUsd: 1, score: null, reason: 'context 8k < 12k tokens' },
    ]);
  });

  test.each([Number.NaN, Infinity, -1])('rules out an expected cost of %s instead of comparing it', (expectedUsd) => {
    expect(ask([candidateOf('a', expectedUsd), candidateOf('b', 9)]).index).toBe(1);
  });

  test('chooses nobody out of nobody', () => {
    expect(ask([])).toEqual({
      decision: { attempt: 1, chosen: null, candidates: [] },
      index: null,
      retryAtMs: null,
      lastResortLeft: false,
    });
  });
});

describe('the guard', () => {
  const caps: Caps = { vendor: 0.45, host: 0.6, jurisdiction: 0.8, lab: 0.5 };

  test('lets a cheaper vendor pass up to its cap and not one dollar more', () => {
    const candidates = [candidateOf('a', 1), candidateOf('b', 2)];
    const upTo = { 'vendor:a': 44, 'host:a-host': 44 };
    expect(ask(candidates, { caps, shares: sharesOf(99, upTo) }).index).toBe(0);
    expect(ask(candidates, { caps, shares: sharesOf(98, upTo) }).index).toBe(1);
  });

  test('lets what costs nothing pass, however much of the spend its name has', () => {
    const shares = sharesOf(100, { 'vendor:own': 90, 'host:own-host': 90 });
    expect(ask([candidateOf('own', 0), candidateOf('b', 1)], { caps, shares }).index).toBe(0);
    expect(ask([candidateOf('own', 0.01), candidateOf('b', 1)], { caps, shares }).index).toBe(1);
  });

  test('says which cap stands against a candidate', () => {
    const { decision } = ask([candidateOf('a', 1), candidateOf('b', 2)], {
      caps,
      shares: sharesOf(98, { 'vendor:a': 44 }),
    });
    expect(decision.candidates[0]).toEqual({
      target: 'a/m',
      expectedUsd: 1,
      score: 1,
      reason: 'over vendor cap 0.45 (a)',
    });
    expect(decision.forced).toBeUndefined();
  });

  test('measures the first requests of a window against a part of the forecast', () => {
    const candidates = [candidateOf('a', 1), candidateOf('b', 2)];
    const forecastUsd = 1 / (0.45 * guardForecastShare);
    expect(ask(candidates, { caps, shares: sharesOf(0, {}, forecastUsd * 1.001) }).index).toBe(0);
    expect(ask([candidateOf('a', 1)], { caps, shares: sharesOf(0, {}, forecastUsd * 0.9) }).decision.forced).toBe(
      'over vendor cap 0.45 (a)',
    );
  });

  test.each([
    ['jurisdiction', { jurisdiction: 'US' }, 'over jurisdiction cap 0.8 (US)'],
    ['lab', { lab: 'a-lab' }, 'over lab cap 0.5 (a-lab)'],
  ] as const)('guards the %s', (dimension, differs, reason) => {
    const name = Object.values(differs)[0];
    const { index, decision } = ask([candidateOf('a', 1, differs), candidateOf('b', 2)], {
      caps,
      shares: sharesOf(100, { [`${dimension}:${name}`]: 95 }),
    });
    expect(index).toBe(1);
    expect(decision.candidates[0]?.reason).toBe(reason);
  });

  test('counts the share of each host, and an unknown share whole', () => {
    const onlyHosts: Caps = { ...noCaps, host: 0.6 };
    const shares = sharesOf(90, { 'host:north': 59 });
    const half = candidateOf('a', 10, { hosts: { north: 0.1, south: 0.9 } });
    const unknown = candidateOf('a', 10, { hosts: { north: 1, south: 1 } });
    expect(ask([half, candidateOf('b', 20)], { caps: onlyHosts, shares }).index).toBe(0);
    expect(ask([unknown, candidateOf('b', 20)], { caps: onlyHosts, shares }).index).toBe(1);
  });

  test('is broken only when nobody within the caps is eligible and healthy, and the decision says so', () => {
    const health = new Health();
    const [over, within] = [candidateOf('a', 1), candidateOf('b', 2)];
    const question = { caps, shares: sharesOf(98, { 'vendor:a': 44 }), health };
    expect(ask([over, within], question).index).toBe(1);
    health.failed(health.started(within, 0), refusedConnection, 0);
    const { decision, index } = ask([over, within], question);
    expect(index).toBe(0);
    expect(decision.forced).toBe('over vendor cap 0.45 (a)');
  });

  test('never lets a name over its cap unless the choice was forced; without the guard the same requests do', () => {
    const names = ['a', 'b', 'c', 'd'];
    const costs = fc.array(fc.double({ min: 0.01, max: 10, noNaN: true }), { minLength: 4, maxLength: 4 });
    const forecastUsd = 400;
    let brokenUnguarded = 0;
    fc.assert(
      fc.property(fc.array(costs, { minLength: 1, maxLength: 80, size: 'max' }), (requests) => {
        for (const guarded of [true, false]) {
          const spent: Record<string, number> = {};
          let totalUsd = 0;
          for (const cost of requests) {
            const candidates = names.map((name, at) =>
              candidateOf(name, cost[at]! * (1 + at), { hosts: { [at < 2 ? 'north' : 'south']: 1 } }),
            );
            const { index, decision } = ask(candidates, {
              caps: guarded ? { ...noCaps, vendor: 0.45, host: 0.6 } : noCaps,
              shares: sharesOf(totalUsd, spent, forecastUsd),
            });
            const chosen = candidates[index!]!;
            totalUsd += chosen.expectedUsd;
            const keys = [`vendor:${chosen.vendor}`, `host:${Object.keys(chosen.hosts)[0]}`];
            for (const key of keys) spent[key] = (spent[key] ?? 0) + chosen.expectedUsd;
            const measureUsd = Math.max(totalUsd, guardForecastShare * forecastUsd);
            const isOver = spent[keys[0]!]! > 0.45 * measureUsd || spent[keys[1]!]! > 0.6 * measureUsd;
            if (!guarded) brokenUnguarded += isOver ? 1 : 0;
            else if (decision.forced === undefined) expect(isOver).toBe(false);
          }
        }
      }),
    );
    expect(brokenUnguarded).toBeGreaterThan(0);
  });
});

describe('a request that comes back after a failure', () => {
  const [a, b] = [candidateOf('a', 1), candidateOf('b', 2)];

  test('is not sent where it was already tried', () => {
    const { index, decision } = ask([a, b], { tried: new Set(['a/m']), attempt: 2 });
    expect(index).toBe(1);
    expect(decision.candidates[0]?.reason).toBe('already tried in this request');
    expect(ask([a, b], { tried: new Set(['a/m', 'b/m']) }).index).toBeNull();
  });

  test('may go to the same target with another credential', () => {
    const other = { ...a, credential: 'a/spare' };
    const health = new Health();
    health.failed(health.started(a, 0), badKey, 0);
    expect(ask([a, other], { health, tried: new Set([candidateName(a)]) }).index).toBe(1);
  });

  test('goes to the same target again only when it waited for it and nobody else is left', () => {
    const waited = { tried: new Set(['a/m', 'b/m']), again: new Set(['a/m']) };
    expect(ask([a, b], waited).index).toBe(0);
    expect(ask([a, b, candidateOf('c', 9)], waited).index).toBe(2);
  });

  test('goes to a fresh target over its cap rather than to one that just failed', () => {
    const { index, decision } = ask([a, b], {
      tried: new Set(['a/m']),
      again: new Set(['a/m']),
      caps: { ...noCaps, vendor: 0.45 },
      shares: sharesOf(10, { 'vendor:b': 9 }),
    });
    expect(index).toBe(1);
    expect(decision.forced).toBe('over vendor cap 0.45 (b)');
  });

  test('looks at the time out again before each attempt', () => {
    const health = new Health();
    health.failed(health.started(a, 0), rateLimited(1_500), 0);
    const waited = { health, tried: new Set(['a/m']), again: new Set(['a/m']) };
    expect(ask([a], { ...waited, nowMs: 1_499 }).index).toBeNull();
    expect(ask([a], { ...waited, nowMs: 1_500 }).index).toBe(0);
  });

  test('that waited as long as the vendor asked is let in where our own least time out still keeps others away', () => {
    const health = new Health();
    health.failed(health.started(a, 0), rateLimited(50), 0);
    expect(ask([a], { health, nowMs: 50 }).index).toBeNull();
    expect(ask([a], { health, nowMs: 50, tried: new Set(['a/m']), again: new Set(['a/m']) }).index).toBe(0);
  });
});

describe('health', () => {
  const [a, b] = [candidateOf('a', 1), candidateOf('b', 2)];

  test('keeps a request away from what is out, and says until when', () => {
    const health = new Health();
    health.failed(health.started(a, 0), rateLimited(7_000), 0);
    health.failed(health.started(b, 0), badKey, 0);
    const { index, retryAtMs, decision, lastResortLeft } = ask([a, b], { health, nowMs: 100 });
    expect(index).toBeNull();
    expect(retryAtMs).toBe(7_000);
    expect(lastResortLeft).toBe(false);
    expect(decision.candidates.map(({ reason }) => reason)).toEqual([
      'quota cooling for 6.9 s (rate_limited)',
      'credential benched for 29.9 s (invalid_api_key)',
    ]);
  });

  test('takes one that is out for its failures as a last resort only when asked to', () => {
    const health = new Health();
    failAll(health, a, 3, 0);
    health.failed(health.started(b, 0), unknownDeployment, 0);
    const careful = ask([a, b], { health, nowMs: 10 });
    expect([careful.index, careful.lastResortLeft]).toEqual([null, true]);
    const bold = ask([a, b], { health, nowMs: 10, lastResort: true });
    expect(bold.index).toBe(0);
    expect(bold.decision.forced).toBe('last resort: target benched for 1.0 s (server_error)');
    expect(ask([b], { health, nowMs: 10, lastResort: true }).index).toBeNull();
  });

  test('does not take a last resort where anybody else is left', () => {
    const health = new Health();
    failAll(health, a, 3, 0);
    const { index, decision } = ask([a, b], { health, nowMs: 10, lastResort: true });
    expect(index).toBe(1);
    expect(decision.forced).toBeUndefined();
  });
});

describe('what had better not be asked now', () => {
  const [a, over] = [candidateOf('a', 2), candidateOf('over', 1)];
  const capped = { caps: { ...noCaps, vendor: 0.45 }, shares: sharesOf(10, { 'vendor:over': 9 }) };

  const busy = (): Health => {
    const health = new Health();
    const underWay = Array.from({ length: 40 }, () => health.started(a, 0));
    health.failed(underWay.pop()!, rateLimited(1_000), 10);
    return health;
  };
  const comingBack = (): Health => {
    const health = new Health();
    health.failed(health.started(a, 0), refusedConnection, 0);
    health.answering(health.started(a, 1_000));
    for (let more = 0; more < 2; more++) health.started(a, 1_000);
    return health;
  };

  test.each([
    [
      'as many requests as we believe that it bears',
      busy,
      'quota domain has 39 requests under way, as many as it bears',
    ],
    ['as many as it is trusted with after it was out', comingBack, 'target is coming back (2 at a time)'],
  ])('since it has %s is asked before a cap is broken, and after those that are free', (_, healthOf, reason) => {
    const health = healthOf();
    const { decision } = ask([a, over], { ...capped, health, nowMs: 2_000 });
    expect([decision.chosen, decision.forced]).toEqual(['a/m', undefined]);
    expect(decision.candidates[0]?.reason).toBe(reason);
    expect(ask([a, over, candidateOf('free', 3)], { ...capped, health, nowMs: 2_000 }).index).toBe(2);
  });

  test('since its vendor says that too little is left is asked after a cap is broken', () => {
    const health = new Health();
    health.heard(health.started(a, 0), { requests: { limit: 60, remaining: 0, resetMs: 60_000 } }, 0);
    expect(ask([a, over], { ...capped, health }).decision).toMatchObject({
      chosen: 'over/m',
      forced: 'over vendor cap 0.45 (over)',
    });
  });

  test('and is over its cap as well is a forced choice', () => {
    const health = busy();
    const shares = sharesOf(10, { 'vendor:a': 9 });
    expect(ask([a], { ...capped, shares, health, nowMs: 2_000 }).decision.forced).toBe(
      'quota domain has 39 requests under way, as many as it bears, over vendor cap 0.45 (a)',
    );
  });
});

test('the choice is the one that a plain reading of the rule gives', () => {
  const dimensions: readonly Dimension[] = ['vendor', 'host', 'jurisdiction', 'lab'];
  const name = fc.constantFrom('x', 'y', 'z');
  const candidate = fc.record({
    expectedUsd: fc.integer({ min: 0, max: 4 }),
    vendor: name,
    hosts: fc.dictionary(name, fc.constantFrom(0.25, 0.5, 1), { maxKeys: 3 }),
    jurisdiction: fc.option(name),
    lab: fc.option(name),
    refusal: fc.option(fc.constant('no'), { freq: 4 }),
    down: fc.boolean(),
    tried: fc.boolean(),
  });
  const cap = fc.option(fc.constantFrom(0.2, 0.45, 1));
  fc.assert(
    fc.property(
      fc.array(candidate, { maxLength: 6 }),
      fc.record({ vendor: cap, host: cap, jurisdiction: cap, lab: cap }),
      fc.dictionary(
        fc.tuple(fc.constantFrom(...dimensions), name).map((pair) => pair.join(':')),
        fc.nat(9),
      ),
      (rows, caps, spent) => {
        const health = new Health();
        const candidates = rows.map((row, at) => candidateOf(`p${at}`, row.expectedUsd, row));
        rows.forEach((row, at) => {
          if (row.down) health.failed(health.started(candidates[at]!, 0), refusedConnection, 0);
        });
        const tried = new Set(rows.flatMap((row, at) => (row.tried ? [`p${at}/m`] : [])));
        const view = sharesOf(10, spent);
        const blocked = (row: (typeof rows)[number]): boolean =>
          dimensions.some((dimension) => {
            const limit = caps[dimension];
            const added: Record<string, number | undefined> =
              dimension === 'host' ? row.hosts : row[dimension] === null ? {} : { [row[dimension]]: 1 };
            return (
              limit !== null &&
              row.expectedUsd > 0 &&
              Object.entries(added).some(
                ([at, share]) =>
                  view.usdOf(dimension, at) + row.expectedUsd * (share ?? 1) > limit * (10 + row.expectedUsd),
              )
            );
          });
        const left = rows.flatMap((row, at) => (row.refusal !== null || row.down || row.tried ? [] : [{ row, at }]));
        const within = left.filter(({ row }) => !blocked(row));
        const [first] = (within.length > 0 ? within : left).toSorted(
          (one, two) => one.row.expectedUsd - two.row.expectedUsd || one.at - two.at,
        );
        const { index, decision } = ask(candidates, { health, caps, shares: view, tried });
        expect(index).toBe(first?.at ?? null);
        expect(decision.forced !== undefined).toBe(first !== undefined && within.length === 0);
        expect(decision.candidates.length).toBe(candidates.length);
      },
    ),
    { numRuns: 500 },
  );
});
