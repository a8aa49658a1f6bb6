import { describe, expect, it, vi } from 'vitest';
import { solveExtensive } from '../extensiveForm.fixture.ts';
import { instanceFamily } from '../instanceFamily.fixture.ts';
import type { PlanProblem } from '../PlanProblem.ts';
import { optimise, type OptimiseResult, type PlanState } from './optimise.ts';
import type { PlanLimits } from './PlanLimits.ts';
import { pool, reservation, tiny, withDemand, withOutage } from './tinyProblem.fixture.ts';

/** Far longer than any of these take; a search that does not end by itself must not stay behind. */
const endMs = 20_000;
vi.setConfig({ testTimeout: 90_000 });

const optimised = async (problem: PlanProblem, limits: PlanLimits, seed = 1): Promise<OptimiseResult> => {
  const signal = AbortSignal.timeout(endMs);
  const result = await optimise(problem, { limits, seed, signal });
  expect(signal.aborted).toBe(false);
  return result;
};

const quick: PlanLimits[] = [
  { kind: 'time', cpuSeconds: 20, gap: 1e-4 },
  { kind: 'work', programs: 60, nodes: 200 },
];

const expectNothing = (result: OptimiseResult): void => {
  expect(result).toMatchObject({ incumbent: null, upperBound: Infinity, gap: Infinity, feasible: false });
};

describe('the best plan of a small problem', () => {
  it.each<[string, PlanProblem, number]>([
    ['a pool', { ...tiny, pools: [pool] }, 8],
    [
      'everything signed, for more than it is worth',
      {
        ...tiny,
        pools: [{ ...pool, floors: [20], signed: true }],
        reservations: [{ ...reservation, quantity: { kind: 'upTo', max: 3 }, countsTowardsPool: false, signed: true }],
      },
      21.5,
    ],
    ['nothing asked for at all', { ...withDemand(tiny, 0), pools: [pool] }, 0],
  ])('with %s is found and proven, by time and by work', async (_, problem, cost) => {
    for (const limits of quick) {
      const result = await optimised(problem, limits);
      expect(result.upperBound).toBeCloseTo(cost, 6);
      expect(result.lowerBound).toBeLessThanOrEqual(result.upperBound);
      expect(result.gap).toBeLessThanOrEqual(1e-4);
      expect(result.feasible).toBe(true);
      expect(result.incumbent?.evaluation.objective).toBe(result.upperBound);
      for (const [index, { signed }] of problem.pools.entries())
        if (signed) expect(result.incumbent?.decision.pools[index]).toBe(true);
    }
  });

  it('is none, and said to be none, where no plan satisfies the policy, even if fractions of contracts would', async () => {
    for (const limits of quick) {
      expectNothing(await optimised(withOutage({ ...tiny, pools: [pool] }, 1), limits));
      const apart: PlanProblem = {
        ...withOutage(tiny, 0, 1),
        guards: { usageShare: Infinity, reservationFees: [0.4] },
        reservations: [{ ...reservation, quantity: { kind: 'exactly', units: 5 } }],
        resilience: { ...withOutage(tiny, 4.5).resilience! },
      };
      // A fifth of it would be enough, at a fifth of its fee.
      expectNothing(await optimised(apart, limits));
    }
  });
});

/** Of two vendors over two years: small enough for a direct solution, too large for luck. */
const member = (seed: number): PlanProblem =>
  instanceFamily({ vendors: 3, months: 12, monthsPerStep: 12, scenarios: 3, seed });

describe('the best plan of a member of the family', () => {
  it.each([2])('is that of the extensive form, and is proven to be (seed %i)', async (seed) => {
    const problem = member(seed);
    const judged = await solveExtensive(problem, { guards: true });
    const states: PlanState[] = [];
    const result = await optimise(problem, {
      limits: { kind: 'time', cpuSeconds: 25, gap: 1e-3 },
      seed: 1,
      onState: (state) => void states.push(state),
    });
    expect(result.gap).toBeLessThanOrEqual(1e-3);
    expect(result.upperBound).toBeGreaterThanOrEqual(judged.objective * (1 - 1e-6));
    expect(result.upperBound).toBeLessThanOrEqual(judged.objective * (1 + 2e-3));
    expect(result.lowerBound).toBeLessThanOrEqual(judged.objective * (1 + 1e-6));
    expect(states.length).toBeGreaterThan(2);
    // As they were told, before anything is cut off at the other.
    for (const { upperBound, lowerBound } of states) {
      expect(upperBound).toBeGreaterThanOrEqual(judged.objective * (1 - 1e-6));
      expect(lowerBound).toBeLessThanOrEqual(judged.objective * (1 + 1e-6));
    }
    for (const [index, { lowerBound, upperBound }] of states.entries()) {
      expect(lowerBound).toBeGreaterThanOrEqual(states[index - 1]?.lowerBound ?? -Infinity);
      expect(upperBound).toBeLessThanOrEqual(states[index - 1]?.upperBound ?? Infinity);
    }
  });

  it('is the same again by work, bit for bit, and another seed may find another', async () => {
    const problem = member(3);
    const limits: PlanLimits = { kind: 'work', programs: 200, nodes: 5 };
    const [one, same] = [await optimised(problem, limits, 4), await optimised(problem, limits, 4)];
    expect(one.incumbent).not.toBeNull();
    expect(JSON.stringify(same)).toBe(JSON.stringify(one));
    const other = await optimised(problem, limits, 5);
    expect(other.lowerBound).toBeLessThanOrEqual(one.upperBound * (1 + 1e-6));
    expect(one.lowerBound).toBeLessThanOrEqual(other.upperBound * (1 + 1e-6));
  });
});

/** Far more than is done in the time that a test has: only the signal can end it. */
const endless: PlanLimits = { kind: 'time', cpuSeconds: 3600, gap: 0 };
const large = (): PlanProblem => instanceFamily({ scenarios: 20, months: 36, seed: 1 });

describe('a search that is called off', () => {
  it('ends with the best plan so far and the bound that it has', async () => {
    const controller = new AbortController();
    const after: PlanState[] = [];
    const result = await optimise(large(), {
      limits: endless,
      seed: 1,
      signal: controller.signal,
      onState: (state) => {
        if (controller.signal.aborted) after.push(state);
        else if (Number.isFinite(state.upperBound)) controller.abort();
      },
    });
    expect(result.incumbent).not.toBeNull();
    expect(Number.isFinite(result.lowerBound)).toBe(true);
    expect(result.upperBound).toBeGreaterThan(result.lowerBound);
    // A round of cuts and its end may be on their way; a search that goes on would tell of many more.
    expect(after.length).toBeLessThan(60);
  });

  it('ends by work, too', async () => {
    const controller = new AbortController();
    const result = await optimise(large(), {
      limits: { kind: 'work', programs: 1e9, nodes: 1e9 },
      seed: 1,
      signal: controller.signal,
      onState: ({ upperBound }) => {
        if (Number.isFinite(upperBound)) controller.abort();
      },
    });
    expect(result.incumbent).not.toBeNull();
  });

  it('ends before it has begun where it was called off before', async () => {
    const told: PlanState[] = [];
    const result = await optimise(large(), {
      limits: endless,
      seed: 1,
      signal: AbortSignal.abort(),
      onState: (state) => void told.push(state),
    });
    // Nothing was found, and nothing is said of whether there is something.
    expect(result.feasible).toBe(true);
    expect(result.lowerBound).toBeLessThanOrEqual(result.upperBound);
    expect(told.length).toBeLessThan(60);
  });

  it('has no more workers than it had before', async () => {
    const workers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
    const before = workers();
    await optimised(tiny, quick[1]!);
    await optimise(tiny, { limits: quick[0]!, seed: 1, signal: AbortSignal.abort() });
    expect(workers()).toBeLessThanOrEqual(before);
  });
});

describe('a worker that fails', () => {
  it('ends the plan with its error, and nothing else with it', async () => {
    // A list price that is not a number is a mistake of the program.
    const broken: PlanProblem = { ...tiny, sources: [{ ...tiny.sources[0]!, listPrice: [NaN] }] };
    for (const limits of quick) await expect(optimise(broken, { limits, seed: 1 })).rejects.toThrow('must be a number');
  });
});
