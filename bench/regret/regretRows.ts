import type { Highs } from 'highs';
import { misjudged } from './contracts/World.ts';
import { marketIndex } from './market/market.ts';
import { archipel, archipelPacer } from './policies/archipel/archipel.ts';
import { archipelReplicas } from './policies/archipel/archipelReplicas.ts';
import { cheapestFirst, guardedCheapest } from './policies/cheapest.ts';
import { reference, referenceAblations, referenceWithoutLead } from './policies/reference/referenceContenders.ts';
import { resolvedWeights } from './policies/resolvedWeights.ts';
import { inverseSquarePrice, leastUsed, lowestLatency, spillOver } from './policies/simpleRules.ts';
import { staticWeights } from './policies/staticWeights.ts';
import type { BoundedMonth, RegretCase, RegretFigures } from './RegretCase.ts';
import type { Contender } from './simulation/Contender.ts';

/** What is told of a month: its bound, and each policy by its name. */
export interface RegretRow {
  readonly bounded: BoundedMonth;
  readonly policies: Readonly<Record<string, RegretFigures>>;
}

type MakeRow = (highs: Highs, regretCase: RegretCase, seed: number) => RegretRow;

/** What gateways do, by the rules that they document: they know no caps and no minima. */
const simpleRules = [cheapestFirst, guardedCheapest, spillOver, inverseSquarePrice, leastUsed, lowestLatency];
const pacers = [archipel, archipelPacer, reference];

const staticOf = (highs: Highs, { world, means, forecastBound }: RegretCase): Contender =>
  staticWeights(highs, world, means, forecastBound);

const comparing = (regretCase: RegretCase, bounded: BoundedMonth, contenders: readonly Contender[]): RegretRow => ({
  bounded,
  policies: Object.fromEntries(contenders.map((one) => [one.name, regretCase.figures(bounded, one)])),
});

/** Everybody. */
const policies: MakeRow = (highs, regretCase, seed) =>
  comparing(regretCase, regretCase.month(seed), [
    ...pacers,
    referenceWithoutLead,
    ...simpleRules,
    staticOf(highs, regretCase),
    resolvedWeights(highs, regretCase.means),
  ]);

/** The pacers alone. */
const pacing: MakeRow = (_highs, regretCase, seed) => comparing(regretCase, regretCase.month(seed), pacers);

/** What each part of the reference is worth. */
const ablations: MakeRow = (_highs, regretCase, seed) =>
  comparing(regretCase, regretCase.month(seed), [referenceWithoutLead, ...referenceAblations]);

const forecastScales = [1, 0.5, 1.5];

/** A volume forecast that is half or half as much again of what comes. */
const forecast: MakeRow = (highs, regretCase, seed) => {
  const bounded = regretCase.month(seed);
  const told = forecastScales.flatMap((scale) => {
    const world = misjudged(regretCase.world, scale);
    const planners = [
      staticWeights(highs, world, regretCase.means, regretCase.forecastBound),
      resolvedWeights(highs, regretCase.means),
    ];
    return [...pacers, ...planners].map(
      (one) => [`${one.name}, forecast x${scale}`, regretCase.figures(bounded, one, world)] as const,
    );
  });
  return { bounded, policies: Object.fromEntries(told) };
};

/** The vendor of the largest pool is dead for the month's last six hours. */
const dead: MakeRow = (highs, regretCase, seed) =>
  comparing(regretCase, regretCase.month(seed, marketIndex.bedrock), [
    ...pacers,
    referenceWithoutLead,
    spillOver,
    staticOf(highs, regretCase),
    resolvedWeights(highs, regretCase.means),
  ]);

const replicaCounts = [2, 4, 8];
const tellingEveryS = [1, 10];

/** One pacer, and several that tell each other what they did. */
const replicas: MakeRow = (_highs, regretCase, seed) =>
  comparing(regretCase, regretCase.month(seed), [
    archipelPacer,
    ...replicaCounts.flatMap((count) => tellingEveryS.map((everyS) => archipelReplicas(count, everyS))),
  ]);

export const regretRows: Readonly<Record<string, MakeRow>> = {
  policies,
  pacing,
  ablations,
  forecast,
  dead,
  replicas,
};
