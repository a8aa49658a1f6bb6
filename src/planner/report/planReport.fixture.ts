// A small plan whose every figure is written by hand, so that what is printed of it can be known.
import { outageRule } from '../answers/outageCertificate.ts';
import type { PlanAnswers } from '../answers/PlanAnswers.ts';
import type { PlanTranslation } from '../portfolio/PlanTranslation.ts';
import { problemOf } from '../portfolio/problemOf.ts';
import { readPortfolio } from '../portfolio/readPortfolio.ts';
import type { PlanReport } from './PlanReport.ts';

const text = `
version: 1
currency: EUR
horizon: { from: 2027-01-01, periods: 2 }
vendors:
  aurora: { host: north }
  borealis: { host: south }
classes:
  chat: { demand: { start: 1000 } }
  code: { demand: { start: 500 } }
sources:
  - { vendor: aurora, class: chat, price: { perMTok: "1" } }
  - { vendor: borealis, class: chat, price: { perMTok: "1.2" } }
  - { vendor: borealis, class: code, price: { perMTok: "2" } }
  - { vendor: aurora, class: code, price: { perMTok: "2.5" } }
offers:
  - { vendor: aurora, covers: [chat], kind: pool, sizes: ["6000"], terms: [ { months: 24, ramp: ["0.5", "1.5"] } ], discount: 0.1, payment: { upfrontShare: "0.25" } }
  - { name: lane, vendor: borealis, covers: [code], kind: floor, sizes: ["100"], terms: [6], discount: 0.4 }
contracts:
  - { id: B-1, vendor: borealis, covers: [chat], kind: pool, period: [2027-01-01, 2028-01-01], amount: "1200", fulfil: annual }
policy: { concentration: { vendor: 0.7 }, resilience: { servedShare: 0.9 }, risk: { cvarWeight: 0.2, beta: 0.9 } }
`;

const estimate = (mean: number) => ({ mean, low: mean * 0.99, high: mean * 1.01 });

/** Figures are told in the currency. */
const answersOf = ({ problem, moneyUnit }: PlanTranslation): PlanAnswers => {
  const money = 10 ** moneyUnit.exponent;
  const accountOf = (vendor: string): number => problem.accounts.findIndex((account) => account.vendor === vendor);
  const of = (amount: number): number => amount / money;
  const decision = { pools: [], reservations: [] };
  const plan = {
    kind: 'plan',
    vendor: null,
    decision,
    mean: of(40_000),
    cvar: of(60_000),
    objective: of(44_000),
    dearerBy: 0,
    keepsCaps: true,
    capPenalty: 0,
    burnt: 0,
    carried: 0,
    violations: [],
  } as const;
  const entry = (loss: number, period: number, index: number, servedShare: number) => ({
    loss,
    period,
    class: index,
    designDemand: 10,
    served: 10 * servedShare,
    servedShare,
    askedShare: 0.9,
    met: servedShare >= 0.9,
    binding: servedShare >= 1 ? 'nothing' : 'commitment of borealis',
    bindingNodes: [],
    rivals: servedShare >= 1 ? [] : [1 - index],
  });
  return {
    moneyUnit,
    outOfSample: {
      scenarios: 10,
      total: estimate(of(40_000)),
      cvar: estimate(of(60_000)),
      objective: of(44_000),
      plain: estimate(of(41_000)),
      halfWidthShare: 0.01,
      isPrecise: true,
      explainedShare: 0.9,
      controls: 3,
      byPeriod: [estimate(of(15_000)), estimate(of(25_000))],
      byAccount: [
        {
          account: accountOf('aurora'),
          total: estimate(of(24_000)),
          byPeriod: [of(9_000), of(15_000)],
          inTail: of(36_000),
        },
        {
          account: accountOf('borealis'),
          total: estimate(of(16_000)),
          byPeriod: [of(6_000), of(10_000)],
          inTail: of(24_000),
        },
      ],
      capPenalty: estimate(0),
      burnt: estimate(0),
      signingCost: 0,
      carried: estimate(0),
      quantiles: [{ share: 0.5, cost: of(38_000) }],
      costs: [20, 30, 32, 35, 38, 40, 42, 45, 50, 60].map((thousands) => of(thousands * 1_000)),
    },
    certificate: {
      rule: outageRule,
      met: false,
      entries: [
        entry(0, 0, 0, 1),
        entry(0, 0, 1, 1),
        entry(0, 1, 0, 0.72),
        entry(0, 1, 1, 0.95),
        entry(1, 0, 0, 1),
        entry(1, 0, 1, 0.89999),
        entry(1, 1, 0, 1),
        entry(1, 1, 1, 1),
      ],
    },
    dependency: {
      vendors: [],
      caps: [
        {
          cap: 0,
          name: 'aurora',
          kind: 'vendor',
          limit: 0.7,
          share: [
            { mean: 0.6, worst: 0.69, worstScenario: 1 },
            { mean: 0.61, worst: 0.7, worstScenario: 1 },
          ],
          reached: [0, 0.5],
          broken: [0, 0],
          binds: true,
        },
      ],
      concentration: [
        { mean: 0.52, worst: 0.58, worstScenario: 1 },
        { mean: 0.53, worst: 0.6, worstScenario: 1 },
      ],
      guards: {
        usage: { binds: true, withGuard: of(44_000), without: of(43_000) },
        reservations: {
          binds: true,
          reached: [{ account: accountOf('borealis'), period: 1, fees: of(600) }],
          highestShare: 1,
        },
      },
    },
    comparisons: {
      plan,
      others: [
        { ...plan, kind: 'nothing', mean: of(44_000), objective: of(48_400), dearerBy: of(4_400) },
        {
          ...plan,
          kind: 'singleVendor',
          vendor: 'borealis',
          objective: of(43_000),
          dearerBy: of(-1_000),
          violations: [
            { kind: 'cap', cap: 1, period: 0, probability: 1, worstShare: 1, limit: 0.7 },
            { kind: 'outage', loss: 1, period: 0, class: 0, servedShare: 0, askedShare: 0.9 },
          ],
        },
      ],
      stochasticValue: of(250),
    },
    frontiers: [
      {
        along: 'cap',
        current: 0.7,
        points: [
          { level: 0.8, bounds: [of(42_000), of(43_000)] as const },
          { level: 0.7, bounds: [of(43_600), of(44_000)] as const },
        ].map(({ level, bounds: [lowerBound, upperBound] }) => ({
          level,
          upperBound,
          lowerBound,
          feasible: true,
          decision,
          figures: { mean: upperBound, cvar: upperBound, objective: upperBound },
          planOfLevel: null,
        })),
      },
    ],
    shadowPrices: [
      { along: 'cap', from: 0.7, to: 0.8, estimate: of(-1_000), range: { low: of(-2_000), high: of(-600) } },
    ],
    negotiations: [
      {
        vendor: 'borealis',
        walkAway: {
          upperBound: of(46_000),
          lowerBound: of(45_000),
          feasible: true,
          decision,
          worth: of(2_000),
          range: { low: of(1_000), high: of(2_400) },
        },
        offers: [
          {
            kind: 'reservation',
            index: 0,
            inPlan: true,
            signed: false,
            breakEvenPerYear: [of(1_440)],
            breakEvenUse: 0.6,
            usableShare: 0.7,
            expectedPerYear: [of(12_000)],
            forcedDearerBy: null,
            forcedKeepsPolicy: null,
            entry: null,
          },
          {
            kind: 'reservation',
            index: 1,
            inPlan: false,
            signed: false,
            breakEvenPerYear: [of(1_440)],
            breakEvenUse: 0.6,
            usableShare: 0.7,
            expectedPerYear: [of(12_000)],
            forcedDearerBy: of(300),
            forcedKeepsPolicy: false,
            entry: { currentDiscount: 0.4, discountNeeded: 0.45 },
          },
        ],
      },
    ],
  };
};

/** A ramped pool with aurora and one lane with borealis, beside a pool that is signed. */
export const planReport = (changes: Partial<PlanReport> = {}): PlanReport => {
  const reading = readPortfolio(text, 'portfolio.yaml');
  if (!reading.ok) throw new Error(JSON.stringify(reading.fault));
  const { portfolio, hash } = reading.value;
  const months = (units: number): number[] => Array.from({ length: 24 }, () => units);
  const translation = problemOf(portfolio, [{ weight: 1, demand: [months(1_000), months(500)], prices: 0 }]);
  const { problem, moneyUnit } = translation;
  const money = 10 ** moneyUnit.exponent;
  const lane = problem.reservations[0]?.quantity;
  const decision = {
    pools: problem.pools.map(() => true),
    reservations: problem.reservations.map((_, index) => (index === 0 && lane?.kind === 'exactly' ? lane.units : 0)),
  };
  const upperBound = 44_000 / money;
  return {
    file: 'portfolio.yaml',
    hash,
    version: '0.1.0',
    madeAt: '2026-11-27T10:00:00.000Z',
    seed: 7,
    limits: { kind: 'time', cpuSeconds: 60, gap: 0.001 },
    cpuSeconds: 12.5,
    interrupted: false,
    portfolio,
    translation,
    result: {
      incumbent: {
        decision,
        evaluation: {
          objective: upperBound,
          mean: 40_000 / money,
          cvar: 60_000 / money,
          scenarioCosts: [40_000 / money],
        },
      },
      upperBound,
      lowerBound: upperBound * (1 - 0.00936),
      gap: 0.00936,
      feasible: true,
      conflict: null,
      nodes: 12,
      programs: 345,
    },
    answers: answersOf(translation),
    assumptions: ['Not looked at, for lack of CPU-seconds: other levels of the policy. Give more with --cpu.'],
    ...changes,
  };
};
