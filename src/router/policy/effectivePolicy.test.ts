import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { midStreamWords, objectives, routePolicySchema, type RoutePolicy } from '../../vocabulary/index.ts';
import { effectivePolicy } from './effectivePolicy.ts';
import { policyRefusal } from './policyRefusal.ts';

const level = (written: object = {}): RoutePolicy => routePolicySchema.parse(written);

const places = ['EU', 'US', 'CH', null].flatMap((jurisdiction) =>
  [
    { retentionDays: 0, training: false },
    { retentionDays: 30, training: true },
    { retentionDays: null, training: null },
  ].flatMap((data) => [[], ['fast'], ['fast', 'audited']].map((tags) => ({ jurisdiction, data, tags }))),
);

const jurisdictions = fc.uniqueArray(fc.constantFrom('EU', 'US', 'CH'), { minLength: 1 });
const anyLevel: fc.Arbitrary<RoutePolicy> = fc.record({
  objective: fc.option(fc.constantFrom(...objectives)),
  midStream: fc.option(fc.constantFrom(...midStreamWords)),
  usdPerSecond: fc.constant(null),
  pins: fc.option(fc.constantFrom('allow', 'refuse')),
  residency: fc.option(fc.record({ jurisdictions })),
  data: fc.option(fc.record({ retentionDays: fc.option(fc.constantFrom(0, 7, 30)), training: fc.boolean() })),
  tags: fc.uniqueArray(fc.constantFrom('fast', 'audited')),
});

describe('policies of several levels', () => {
  test('forbid together exactly what one of them forbids, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(anyLevel, { maxLength: 4 }), (levels) => {
        const all = effectivePolicy(levels);
        const { jurisdictions: allowed, retentionDaysMax, mayTrain, tags } = effectivePolicy(levels.toReversed());
        expect({ ...all, jurisdictions: allowed, retentionDaysMax, mayTrain, tags }).toEqual(all);
        for (const place of places) {
          const isForbidden = levels.some((one) => policyRefusal(effectivePolicy([one]), place) !== null);
          expect(policyRefusal(all, place) !== null).toBe(isForbidden);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('prefer what the narrowest says that says it, each preference by itself', () => {
    const file = level({ objective: 'cost', midStream: 'never', pins: 'refuse' });
    const model = level({ objective: 'latency' });
    const team = level({ objective: 'balanced', usdPerSecond: '0.02' });
    const key = level({ pins: 'allow' });
    expect(effectivePolicy([file, model, team, key])).toMatchObject({
      objective: 'balanced',
      usdPerSecond: 0.02,
      midStream: 'never',
      mayPin: true,
    });
    expect(effectivePolicy([file, model]).objective).toBe('latency');
    expect(effectivePolicy([file]).mayPin).toBe(false);
  });

  test('where nobody says anything aim at cost, allow pins and everything else', () => {
    expect(effectivePolicy([])).toEqual({
      objective: 'cost',
      usdPerSecond: 0,
      midStream: 'safe',
      mayPin: true,
      jurisdictions: null,
      retentionDaysMax: null,
      mayTrain: true,
      tags: [],
    });
    for (const place of places) expect(policyRefusal(effectivePolicy([level()]), place)).toBeNull();
  });

  test('make a second worth something under balanced, more than any price under latency, nothing under cost', () => {
    const worth = (objective: string): number =>
      effectivePolicy([level({ objective, usdPerSecond: '0.5' })]).usdPerSecond;
    expect([worth('cost'), worth('balanced'), worth('latency')]).toEqual([0, 0.5, 1_000]);
    expect(effectivePolicy([level({ objective: 'balanced' })]).usdPerSecond).toBe(0.001);
  });
});

describe('a policy tells why a deployment is kept away', () => {
  const own = { jurisdiction: 'EU', data: { retentionDays: 0, training: false }, tags: ['fast'] };
  const vendor = { jurisdiction: 'US', data: { retentionDays: 30, training: true }, tags: [] };
  const silent = { jurisdiction: null, data: { retentionDays: null, training: null }, tags: [] };

  test.each([
    [
      { residency: { jurisdictions: ['EU', 'CH'] } },
      'falls under the law of US, and the policy allows CH, EU only',
      'does not say which law it falls under, and the policy allows CH, EU only',
    ],
    [
      { data: { retentionDays: 7 } },
      'keeps requests for 30 days, and the policy allows 7',
      'does not say how long it keeps requests, and the policy allows 7',
    ],
    [
      { data: { training: false } },
      'trains on requests, and the policy does not allow that',
      'does not say whether it trains on requests, and the policy does not allow that',
    ],
    [{ tags: ['fast'] }, 'lacks the tag fast', 'lacks the tag fast'],
  ])('%j', (written, ofVendor, ofSilent) => {
    const policy = effectivePolicy([level(written)]);
    expect(policyRefusal(policy, own)).toBeNull();
    expect(policyRefusal(policy, vendor)).toBe(ofVendor);
    expect(policyRefusal(policy, silent)).toBe(ofSilent);
  });

  test('two levels that allow nothing in common allow nobody', () => {
    const policy = effectivePolicy([
      level({ residency: { jurisdictions: ['EU'] } }),
      level({ residency: { jurisdictions: ['US'] } }),
    ]);
    expect(policyRefusal(policy, own)).toBe('falls under the law of EU, and the policy allows none at all');
  });
});
