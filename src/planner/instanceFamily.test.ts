import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { solveExtensive } from './extensiveForm.fixture.ts';
import { decisionOf, type InstanceOptions, instanceFamily, type NamedPlan } from './instanceFamily.fixture.ts';
import type { PlanDecision } from './PlanProblem.ts';

interface PricedPlan extends NamedPlan {
  readonly objective: number;
  readonly mean: number;
  readonly cvar: number;
}

interface ComparedPlan extends PricedPlan {
  readonly scenarioCosts: readonly number[];
  /** The same plan through another code path of the prototype. */
  readonly objectiveByRecourse: number;
  readonly objectiveWithoutCap: number;
  readonly servedInEveryLoss: boolean;
  /** Null where the plan's reservations break the guard on fees. */
  readonly objectiveWithinGuards: number | null;
}

interface PricedInstance {
  readonly options: InstanceOptions;
  readonly pools: number;
  readonly reservations: number;
  readonly demand: {
    readonly total: number;
    readonly samples: readonly {
      readonly scenario: number;
      readonly class: number;
      readonly step: number;
      readonly units: number;
    }[];
  };
  readonly plans: readonly ComparedPlan[];
}

interface PricedFamily {
  readonly instances: readonly PricedInstance[];
  readonly optima: readonly { readonly options: InstanceOptions; readonly objective: number }[];
  /** A plan of the full size that keeps every constraint and every guard. */
  readonly attained: PricedPlan & { readonly options: InstanceOptions };
}

const familyFile = new URL('../../test/fixtures/plan/familyPlans.json', import.meta.url);
const family: PricedFamily = JSON.parse(await readFile(familyFile, 'utf8'));

const titleOf = ({ vendors, months, monthsPerStep, scenarios, seed }: InstanceOptions): string =>
  `seed ${seed}: ${vendors} vendors, ${months} months by ${monthsPerStep}, ${scenarios} scenarios`;

const lessReserved = (decision: PlanDecision, share: number): PlanDecision => ({
  ...decision,
  reservations: decision.reservations.map((units) => units * share),
});

/** Relative, to nine digits. */
const expectClose = (actual: number, expected: number): void => {
  expect(Math.abs(actual - expected) / Math.abs(expected)).toBeLessThan(1e-9);
};

const cheapest = family.instances.filter(({ options }) => options.monthsPerStep !== 1 || options.vendors === 3);

describe('the instance family', () => {
  it('holds the catalogue of its prototype: 240 pools and 184 reservations for six vendors and five years', () => {
    const problem = instanceFamily({ scenarios: 1, seed: 1 });
    expect([problem.pools.length, problem.reservations.length, problem.sources.length]).toEqual([240, 184, 23]);
    expect(new Set([...problem.pools, ...problem.reservations].map(({ name }) => name)).size).toBe(424);
    expect(problem.pools.slice(0, 3).map(({ name }) => name)).toEqual(['y_A_0_1_0', 'y_A_0_1_1', 'y_A_0_1_2']);
    expect(problem.pools[5]).toEqual({
      name: 'y_A_0_3_0',
      account: 0,
      fromPeriod: 0,
      untilPeriod: 3,
      floors: [0.7, 1, 1.3],
      discount: 0.05,
      shortfallRate: 1,
      signingCost: 0,
      carry: null,
      signed: false,
    });
    expect(problem.reservations.at(-1)).toMatchObject({ name: 'z_F_4_4_1', fromSegment: 4, untilSegment: 5 });
    expect(problem.reservations.at(-1)?.feePerMonth).toBeCloseTo(0.9 * 0.75, 15);
  });

  it('leaves out what is not asked for', () => {
    const problem = instanceFamily({ vendors: 2, months: 12, scenarios: 1, seed: 1, cap: null, outage: false });
    expect([problem.caps, problem.resilience]).toEqual([[], null]);
    expect(problem.pools.map(({ untilPeriod }) => untilPeriod)).toEqual(Array.from({ length: 10 }, () => 1));
  });

  it.each(family.instances.map((instance) => [titleOf(instance.options), instance] as const))(
    'draws what its prototype draws, bit for bit (%s)',
    (_, { options, pools, reservations, demand }) => {
      const problem = instanceFamily(options);
      expect([problem.pools.length, problem.reservations.length]).toEqual([pools, reservations]);
      for (const { scenario, class: k, step, units } of demand.samples)
        expect(problem.scenarios[scenario]!.demand[k]![step]).toBe(units);
      let total = 0;
      for (const { demand: byClass } of problem.scenarios)
        for (const step of byClass[0]!.keys()) for (const steps of byClass) total += steps[step]!;
      expect(total).toBe(demand.total);
    },
  );

  it('draws something else from another seed', () => {
    const { options, demand } = family.instances[0]!;
    const { scenario, class: k, step, units } = demand.samples[0]!;
    const other = instanceFamily({ ...options, seed: options.seed + 1 });
    expect(other.scenarios[scenario]!.demand[k]![step]).not.toBe(units);
  });
});

describe('a plan of the instance family', () => {
  it.each(family.instances.map((instance) => [titleOf(instance.options), instance] as const))(
    'costs the same here and in the prototype, whichever way it was priced there (%s)',
    async (_, { options, plans }) => {
      const problem = instanceFamily({ ...options, outage: false });
      for (const plan of plans) {
        const priced = await solveExtensive(problem, { fixed: decisionOf(problem, plan) });
        expectClose(priced.objective, plan.objective);
        expectClose(priced.objective, plan.objectiveByRecourse);
        expectClose(priced.mean, plan.mean);
        expectClose(priced.cvar, plan.cvar);
        for (const [scenario, cost] of plan.scenarioCosts.entries()) expectClose(priced.scenarioCosts[scenario]!, cost);
      }
    },
  );

  it.each(cheapest.map((instance) => [titleOf(instance.options), instance] as const))(
    'costs the same without the cap, and within the guards (%s)',
    async (_, { options, plans }) => {
      const uncapped = instanceFamily({ ...options, outage: false, cap: null });
      const capped = instanceFamily({ ...options, outage: false });
      for (const plan of plans) {
        const fixed = decisionOf(capped, plan);
        expectClose((await solveExtensive(uncapped, { fixed })).objective, plan.objectiveWithoutCap);
        const guarded = await solveExtensive(capped, { fixed, guards: true });
        if (plan.objectiveWithinGuards === null) expect(guarded.status).toBe('infeasible');
        else expectClose(guarded.objective, plan.objectiveWithinGuards);
      }
    },
  );

  it.each(cheapest.map((instance) => [titleOf(instance.options), instance] as const))(
    'survives any loss here if it does so in the prototype, and not with one hundredth less reserved (%s)',
    async (_, { options, plans }) => {
      const problem = instanceFamily(options);
      expect(plans.map(({ servedInEveryLoss }) => servedInEveryLoss)).toContain(true);
      for (const plan of plans) {
        const survived = await solveExtensive(problem, { fixed: decisionOf(problem, plan) });
        expect(survived.status).toBe(plan.servedInEveryLoss ? 'optimal' : 'infeasible');
        if (!plan.servedInEveryLoss) continue;
        expectClose(survived.objective, plan.objective);
        const less = await solveExtensive(problem, { fixed: lessReserved(decisionOf(problem, plan), 0.99) });
        expect(less.status).toBe('infeasible');
      }
    },
  );

  it('costs the same at the full size, with every constraint and guard', async () => {
    const { options, objective, mean, cvar, ...plan } = family.attained;
    const problem = instanceFamily(options);
    const priced = await solveExtensive(problem, { fixed: decisionOf(problem, plan), guards: true });
    expectClose(priced.objective, objective);
    expectClose(priced.mean, mean);
    expectClose(priced.cvar, cvar);
  });

  it('costs something else with one pool more or less', async () => {
    const { options, plans } = family.instances.find(({ options: { monthsPerStep } }) => monthsPerStep === 12)!;
    const problem = instanceFamily({ ...options, outage: false });
    const plan = plans[1]!;
    const fixed = decisionOf(problem, { ...plan, pools: plan.pools.slice(1) });
    const priced = await solveExtensive(problem, { fixed });
    expect(Math.abs(priced.objective - plan.objective)).toBeGreaterThan(1e-3);
  });
});

describe('the best plan of a small member', () => {
  it.each(family.optima.map((optimum) => [titleOf(optimum.options), optimum] as const))(
    'costs what it costs in the prototype, in whole pools, and no less than in part (%s)',
    async (_, { options, objective }) => {
      const problem = instanceFamily(options);
      const best = await solveExtensive(problem);
      expectClose(best.objective, objective);
      expectClose(best.bound, objective);
      expectClose((await solveExtensive(problem, { fixed: best.decision! })).objective, objective);
      const relaxed = await solveExtensive(problem, { relax: true });
      expect(relaxed.objective).toBeLessThan(objective);
    },
  );
});
