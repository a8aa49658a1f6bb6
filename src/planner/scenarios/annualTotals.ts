import type { DemandScenario } from './DemandScenario.ts';
import { monthsPerYear, type Outlook } from './Outlook.ts';
import { scenarioOf, stratifiedRecipes } from './drawScenarios.ts';

/** Groups of classes in the order in which the outlook first names them. */
export const groupsOf = (outlook: Outlook): readonly string[] => [
  ...new Set(outlook.classes.map(({ group }) => group)),
];

/** Years of the horizon, the last one perhaps short. */
export const yearsOf = (outlook: Outlook): number => Math.ceil(outlook.months / monthsPerYear);

/** Names of what `annualTotals` tells, in its order: group by group, in each year by year. */
export const annualTotalNames = (outlook: Outlook): readonly string[] =>
  groupsOf(outlook).flatMap((group) =>
    Array.from({ length: yearsOf(outlook) }, (_, year) => `${group}, year ${year + 1}`),
  );

/**
 * What the demand of each group in each year costs at today's list prices. Nearly all of a plan's cost in a future can be told from these
 * few numbers, which makes them what scenarios are matched on and what control variates are made of.
 */
export const annualTotals = (outlook: Outlook, scenario: DemandScenario): readonly number[] => {
  const groups = groupsOf(outlook);
  const years = yearsOf(outlook);
  const totals = Array.from({ length: groups.length * years }, () => 0);
  for (const [index, item] of outlook.classes.entries()) {
    const first = groups.indexOf(item.group) * years;
    const path = scenario.demand[index] ?? [];
    for (let month = 0; month < path.length; month++) {
      const at = first + Math.floor(month / monthsPerYear);
      totals[at] = (totals[at] ?? 0) + (path[month] ?? 0) * item.unitCost;
    }
  }
  return totals;
};

/** [price path][period]: its factor, the mean of its vendors. */
const meanFactors = (outlook: Outlook): readonly (readonly number[])[] =>
  outlook.pricePaths.map(({ factors }) =>
    (factors[0] ?? []).map(
      (_, period) => factors.reduce((sum, vendor) => sum + (vendor[period] ?? 1), 0) / factors.length,
    ),
  );

/** Makes the estimate of what a future costs: its demand at list prices, moved by its price path. It ranks futures, it bills nothing. */
export const costEstimate = (outlook: Outlook): ((scenario: DemandScenario) => number) => {
  const factors = meanFactors(outlook);
  return (scenario) => {
    const path = factors[scenario.prices] ?? [];
    let cost = 0;
    for (const [index, item] of outlook.classes.entries()) {
      const demand = scenario.demand[index] ?? [];
      for (let month = 0; month < demand.length; month++)
        cost += (demand[month] ?? 0) * item.unitCost * (path[Math.floor(month / outlook.monthsPerPeriod)] ?? 1);
    }
    return cost;
  };
};

/** Expected annual totals from many draws, none of which is kept: the known means that control variates need. */
export const expectedAnnualTotals = (
  outlook: Outlook,
  draws: { readonly count: number; readonly seed: number },
): readonly number[] => {
  const means = annualTotalNames(outlook).map(() => 0);
  for (const recipe of stratifiedRecipes(outlook, draws)) {
    for (const [index, total] of annualTotals(outlook, scenarioOf(outlook, recipe)).entries())
      means[index] = (means[index] ?? 0) + recipe.weight * total;
  }
  return means;
};
