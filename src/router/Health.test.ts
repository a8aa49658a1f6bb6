import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assert } from '../kernel/index.ts';
import { targetName, type Failure } from '../vocabulary/index.ts';
import { probeSlotMsMax } from './Bench.ts';
import type { Candidate } from './candidate.ts';
import {
  badKey,
  candidateOf,
  rateLimited,
  refusedConnection,
  serverError,
  unknownDeployment,
} from './candidates.fixture.ts';
import { Health, type HealthEvent } from './Health.ts';
import { defaultHealthLimits } from './healthLimits.ts';
import type { Ticket } from './Ticket.ts';

const a = candidateOf('a', 1);
/** Another model of the same account: it shares the credential, not the quota. */
const sibling: Candidate = { ...a, target: { provider: 'a', model: 'other' }, quotaDomain: 'a/other-quota' };
const seen = { firstContentMs: 100, streamed: true, outputTokens: 10, tokens: 20 };

const fail = (health: Health, candidate: Candidate, failure: Failure, nowMs: number): readonly HealthEvent[] =>
  health.failed(health.started(candidate, nowMs), failure, nowMs);

const succeed = (health: Health, candidate: Candidate, nowMs: number): readonly HealthEvent[] =>
  health.succeeded(health.started(candidate, nowMs), seen, nowMs);

/** First millisecond from now on at which the candidate is let in. */
const backAtMs = (health: Health, candidate: Candidate, fromMs: number): number => {
  let atMs = fromMs;
  for (let look = 0; look < 1_000; look++) {
    const admission = health.admit(candidate, atMs);
    if (admission.open) return atMs;
    atMs = admission.untilMs;
  }
  return Infinity;
};

describe('a target', () => {
  test('goes out after three failures in a row, for one second', () => {
    const health = new Health();
    expect(fail(health, a, serverError, 0)).toEqual([]);
    expect(fail(health, a, serverError, 0)).toEqual([]);
    expect(fail(health, a, serverError, 0)).toEqual([
      { kind: 'benched', scope: 'target', name: 'a/m', cause: 'server_error', forMs: 1_000 },
    ]);
    expect(health.admit(a, 999)).toEqual({
      open: false,
      reason: 'target benched for 0.1 s (server_error)',
      untilMs: 1_000,
      scope: 'target',
      lastResort: true,
      needsOperator: false,
    });
    expect(health.admit(a, 1_000)).toEqual({ open: true, probe: true });
    expect(health.admit(sibling, 0).open).toBe(true);
  });

  test('stays in when a success comes between the failures', () => {
    const health = new Health();
    for (let round = 0; round < 8; round++) {
      fail(health, a, serverError, round);
      fail(health, a, serverError, round);
      succeed(health, a, round);
      succeed(health, a, round);
      succeed(health, a, round);
    }
    expect(health.admit(a, 8)).toEqual({ open: true, probe: false });
  });

  test('goes out when most of many recent requests failed, though never three in a row', () => {
    const health = new Health();
    const outAfter = Array.from({ length: 60 }, (_, round) => round).find((round) => {
      if (round % 3 === 0) succeed(health, a, 0);
      else fail(health, a, serverError, 0);
      return !health.admit(a, 0).open;
    });
    expect(outAfter).toBe(19);
  });

  test('is not judged by a rate that few requests stand behind, or old ones', () => {
    const health = new Health();
    for (let round = 0; round < 90; round++) {
      const nowMs = round * 10_000;
      if (round % 3 === 0) succeed(health, a, nowMs);
      else fail(health, a, serverError, nowMs);
      expect(health.admit(a, nowMs).open).toBe(true);
    }
  });

  test.each(['connect_refused', 'connect_timeout', 'name_not_found', 'tls'])(
    'goes out at once where nobody is there: %s',
    (cause) => {
      const health = new Health();
      fail(health, a, { class: 'transient', cause }, 0);
      expect(backAtMs(health, a, 0)).toBe(1_000);
    },
  );

  test('is probed by one request at a time', () => {
    const health = new Health();
    fail(health, a, refusedConnection, 0);
    const probe = health.started(a, 1_000);
    expect(probe.probe).toBe(true);
    expect(health.admit(a, 1_001)).toMatchObject({ open: false, reason: 'target is being probed (connect_refused)' });
    expect(health.started(a, 1_001).probe).toBe(false);
    expect(health.succeeded(probe, seen, 1_500)).toEqual([
      { kind: 'recovered', scope: 'target', name: 'a/m', cause: 'connect_refused', forMs: 0 },
    ]);
    expect(health.admit(a, 1_500)).toEqual({ open: true, probe: false });
  });

  test('is out twice as long each time its probe fails, up to a minute, and once more a second after a success', () => {
    const health = new Health();
    const lengthsMs: number[] = [];
    let nowMs = 0;
    for (let round = 0; round < 9; round++) {
      fail(health, a, refusedConnection, nowMs);
      const backMs = backAtMs(health, a, nowMs);
      lengthsMs.push(backMs - nowMs);
      nowMs = backMs;
    }
    expect(lengthsMs).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000));
    succeed(health, a, nowMs);
    fail(health, a, refusedConnection, nowMs);
    expect(backAtMs(health, a, nowMs)).toBe(nowMs + 1_000);
  });

  test('is not kept out longer by requests that were on their way when it went out', () => {
    const health = new Health();
    const onTheirWay = [1, 2, 3, 4, 5].map(() => health.started(a, 0));
    for (const ticket of onTheirWay) health.failed(ticket, refusedConnection, 10);
    expect(backAtMs(health, a, 10)).toBe(1_010);
  });

  test('does not come back by the success of a request of before', () => {
    const health = new Health();
    const early = health.started(a, 0);
    fail(health, a, refusedConnection, 10);
    health.answering(early);
    expect(health.admit(a, 15).open).toBe(false);
    health.succeeded(early, seen, 20);
    expect(health.admit(a, 20).open).toBe(false);
  });

  test('comes back by the success of a last resort', () => {
    const health = new Health();
    fail(health, a, refusedConnection, 0);
    const bold = health.started(a, 10);
    expect(bold.probe).toBe(false);
    health.succeeded(bold, seen, 20);
    expect(health.admit(a, 20)).toEqual({ open: true, probe: false });
  });

  test('is not kept out longer by the failure of a last resort', () => {
    const health = new Health();
    fail(health, a, refusedConnection, 0);
    for (let bold = 0; bold < 5; bold++) fail(health, a, refusedConnection, 10);
    expect(backAtMs(health, a, 10)).toBe(1_000);
  });

  test('is open to all once its probe shows content; if the answer breaks off it is out for longer', () => {
    const health = new Health();
    fail(health, a, refusedConnection, 0);
    const probe = health.started(a, 1_000);
    expect(health.answering(probe).map(({ kind }) => kind)).toEqual(['recovered']);
    expect(health.admit(a, 1_100)).toEqual({ open: true, probe: false });
    health.failed(probe, refusedConnection, 1_200);
    expect(backAtMs(health, a, 1_200)).toBe(3_200);
  });

  test('gets another probe when the first was cancelled, or is silent for too long', () => {
    const health = new Health();
    fail(health, a, refusedConnection, 0);
    health.cancelled(health.started(a, 1_000), 1_100);
    expect(health.admit(a, 1_100)).toEqual({ open: true, probe: true });
    const silent = health.started(a, 2_000);
    expect(health.admit(a, 2_000 + probeSlotMsMax - 1).open).toBe(false);
    expect(health.admit(a, 2_000 + probeSlotMsMax)).toEqual({ open: true, probe: true });
    expect(health.started(a, 2_000 + probeSlotMsMax).probe).toBe(true);
    health.failed(silent, serverError, 40_000);
    expect(health.admit(a, 40_000)).toMatchObject({ open: false, reason: 'target is being probed (connect_refused)' });
  });

  test('is out after one failure as long as its vendor asks, and nobody goes there as a last resort', () => {
    const health = new Health();
    fail(health, a, { ...serverError, retryAfterMs: 7_000 }, 0);
    expect(health.admit(a, 6_999)).toMatchObject({ open: false, scope: 'target', untilMs: 7_000, lastResort: false });
    expect(health.admit(a, 7_000)).toEqual({ open: true, probe: true });
    expect(health.admit(sibling, 0).open).toBe(true);
  });

  test('is out for longer each time that its vendor asks for next to nothing, up to a second, until a success', () => {
    const health = new Health();
    let nowMs = 0;
    for (const outMs of [100, 200, 400, 800, 1_000, 1_000]) {
      fail(health, a, { ...serverError, retryAfterMs: 0 }, nowMs);
      expect(backAtMs(health, a, nowMs) - nowMs).toBe(outMs);
      nowMs += outMs;
    }
    succeed(health, a, nowMs);
    fail(health, a, { ...serverError, retryAfterMs: 0 }, nowMs);
    expect(backAtMs(health, a, nowMs) - nowMs).toBe(100);
  });

  test('alone is out, with an alarm, when its vendor does not know the deployment', () => {
    const health = new Health();
    expect(fail(health, a, unknownDeployment, 0)).toEqual([
      { kind: 'alarm', scope: 'target', name: 'a/m', cause: 'deployment_not_found', forMs: 30_000 },
    ]);
    expect(health.admit(a, 10)).toMatchObject({ open: false, scope: 'target', lastResort: false });
    expect(health.admit(sibling, 10).open).toBe(true);
  });

  test.each(['client', 'capability', 'content_policy'] as const)(
    'is not hurt by a %s failure, which frees a probe',
    (failureClass) => {
      const health = new Health();
      for (let time = 0; time < 50; time++) fail(health, a, { class: failureClass, cause: 'bad' }, 0);
      expect(health.admit(a, 0)).toEqual({ open: true, probe: false });
      fail(health, a, refusedConnection, 0);
      fail(health, a, { class: failureClass, cause: 'bad' }, 1_000);
      expect(health.admit(a, 1_000)).toEqual({ open: true, probe: true });
    },
  );

  test('is judged once by each request', () => {
    const health = new Health();
    const ticket = health.started(a, 0);
    for (let time = 0; time < 9; time++) health.failed(ticket, serverError, 0);
    health.succeeded(ticket, seen, 0);
    expect(health.snapshot(0)[0]).toMatchObject({ failuresInRow: 1, failureRate: 1, firstContentMs: null });
  });
});

describe('a quota domain', () => {
  const neighbour: Candidate = { ...a, target: { provider: 'a', model: 'dated' } };

  test.each([
    [2_000, 2_000],
    [7_000, 7_000],
    [34_400, 34_400],
    [350, 350],
    [0, 100],
    [86_400_000, 300_000],
  ])('that asks for %i ms cools for %i, with every target in it', (askedMs, cooledMs) => {
    const health = new Health();
    fail(health, a, rateLimited(askedMs), 0);
    expect(backAtMs(health, a, 0)).toBe(cooledMs);
    expect(backAtMs(health, neighbour, 0)).toBe(cooledMs);
    expect(health.admit(sibling, 0).open).toBe(true);
  });

  test('opens to all when its time is over', () => {
    const health = new Health();
    fail(health, a, rateLimited(2_000), 0);
    health.started(a, 2_000);
    expect(health.admit(a, 2_000)).toEqual({ open: true, probe: false });
  });

  test('whose vendor says nothing cools for one second, then twice as long, until a success', () => {
    const health = new Health();
    const lengthsMs: number[] = [];
    let nowMs = 0;
    for (let round = 0; round < 8; round++) {
      fail(health, a, rateLimited(), nowMs);
      const backMs = backAtMs(health, a, nowMs);
      lengthsMs.push(backMs - nowMs);
      nowMs = backMs;
    }
    expect(lengthsMs).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000));
    expect(succeed(health, a, nowMs)).toEqual([
      { kind: 'recovered', scope: 'quota', name: 'a/quota', cause: 'rate_limited', forMs: 0 },
    ]);
    fail(health, a, rateLimited(), nowMs);
    expect(backAtMs(health, a, nowMs)).toBe(nowMs + 1_000);
  });

  test('does not cool longer because many requests were on their way', () => {
    const health = new Health();
    const onTheirWay = [1, 2, 3, 4].map(() => health.started(a, 0));
    const events = onTheirWay.flatMap((ticket) => health.failed(ticket, rateLimited(), 10));
    expect(backAtMs(health, a, 10)).toBe(1_010);
    expect(events).toHaveLength(1);
    const late = health.started(a, 1_010);
    fail(health, a, rateLimited(), 1_010);
    health.failed(late, rateLimited(), 3_010);
    expect(backAtMs(health, a, 3_010)).toBe(5_010);
  });

  test('cools as long as the longest wait that was stated', () => {
    const health = new Health();
    const later = health.started(a, 0);
    fail(health, a, rateLimited(9_000), 0);
    health.failed(later, rateLimited(3_000), 10);
    expect(backAtMs(health, a, 10)).toBe(9_000);
  });

  test.each([
    [0, [100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000]],
    [350, [350, 350, 400, 800, 1_000]],
    [2_000, [2_000, 2_000, 2_000, 2_000, 2_000, 2_000]],
  ])(
    'that asks for %i ms again and again and serves nothing cools for a second at the least in the end',
    (ms, cooledMs) => {
      const health = new Health();
      const coolNext = (fromMs: number): number => {
        // What was on its way with it is no further time.
        const together = [1, 2, 3].map(() => health.started(a, fromMs));
        for (const ticket of together) health.failed(ticket, rateLimited(ms), fromMs);
        return backAtMs(health, a, fromMs) - fromMs;
      };
      let nowMs = 0;
      for (const expectedMs of cooledMs) {
        expect(coolNext(nowMs)).toBe(expectedMs);
        nowMs += expectedMs;
      }
      succeed(health, a, nowMs);
      expect(coolNext(nowMs)).toBe(Math.max(ms, 100));
    },
  );

  test('is believed as long as it serves between two waits that it states, though that is seen after the second', () => {
    const health = new Health();
    let nowMs = 0;
    for (let round = 0; round < 9; round++) {
      const served = health.started(a, nowMs);
      fail(health, a, rateLimited(350), nowMs);
      expect(backAtMs(health, a, nowMs) - nowMs).toBe(350);
      health.answering(served);
      nowMs += 350;
    }
  });

  test('is not believed for what began before it refused and ends meanwhile', () => {
    const health = new Health();
    const before = [1, 2, 3, 4].map(() => health.started(a, 0));
    let nowMs = 0;
    for (const cooledMs of [100, 200, 400, 800]) {
      fail(health, a, rateLimited(0), nowMs);
      expect(backAtMs(health, a, nowMs) - nowMs).toBe(cooledMs);
      health.succeeded(before.pop()!, seen, nowMs);
      nowMs += cooledMs;
    }
  });

  test('is not hurt by what hurts a target, and the other way round', () => {
    const health = new Health();
    for (let time = 0; time < 9; time++) fail(health, a, rateLimited(2_000), 0);
    expect(health.snapshot(0)).toMatchObject([
      { scope: 'target', state: 'healthy', leftMs: 0, failuresInRow: 0, failureRate: 0 },
      { scope: 'credential', state: 'healthy' },
      { scope: 'quota', state: 'benched', leftMs: 2_000, cause: 'rate_limited' },
    ]);
  });
});

describe('a credential', () => {
  test('is out for all its targets, with an alarm that holds the words of the vendor', () => {
    const health = new Health();
    expect(fail(health, a, { ...badKey, message: 'Your credit balance is too low' }, 0)).toEqual([
      {
        kind: 'alarm',
        scope: 'credential',
        name: 'a/main',
        cause: 'invalid_api_key',
        forMs: 30_000,
        message: 'Your credit balance is too low',
      },
    ]);
    expect(health.admit(a, 0)).toMatchObject({ open: false, scope: 'credential', lastResort: false });
    expect(health.admit(sibling, 0).open).toBe(false);
    expect(health.admit({ ...a, credential: 'a/spare' }, 0).open).toBe(true);
  });

  test('is tried again slowly: after half a minute, then twice as long, up to ten minutes', () => {
    const health = new Health();
    const lengthsMs: number[] = [];
    let nowMs = 0;
    for (let round = 0; round < 7; round++) {
      expect(fail(health, a, badKey, nowMs)).toHaveLength(1);
      const backMs = backAtMs(health, a, nowMs);
      lengthsMs.push(backMs - nowMs);
      nowMs = backMs;
    }
    expect(lengthsMs).toEqual([30, 60, 120, 240, 480, 600, 600].map((seconds) => seconds * 1_000));
    const probe = health.started(a, nowMs);
    expect(health.admit(sibling, nowMs).open).toBe(false);
    health.succeeded(probe, seen, nowMs);
    expect(health.admit(sibling, nowMs)).toEqual({ open: true, probe: false });
  });

  test('that changed is in at once, and late failures of the old one do not touch it', () => {
    const health = new Health();
    const late = health.started(a, 0);
    fail(health, a, badKey, 0);
    health.credentialChanged('a/main');
    expect(health.admit(a, 1)).toEqual({ open: true, probe: false });
    const later = health.started(a, 1);
    health.credentialChanged('a/main');
    expect(health.failed(late, badKey, 2)).toEqual([]);
    expect(health.failed(later, badKey, 2)).toEqual([]);
    expect(health.admit(a, 2)).toEqual({ open: true, probe: false });
  });
});

describe('a target that comes back', () => {
  const outAndBack = (): Health => {
    const health = new Health();
    fail(health, a, refusedConnection, 0);
    health.answering(health.started(a, 1_000));
    return health;
  };

  test('has as many requests at a time as it answered since, while others are left', () => {
    const health = outAndBack();
    const underWay = [health.started(a, 1_000), health.started(a, 1_000)];
    expect(health.restOf(a, 1_000)).toEqual({ reason: 'target is coming back (2 at a time)', isCrowded: true });
    expect(health.admit(a, 1_000).open).toBe(true);
    for (const ticket of underWay) health.answering(ticket);
    expect(health.restOf(a, 1_000)).toBeNull();
    for (const ticket of underWay) health.succeeded(ticket, seen, 1_100);
    const more = [1, 2, 3, 4].map(() => health.started(a, 1_100));
    expect(health.restOf(a, 1_100)).toEqual({ reason: 'target is coming back (4 at a time)', isCrowded: true });
    for (const ticket of more) health.cancelled(ticket, 1_200);
  });

  test('is trusted whole after twenty answers, and as little as at first after a failure between', () => {
    const health = outAndBack();
    for (let answer = 0; answer < 19; answer++) succeed(health, a, 1_000);
    fail(health, a, serverError, 1_000);
    const late = [health.started(a, 1_000), health.started(a, 1_000)];
    expect(health.restOf(a, 1_000)).toEqual({ reason: 'target is coming back (2 at a time)', isCrowded: true });
    for (const ticket of late) health.succeeded(ticket, seen, 1_000);
    for (let answer = 0; answer < 18; answer++) succeed(health, a, 1_000);
    for (let more = 0; more < 100; more++) health.started(a, 1_000);
    expect(health.restOf(a, 1_000)).toBeNull();
  });
});

describe('a target that fails more often than its siblings', () => {
  const [one, other] = [candidateOf('one', 1), candidateOf('other', 1)];

  /** @returns how often the one failed before it was out; null where it stayed in */
  const failuresUntilOut = (otherFails: (round: number) => boolean): number | null => {
    const health = new Health();
    for (let round = 0, failures = 0; round < 200; round++) {
      const asked = (candidate: Candidate) => health.started(candidate, round * 10, 'asked');
      if (otherFails(round)) health.failed(asked(other), serverError, round * 10);
      else health.succeeded(asked(other), seen, round * 10);
      if (round % 3 !== 0) health.succeeded(asked(one), seen, round * 10);
      else {
        failures += 1;
        const [event] = health.failed(asked(one), serverError, round * 10);
        if (event !== undefined) {
          expect(event).toMatchObject({ kind: 'benched', name: 'one/m', forMs: 5_000 });
          return failures;
        }
      }
    }
    return null;
  };

  test('goes out, though most of its answers are good', () => {
    expect(failuresUntilOut(() => false)).toBe(8);
  });

  test('stays in where they do no better', () => {
    expect(failuresUntilOut((round) => round % 4 === 0)).toBeNull();
  });
});

describe('a quota domain with several targets', () => {
  const targets = [1, 2, 3, 4, 5, 6].map((number): Candidate => ({
    ...a,
    target: { provider: 'a', model: `m${number}` },
  }));

  test('is out as a whole after five failures in a row, and whatever fails after that at once', () => {
    const health = new Health();
    const events = targets.slice(0, 5).flatMap((target) => fail(health, target, serverError, 0));
    expect(events.map(({ name }) => name).toSorted()).toEqual(['a/m1', 'a/m2', 'a/m3', 'a/m4', 'a/m5']);
    expect(fail(health, targets[5]!, serverError, 10)).toHaveLength(1);
  });

  test('is not judged by one of them, nor across an answer of any', () => {
    const health = new Health();
    for (let time = 0; time < 9; time++) fail(health, targets[0]!, serverError, 0);
    expect(health.admit(targets[1]!, 0).open).toBe(true);
    succeed(health, targets[5]!, 0);
    for (const target of targets.slice(1, 5)) fail(health, target, serverError, 0);
    expect(targets.slice(1, 5).every((target) => health.admit(target, 0).open)).toBe(true);
  });
});

test('a quota domain that refused under many requests at a time has fewer of them, while others are left', () => {
  const health = new Health();
  const underWay = Array.from({ length: 40 }, () => health.started(a, 0));
  health.failed(underWay.pop()!, rateLimited(1_000), 10);
  expect(health.restOf(a, 2_000)).toEqual({
    reason: 'quota domain has 39 requests under way, as many as it bears',
    isCrowded: true,
  });
  expect(health.admit(a, 2_000).open).toBe(true);
  for (const ticket of underWay.splice(0, 12)) health.cancelled(ticket, 2_000);
  expect(health.restOf(a, 2_000)).toBeNull();
  expect(health.snapshot(2_000).at(-1)).toMatchObject({ inFlight: 27, concurrencyLimit: 28 });
});

test('a target that becomes slow is told as browned out, and stays open', () => {
  const health = new Health();
  for (let answer = 0; answer < 40; answer++) succeed(health, a, answer * 100);
  expect(health.slowness(a, 4_000)).toBeNull();
  for (let answer = 0; answer < 10; answer++)
    health.succeeded(health.started(a, 5_000), { ...seen, firstContentMs: 2_000 }, 5_000);
  expect(health.slowness(a, 5_000)).toBeGreaterThan(3);
  expect(health.admit(a, 5_000)).toEqual({ open: true, probe: false });
});

test('what a quota domain served at most is told, and taken over by another process', () => {
  const health = new Health();
  for (let answer = 0; answer < 30; answer++) succeed(health, a, answer * 1_000);
  // Counting tokens is limited by other numbers.
  health.succeeded(health.started(a, 30_000), { ...seen, tokens: 0 }, 30_000);
  const capacity = { requestsPerMinute: 30, tokensPerMinute: 600, limited: false };
  expect(health.capacities(30_000)).toEqual([{ quotaDomain: 'a/quota', ...capacity }]);
  expect(health.snapshot(30_000).at(-1)).toMatchObject({ scope: 'quota', capacity });
  expect(health.capacityOf('a/quota', 30_000)).toEqual({ quotaDomain: 'a/quota', ...capacity });
  expect(health.capacityOf('gone', 30_000)).toBeNull();
  const next = new Health();
  next.restoreCapacities(health.capacities(30_000), 1_000, 5_000);
  next.restoreCapacities([{ quotaDomain: 'gone', ...capacity }], 1_000, 5_000);
  next.retain([a]);
  expect(next.capacities(5_000)).toEqual(health.capacities(30_000));
});

test('what the configuration no longer names is forgotten', () => {
  const health = new Health();
  fail(health, a, badKey, 0);
  fail(health, candidateOf('b', 1), badKey, 0);
  health.retain([a]);
  expect(health.snapshot(0).map(({ name }) => name)).toEqual(['a/m', 'a/main', 'a/quota']);
  expect(health.admit(a, 0).open).toBe(false);
});

test('the number of entries has an end even where the configuration has none', () => {
  const health = new Health({ entriesMax: 5 });
  for (let index = 0; index < 50; index++) fail(health, candidateOf(`p${index}`, 1), serverError, 0);
  expect(health.snapshot(0)).toHaveLength(15);
});

// The state machines under any traffic. Four candidates that share scopes in several ways.
const candidates: readonly Candidate[] = [
  a,
  sibling,
  { ...a, credential: 'a/spare', quotaDomain: 'a/spare-quota' },
  { ...candidateOf('b', 1), quotaDomain: 'a/quota' },
];

const failures: readonly Failure[] = [
  serverError,
  refusedConnection,
  badKey,
  unknownDeployment,
  rateLimited(),
  rateLimited(5_000),
  rateLimited(86_400_000),
  { ...serverError, retryAfterMs: 2_000 },
  { class: 'protocol', cause: 'no_terminal_event' },
  { class: 'client', cause: 'bad_request', status: 400 },
];

interface World {
  readonly health: Health;
  readonly open: { readonly ticket: Ticket; readonly candidate: Candidate; readonly startedMs: number }[];
  nowMs: number;
}

const act = (name: string, run: (world: World) => void): fc.Command<object, World> => ({
  check: () => true,
  run: (_model, world) => {
    run(world);
    holdsInvariants(world);
  },
  toString: () => name,
});

/** Takes one of the requests on their way out of the world. */
const taken = (world: World, at: number) => world.open.splice(at % Math.max(1, world.open.length), 1)[0];

/** @throws when one is broken. */
const holdsInvariants = ({ health, open, nowMs }: World): void => {
  // Never two live probes of one scope: a ticket that probes holds its target's slot, its credential's, or both.
  for (const candidate of candidates) {
    const probes = open.filter(
      ({ ticket, startedMs }) =>
        ticket.probe && ticket.target === targetName(candidate.target) && nowMs < startedMs + probeSlotMsMax,
    );
    const credentials = new Set(probes.map(({ ticket }) => ticket.credential));
    assert(probes.length <= credentials.size + 1, `${probes.length} probes at once`);
  }
  const before = JSON.stringify(health.snapshot(nowMs));
  for (const candidate of candidates) health.admit(candidate, nowMs);
  assert(JSON.stringify(health.snapshot(nowMs)) === before, 'a look changed something');
  // Whatever happened, the longest time out and a lost probe later everybody is let in.
  const { operator, statedWaitMsMax } = defaultHealthLimits;
  const laterMs = nowMs + Math.max(operator.maxMs, statedWaitMsMax) + probeSlotMsMax;
  for (const candidate of candidates) {
    const admission = health.admit(candidate, nowMs);
    assert(admission.open || admission.untilMs > nowMs, 'out until a time that is over');
    assert(health.admit(candidate, laterMs).open, 'out for ever');
    assert(backAtMs(health, candidate, nowMs) <= laterMs, 'told to come back too late');
  }
};

const commands = [
  fc.tuple(fc.nat(candidates.length - 1), fc.boolean()).map(([which, onlyIfOpen]) =>
    act(`start ${which}${onlyIfOpen ? ' if open' : ' anyway'}`, (world) => {
      const candidate = candidates[which]!;
      const admission = world.health.admit(candidate, world.nowMs);
      if (onlyIfOpen && !admission.open) return;
      const ticket = world.health.started(candidate, world.nowMs);
      assert(!admission.open || ticket.probe === admission.probe, 'the look and the start disagree');
      world.open.push({ ticket, candidate, startedMs: world.nowMs });
    }),
  ),
  fc.tuple(fc.nat(), fc.nat(failures.length - 1)).map(([at, which]) =>
    act(`fail ${at} ${failures[which]!.cause}`, (world) => {
      const ending = taken(world, at);
      if (ending) world.health.failed(ending.ticket, failures[which]!, world.nowMs);
    }),
  ),
  fc.nat().map((at) =>
    act(`succeed ${at}`, (world) => {
      const ending = taken(world, at);
      if (ending) world.health.succeeded(ending.ticket, seen, world.nowMs);
    }),
  ),
  fc.nat().map((at) =>
    act(`answering ${at}`, (world) => {
      const answering = world.open[at % Math.max(1, world.open.length)];
      if (answering) world.health.answering(answering.ticket);
    }),
  ),
  fc.nat().map((at) =>
    act(`cancel ${at}`, (world) => {
      const ending = taken(world, at);
      if (ending) world.health.cancelled(ending.ticket, world.nowMs);
    }),
  ),
  fc.constantFrom(1, 500, 1_000, 30_000, 600_000).map((laterMs) =>
    act(`wait ${laterMs}`, (world) => {
      world.nowMs += laterMs;
    }),
  ),
  fc.constantFrom('a/main', 'a/spare').map((credential) =>
    act(`change ${credential}`, (world) => {
      world.health.credentialChanged(credential);
    }),
  ),
];

test('under any traffic nothing is out for ever, probes go one by one and a look changes nothing', () => {
  const property = fc.property(fc.commands(commands, { maxCommands: 60, size: 'max' }), (steps) => {
    fc.modelRun(() => ({ model: {}, real: { health: new Health(), open: [], nowMs: 0 } }), steps);
  });
  expect(() => fc.assert(property, { numRuns: 300 })).not.toThrow();
});

test('traffic that only goes where it is let in probes each target with one request at a time', () => {
  const step = fc.tuple(fc.constantFrom('start', 'fail', 'succeed', 'wait'), fc.nat(5_000));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      const health = new Health();
      let probing: { readonly ticket: Ticket; readonly untilMs: number }[] = [];
      const plain: Ticket[] = [];
      let nowMs = 0;
      for (const [kind, amount] of steps) {
        if (kind === 'wait') nowMs += amount;
        else if (kind === 'start' && health.admit(a, nowMs).open) {
          const ticket = health.started(a, nowMs);
          if (ticket.probe) probing.push({ ticket, untilMs: nowMs + probeSlotMsMax });
          else plain.push(ticket);
        } else if (kind !== 'start') {
          const ticket = amount % 2 === 0 ? probing.shift()?.ticket : plain.shift();
          if (ticket && kind === 'fail') health.failed(ticket, refusedConnection, nowMs);
          else if (ticket) health.succeeded(ticket, seen, nowMs);
        }
        probing = probing.filter(({ untilMs }) => nowMs < untilMs);
        expect(probing.length).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 300 },
  );
});
