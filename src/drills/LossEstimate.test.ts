import { expect, test } from 'vitest';
import { featureSet } from '../vocabulary/index.ts';
import { LossEstimate, resilienceOf, type LossOutcome } from './LossEstimate.ts';
import { lossText } from './Loss.ts';
import { policiesOf, supplyOf, targetOf } from './supply.fixture.ts';

const nobody = { organisation: null, team: null, key: null };
const demand = { atMs: 0, wire: 'openai-chat', operation: 'generate', needs: 0, ...nobody } as const;

const find = (outcomes: readonly LossOutcome[], lost: string): LossOutcome =>
  outcomes.find(({ losses }) => losses.map(lossText).join(' ') === lost)!;

test('what only the lost one can do is not served, and who was never measured is named', () => {
  const supply = supplyOf({
    chat: [targetOf('a', 1), targetOf('b', 2, { hosts: { south: 1 }, lacks: featureSet(['images']) })],
    embed: [targetOf('a', 1)],
  });
  const estimate = new LossEstimate(supply);
  estimate.add({ ...demand, model: 'chat', requests: 6 });
  estimate.add({ ...demand, model: 'chat', needs: featureSet(['images']), requests: 3 });
  estimate.add({ ...demand, model: 'embed', requests: 1 });
  const outcomes = estimate.outcomes();
  expect(find(outcomes, 'a')).toMatchObject({
    requests: 10,
    possibleShare: 0.6,
    certainShare: 0,
    unmeasured: ['b/main/-/m'],
  });
  expect(find(outcomes, 'host:south')).toMatchObject({ possibleShare: 1, unmeasured: ['a/main/-/m'] });
  expect(find(outcomes, 'jurisdiction:EU')).toMatchObject({ possibleShare: 0, unmeasured: [] });
});

test('what is left takes no more in a minute than it was seen to take', () => {
  const supply = supplyOf(
    { chat: [targetOf('a', 1), targetOf('b', 2, { hosts: { south: 1 } })] },
    { burstCapacity: (domain) => ({ requestsPerMinute: domain.startsWith('a') ? 600 : 60, limited: true }) },
  );
  const estimate = new LossEstimate(supply);
  estimate.add({ ...demand, model: 'chat', requests: 120 });
  estimate.add({ ...demand, atMs: 60_000, model: 'chat', requests: 30 });
  const outcomes = estimate.outcomes();
  expect(find(outcomes, 'a')).toMatchObject({ requests: 150, possibleShare: 0.6, certainShare: 0.6, unmeasured: [] });
  expect(find(outcomes, 'b')).toMatchObject({ possibleShare: 1, certainShare: 1 });
});

test('what was never refused may take more than it was seen to take', () => {
  const supply = supplyOf(
    { chat: [targetOf('a', 1), targetOf('b', 2)] },
    { burstCapacity: () => ({ requestsPerMinute: 60, limited: false }) },
  );
  const estimate = new LossEstimate(supply);
  estimate.add({ ...demand, model: 'chat', requests: 120 });
  expect(find(estimate.outcomes(), 'a')).toMatchObject({
    possibleShare: 1,
    certainShare: 0.5,
    unmeasured: ['b/main/-/m'],
  });
});

test('a target that an organisation, a team or a key may not use is no way out for it, and stays one for the others', () => {
  const supply = supplyOf(
    { chat: [targetOf('a', 1), targetOf('b', 2, { jurisdiction: 'US' })] },
    {
      burstCapacity: () => ({ requestsPerMinute: 60, limited: true }),
      policies: policiesOf({
        organisations: { abroad: { residency: { jurisdictions: ['EU'] } } },
        teams: { law: { residency: { jurisdictions: ['EU'] } } },
        keys: { careful: { tags: ['checked'] } },
      }),
    },
  );
  const estimate = new LossEstimate(supply);
  estimate.add({ ...demand, model: 'chat', team: 'law', requests: 20 });
  estimate.add({ ...demand, model: 'chat', organisation: 'abroad', requests: 10 });
  estimate.add({ ...demand, model: 'chat', key: 'careful', requests: 10 });
  estimate.add({ ...demand, model: 'chat', requests: 80 });
  const outcomes = estimate.outcomes();
  // Of b's sixty the others take all; the law team and the careful key have none of them.
  expect(find(outcomes, 'a')).toMatchObject({ requests: 120, possibleShare: 0.5, certainShare: 0.5 });
  // The law team has a, and what is left of it the others.
  expect(find(outcomes, 'b')).toMatchObject({ possibleShare: 0.5 });
});

test('several vendors are lost at once where the policy asks for it', () => {
  const supply = supplyOf({ chat: ['a', 'b', 'c'].map((vendor) => targetOf(vendor, 1)) });
  const estimate = new LossEstimate(supply, 2);
  estimate.add({ ...demand, model: 'chat', requests: 1 });
  const outcomes = estimate.outcomes();
  expect(find(outcomes, 'a b')).toMatchObject({ possibleShare: 1, certainShare: 0, unmeasured: ['c/main/-/m'] });
  expect(resilienceOf(outcomes, 2, 0.9).verdict).toBe('unknown');
  expect(resilienceOf(outcomes, 3, 0.9)).toEqual({ verdict: 'unknown', worst: null });
});

test('of more sets than are looked at, none is said to hold; and they are never all made', () => {
  const vendors = Array.from({ length: 25 }, (_, index) => `v${index}`);
  const supply = supplyOf(
    { chat: vendors.map((vendor) => targetOf(vendor, 1)) },
    { burstCapacity: () => ({ requestsPerMinute: 60, limited: true }) },
  );
  const estimate = new LossEstimate(supply, 10);
  estimate.add({ ...demand, model: 'chat', requests: 1 });
  expect(estimate.areSetsCut).toBe(true);
  const outcomes = estimate.outcomes();
  expect(resilienceOf(outcomes, 10, 0.9, false).verdict).toBe('holds');
  expect(resilienceOf(outcomes, 10, 0.9, estimate.areSetsCut).verdict).toBe('unknown');
});

test('a demand holds for certain, not at all, or as far as anybody knows', () => {
  const outcome = (possibleShare: number, certainShare: number): LossOutcome => ({
    losses: [{ kind: 'vendor', name: 'a' }],
    requests: 10,
    possibleShare,
    certainShare,
    unmeasured: [],
  });
  expect(resilienceOf([outcome(1, 0.95)], 1, 0.9).verdict).toBe('holds');
  expect(resilienceOf([outcome(0.8, 0.8)], 1, 0.9).verdict).toBe('fails');
  expect(resilienceOf([outcome(1, 0.5)], 1, 0.9).verdict).toBe('unknown');
  expect(resilienceOf([{ ...outcome(1, 1), requests: 0 }], 1, 0.9), 'nobody asked for anything').toEqual({
    verdict: 'unknown',
    worst: null,
  });
});
