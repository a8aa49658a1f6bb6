import { assert } from '../../kernel/index.ts';
import type { DemandScenario } from './DemandScenario.ts';
import {
  monthsPerYear,
  outlookFaults,
  type DemandBurst,
  type ModelSwitch,
  type Outlook,
  type OutlookClass,
} from './Outlook.ts';
import { SeededRandom } from './SeededRandom.ts';

/** Most scenarios that are drawn at once and kept. */
export const scenariosMax = 50_000;

/** Which future to draw: with the outlook it says everything, so that thousands can be weighed without being kept. */
export interface ScenarioRecipe {
  readonly seed: number;
  /** Number of the future among those of the seed. */
  readonly stream: number;
  /** Takes the opposite of every normal number of the stream. */
  readonly mirrored: boolean;
  /** Index of the regime that holds; null leaves it to chance. */
  readonly regime: number | null;
  /** Index of the price path; null leaves it to chance. */
  readonly prices: number | null;
  readonly weight: number;
}

/** Factor of the burst process in each month. */
const burstFactors = (burst: DemandBurst | null, months: number, random: SeededRandom): readonly number[] | null => {
  if (burst === null) return null;
  let monthsLeft = 0;
  return Array.from({ length: months }, () => {
    if (monthsLeft === 0 && random.happens(burst.probability)) monthsLeft = burst.months;
    if (monthsLeft === 0) return burst.quietFactor;
    monthsLeft -= 1;
    return burst.factor;
  });
};

/** Units of one class month by month, before any work moves to another class. */
const classDemand = (item: OutlookClass, months: number, regimeGrowth: number, random: SeededRandom): number[] => {
  const { noise, season, burst } = item;
  const ownGrowth = item.path === null ? item.logGrowth : 0;
  const growth = regimeGrowth + ownGrowth + item.growthSpread * random.normal();
  let level = noise.startSpread * random.normal();
  const bursts = burstFactors(burst, months, random);
  // A plain loop: thousands of futures are drawn for one choice, and this is where their time goes.
  const demand: number[] = [];
  for (let month = 0; month < months; month++) {
    level = noise.persistence * level + noise.monthSpread * random.normal();
    const factor = (season[month % monthsPerYear] ?? 1) * (bursts?.[month] ?? 1);
    demand.push((item.path?.[month] ?? item.level) * factor * Math.exp((growth * month) / monthsPerYear + level));
  }
  return demand;
};

/** Moves work from one class to the other, from a month that chance chooses, in place. */
const applySwitch = (demand: readonly number[][], item: ModelSwitch, random: SeededRandom): void => {
  const happens = random.happens(item.probability);
  const month = item.fromMonth + random.below(item.untilMonth - item.fromMonth);
  const share = random.between(item.shareMin, item.shareMax);
  const from = demand[item.from];
  const to = demand[item.to];
  if (!happens || from === undefined || to === undefined) return;
  for (let at = month; at < from.length; at++) {
    const moved = share * (from[at] ?? 0);
    from[at] = (from[at] ?? 0) - moved;
    to[at] = (to[at] ?? 0) + moved * item.unitFactor;
  }
};

/** The future that a recipe tells. */
export const scenarioOf = (outlook: Outlook, recipe: ScenarioRecipe): DemandScenario => {
  const random = new SeededRandom(recipe.seed, recipe.stream, recipe.mirrored);
  const drawnRegime = random.oneOf(outlook.regimes.map(({ probability }) => probability));
  const drawnPrices = random.oneOf(outlook.pricePaths.map(({ probability }) => probability));
  const regime = outlook.regimes[recipe.regime ?? drawnRegime];
  assert(regime !== undefined, 'the recipe names a regime of the outlook');
  const demand = outlook.classes.map((item) => classDemand(item, outlook.months, regime.logGrowth, random));
  for (const item of outlook.switches) applySwitch(demand, item, random);
  return { weight: recipe.weight, demand, prices: recipe.prices ?? drawnPrices };
};

/** Draws where everything is left to chance, each as likely. */
export const plainRecipes = (draws: { readonly count: number; readonly seed: number }): readonly ScenarioRecipe[] =>
  Array.from({ length: draws.count }, (_, stream) => ({
    seed: draws.seed,
    stream,
    mirrored: false,
    regime: null,
    prices: null,
    weight: 1 / draws.count,
  }));

/** How many of `count` draws each stratum gets: its share, rounded, but at least one where it can happen at all. */
const allotted = (probabilities: readonly number[], count: number): readonly number[] =>
  probabilities.map((probability) => (probability === 0 ? 0 : Math.max(1, Math.round(probability * count))));

/**
 * Draws spread over regimes and price paths as their probabilities say, so that only what happens within them is left to chance, and of
 * that each draw is followed by its mirror image. About
 * `count`: shares are rounded, and each combination that can happen has one draw at least. Weights are exact.
 */
export const stratifiedRecipes = (
  outlook: Outlook,
  draws: { readonly count: number; readonly seed: number },
): readonly ScenarioRecipe[] => {
  const strata = outlook.regimes.flatMap((one, regime) =>
    outlook.pricePaths.map((path, prices) => ({ regime, prices, probability: one.probability * path.probability })),
  );
  const total = strata.reduce((sum, { probability }) => sum + probability, 0);
  const counts = allotted(
    strata.map(({ probability }) => probability / total),
    draws.count,
  );
  let drawn = 0;
  return strata.flatMap(({ regime, prices, probability }, index) => {
    const count = counts[index] ?? 0;
    const weight = probability / total / count;
    return Array.from({ length: count }, () => {
      const at = drawn++;
      return { seed: draws.seed, stream: at >> 1, mirrored: at % 2 === 1, regime, prices, weight };
    });
  });
};

/** Throws where futures cannot be drawn from an outlook: whoever reads one from a file has asked `outlookFaults` before. */
export const assertOutlook = (outlook: Outlook): void => {
  const [fault] = outlookFaults(outlook);
  assert(fault === undefined, `outlook: ${fault?.path.join('.')} ${fault?.what}`);
};

/**
 * Plain draws, each as likely: for judging a plan out of sample, where there can be thousands. A few of them mislead (eight misstate the
 * mean by a quarter): to plan on few futures take `representativeScenarios`. Future n of a seed is the same however many are drawn.
 */
export const drawScenarios = (
  outlook: Outlook,
  draws: { readonly count: number; readonly seed: number },
): readonly DemandScenario[] => {
  assertOutlook(outlook);
  assert(draws.count >= 1 && draws.count <= scenariosMax, `count is from 1 to ${scenariosMax}`);
  return plainRecipes(draws).map((recipe) => scenarioOf(outlook, recipe));
};
