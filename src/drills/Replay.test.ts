import { describe, expect, test } from 'vitest';
import { featureSet } from '../vocabulary/index.ts';
import { Replay, type ReplayParts } from './Replay.ts';
import { missedBy, readRequirement } from './requirement.ts';
import { lostThroughout, scenarioOf, scenarioSchema } from './Scenario.ts';
import { noonMs, policiesOf, requestOf, supplyOf, targetOf, withRpm } from './supply.fixture.ts';
import { targetsOf, type Supply } from './Supply.ts';

const a = targetOf('a', 1);
const b = targetOf('b', 1.5, { hosts: { south: 1 }, lacks: featureSet(['images']) });

const partsOf = (supply: Supply, differs: Partial<ReplayParts> = {}): ReplayParts => ({
  supply,
  scenario: lostThroughout([{ kind: 'vendor', name: 'a' }]),
  fromMs: noonMs,
  untilMs: noonMs + 3_600_000,
  counted: { window: 'month', timeZone: 'UTC' },
  spent: [],
  pacesFor: () => null,
  latencies: new Map([['b/m', { firstContentMs: 150, durationMs: 500 }]]),
  ...differs,
});

describe('a replay', () => {
  test('sends requests to who is left, at their price and at what they take', () => {
    const replay = new Replay(partsOf(supplyOf({ chat: [a, b], embed: [a] })));
    replay.add(requestOf());
    replay.add(requestOf({ team: 'sales', needs: featureSet(['images']) }));
    replay.add(requestOf({ model: 'embed', operation: 'embed', usage: { input: 1_000 }, amountNanoUsd: 1_000_000n }));
    replay.add(requestOf({ model: 'gone' }));
    const report = replay.report();
    expect(report).toMatchObject({
      without: ['a'],
      replayed: 4,
      unknownModels: 1,
      requests: 3,
      served: 1,
      moved: 1,
      unserved: { nobody: 2, capacity: 0 },
      amountNanoUsd: '3000000',
      usualNanoUsd: '2000000',
      bookedNanoUsd: '2000000',
      addedNanoUsd: '1000000',
      addedShare: 0.5,
      addedLatency: { requests: 1, meanFirstContentMs: 50, meanDurationMs: 100, unknown: 0 },
      unmeasuredDomains: ['b/main/-/m'],
    });
    expect(report.models).toMatchObject([
      { name: 'chat', requests: 2, served: 1, moved: 1, addedNanoUsd: '1000000' },
      { name: 'embed', requests: 1, served: 0 },
    ]);
    expect(report.teams.map(({ name, servedShare }) => [name, servedShare])).toEqual([
      ['research', 0.5],
      ['sales', 0],
    ]);
    expect(report.hours).toMatchObject([{ name: '2026-11-15T12:00:00.000Z', requests: 3 }]);
  });

  test('without the wrong vendor changes nothing', () => {
    const scenario = lostThroughout([{ kind: 'vendor', name: 'b' }]);
    const replay = new Replay(partsOf(supplyOf({ chat: [a, b] }), { scenario }));
    replay.add(requestOf({ needs: featureSet(['images']) }));
    expect(replay.report()).toMatchObject({ requests: 1, served: 1, moved: 0, addedNanoUsd: '0' });
  });

  test('goes by the decision of a request whose needs were not recorded, and says so', () => {
    const replay = new Replay(partsOf(supplyOf({ chat: [a, b] })));
    replay.add(requestOf({ needs: null, refusedBy: ['b/m'] }));
    replay.add(requestOf({ needs: null }));
    const report = replay.report();
    expect(report).toMatchObject({ requests: 2, served: 1 });
    expect(report.assumptions.at(-1)).toMatch(/^Of 2 requests it is not recorded/);
  });

  test('lets no more through than the limits of who is left', () => {
    const limited = targetOf('b', 1.5, { rates: withRpm('b', 2) });
    const replay = new Replay(partsOf(supplyOf({ chat: [a, limited] })));
    for (let sent = 0; sent < 5; sent += 1) replay.add(requestOf());
    expect(replay.report()).toMatchObject({ requests: 5, served: 2, unserved: { capacity: 3 } });
  });

  test('lets no more through than the burst that was measured of who is left', () => {
    const supply = supplyOf(
      { chat: [a, b] },
      { burstCapacity: (domain) => (domain.startsWith('b') ? { requestsPerMinute: 2, limited: true } : null) },
    );
    const replay = new Replay(partsOf(supply));
    for (let sent = 0; sent < 5; sent += 1) replay.add(requestOf());
    expect(replay.report()).toMatchObject({ served: 2, unserved: { capacity: 3 }, unmeasuredDomains: [] });
  });

  test('counts the caps that only the last one left breaks', () => {
    const supply = supplyOf({ chat: [a, b] }, { caps: { vendor: 0.5, host: null, jurisdiction: null, lab: null } });
    const replay = new Replay(partsOf(supply));
    replay.add(requestOf());
    expect(replay.report()).toMatchObject({ served: 1, capsBroken: { 'over vendor cap 0.5 (b)': 1 } });
  });

  test('tells what contracts are no longer drawn by', () => {
    const { price } = a.terms(0);
    const pooled = { ...a, terms: () => ({ price, discount: '0.5', contract: 'a-pool' }) };
    const replay = new Replay(partsOf(supplyOf({ chat: [pooled, b] })));
    replay.add(requestOf());
    expect(replay.report().contracts).toEqual([{ contract: 'a-pool', usualNanoUsd: '1000000', amountNanoUsd: '0' }]);
  });
});

describe('a replay within policies', () => {
  const without = (supply: Supply, ...requests: readonly Parameters<typeof requestOf>[0][]) => {
    const replay = new Replay(partsOf(supply));
    for (const one of requests) replay.add(requestOf(one));
    return replay.report();
  };

  test('finds no way out for a team or a key where it may not go', () => {
    const us = { ...b, jurisdiction: 'US' };
    const policies = policiesOf({
      teams: { law: { residency: { jurisdictions: ['EU'] } } },
      keys: { careful: { data: { retentionDays: 0 } } },
    });
    const report = without(supplyOf({ chat: [a, us] }, { policies }), {}, { team: 'law' }, { key: 'careful' });
    expect(report).toMatchObject({ requests: 3, served: 1, unserved: { nobody: 2 }, unservedAnyway: 1 });
    expect(report.assumptions.at(-1)).toMatch(/^Of the requests that were not served, nobody may or can serve 1 /);
    expect(report.keys).toMatchObject([
      { name: 'demo', requests: 2, served: 1 },
      { name: 'careful', requests: 1, served: 0 },
    ]);
  });

  test.each(['team', 'key'])('says of how many requests the %s is gone, and with it what it was kept from', (what) => {
    const { assumptions, served } = without(supplyOf({ chat: [a, b] }), { [what]: 'of-last-year' });
    expect([served, assumptions.at(-1)]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^Of 1 requests the ${what} is not known`)),
    ]);
  });

  test('keeps a request to what it was pinned to, and to the tags that it demanded', () => {
    const tagged = { ...b, tags: ['fast'] };
    const c = targetOf('c', 3);
    const supply = supplyOf({ chat: [a, tagged, c] });
    const report = without(
      supply,
      { pin: { provider: 'a', model: null } },
      { pin: { provider: 'c', model: 'm' }, target: 'c/m' },
      { tags: ['fast'], key: 'tagged' },
    );
    expect(report).toMatchObject({ served: 2, moved: 0, unserved: { nobody: 1 }, amountNanoUsd: '9000000' });
  });

  test('draws by weights and canaries, the same each time, and what is lost goes to who is drawn next', () => {
    const weighted = [
      { ...a, weight: 1 },
      { ...b, weight: 1 },
      { ...targetOf('c', 3), weight: 2 },
    ];
    const ids = Array.from({ length: 400 }, (_, index) => ({ requestId: `request ${index}` }));
    const report = without(supplyOf({ chat: weighted }), ...ids);
    // A quarter went to a: two thirds of that go to c, which is dearer.
    expect(report.moved).toBeGreaterThan(70);
    expect(report.moved).toBeLessThan(130);
    expect(without(supplyOf({ chat: weighted }), ...ids)).toEqual(report);
    const canary = [a, { ...b, canary: 1 }];
    expect(without(supplyOf({ chat: canary }), {})).toMatchObject({ moved: 0, usualNanoUsd: '3000000' });
  });

  test('goes where it is faster where a second is worth it, by what the answers of that time took', () => {
    const policies = policiesOf({ models: { chat: { objective: 'latency' } } });
    const c = targetOf('c', 3);
    const slow = { target: 'b/m', firstContentMs: 900, durationMs: 2_000 };
    const fast = { target: 'c/m', firstContentMs: 100, durationMs: 400 };
    const learnt = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? slow : fast));
    const report = without(supplyOf({ chat: [a, b, c] }, { policies }), ...learnt, {});
    expect(Number(report.amountNanoUsd)).toBeGreaterThan(21 * 3_000_000);
  });

  test('says how much of what moved had come from a prompt cache', () => {
    const { assumptions } = without(supplyOf({ chat: [a, b] }), { usage: { input: 100, cacheRead: 900, output: 10 } });
    expect(assumptions.at(-1)).toMatch(/^Of the moved requests 1 had 900 tokens of their input from a prompt cache/);
  });

  test('hands on what is handed on as it is to the target of its rule alone', () => {
    const other = { ...b, target: { provider: 'a', model: 'other' } };
    const passed = { operation: 'passthrough', target: 'b/m' } as const;
    const report = without(supplyOf({ chat: [a, b, other] }), passed, { ...passed, target: 'a/m' });
    expect(report).toMatchObject({ served: 1, moved: 0 });
  });
});

describe('a scenario', () => {
  const supply = supplyOf({ chat: [a, b] });

  const during = (written: object): Replay => {
    const scenario = scenarioOf(
      scenarioSchema.parse({ version: 1, name: 'one', ...written }),
      [{ kind: 'vendor', name: 'a' }],
      targetsOf(supply),
    );
    expect(scenario.ok).toBe(true);
    if (!scenario.ok) throw new Error(scenario.fault);
    return new Replay(partsOf(supply, { scenario: scenario.value }));
  };

  test('happens when it says, to what was asked about unless it names something', () => {
    const replay = during({ events: [{ at: '10m', for: '10m', out: true }] });
    for (const minute of [5, 15, 25]) replay.add(requestOf({ startedAtMs: noonMs + minute * 60_000 }));
    expect(replay.report()).toMatchObject({ scenario: 'one', replayed: 3, requests: 1, moved: 1 });
  });

  test('makes things dearer', () => {
    const replay = during({
      events: [
        { of: ['b'], price: '2' },
        { of: ['a'], price: '2' },
      ],
    });
    replay.add(requestOf());
    expect(replay.report()).toMatchObject({ amountNanoUsd: '4000000', usualNanoUsd: '2000000', moved: 0 });
  });

  test('makes who is dearer than another the second choice', () => {
    const replay = during({ events: [{ price: '2' }] });
    replay.add(requestOf());
    expect(replay.report()).toMatchObject({ amountNanoUsd: '3000000', moved: 1, without: ['a'] });
  });

  test('in which nothing happens is refused', () => {
    expect(scenarioSchema.safeParse({ version: 1, name: 'none', events: [{ at: '1h' }] }).success).toBe(false);
    expect(scenarioSchema.safeParse({ version: 1, name: 'none', events: [{ at: 'soon', out: true }] }).success).toBe(
      false,
    );
  });
});

test('what is asked of a report is read, and missed where it is not so', () => {
  const replay = new Replay(partsOf(supplyOf({ chat: [a, b] })));
  replay.add(requestOf());
  replay.add(requestOf({ needs: featureSet(['images']) }));
  const report = replay.report();
  const missed = (written: string): string | null => {
    const read = readRequirement(written);
    return read.ok ? missedBy(read.value, report) : read.fault;
  };
  expect(missed('served=0.5')).toBeNull();
  expect(missed('served=0.99')).toBe('served is 0.5, asked for was at least 0.99');
  expect(missed('addedCost=0.5')).toBeNull();
  expect(missed('addedCost=0.4')).toBe('addedCost is 0.5, asked for was at most 0.4');
  expect(missed('capsBroken=0')).toBeNull();
  expect(missed('speed=1')).toMatch(/^expected served=/);
});

test('nothing is met by a replay that no request met', () => {
  const replay = new Replay(partsOf(supplyOf({ chat: [a, b] })));
  replay.add(requestOf({ model: 'renamed' }));
  for (const measure of ['served', 'addedCost', 'capsBroken'] as const)
    expect(missedBy({ measure, bound: 0 }, replay.report())).toBe(`${measure} is not known: no request met the drill`);
  expect(replay.report().servedShare).toBeNull();
});
