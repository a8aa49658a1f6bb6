import type { CapacityNode, PlanLoss, Resilience } from '../PlanProblem.ts';
import type { DemandScenario } from '../scenarios/DemandScenario.ts';
import type { PortfolioAccount } from './accountsOf.ts';
import { defaultBurst } from './assumptionsOf.ts';
import { floatOf } from './floatOf.ts';
import { lossesOf } from './lossesOf.ts';
import type { Portfolio } from './Portfolio.ts';
import type { Timeline } from './timelineOf.ts';
import type { Way } from './waysOf.ts';

/** Ways of one account that stand and fall together: measured in one unit, at the same hosts. */
export interface WayGroup {
  readonly account: number;
  readonly ways: readonly Way[];
}

const groupKey = (portfolio: Portfolio, account: number, way: Way): string =>
  JSON.stringify([
    account,
    portfolio.classes.get(way.class)?.unit,
    way.hosts.map(({ name, share }) => [name, share === null ? null : floatOf(share)]),
    way.dependsOn,
  ]);

/** Where capacity stands: the ways that share it, and for each way the index of its group. */
export const groupWays = (
  portfolio: Portfolio,
  accounts: readonly PortfolioAccount[],
  ways: readonly Way[],
): { readonly groups: readonly WayGroup[]; readonly groupOfWay: readonly number[] } => {
  const indices = new Map<string, number>();
  const groups: { readonly account: number; readonly ways: Way[] }[] = [];
  const groupOfWay = ways.map((way) => {
    const account = accounts.findIndex(({ sources }) => sources.includes(way.source));
    const key = groupKey(portfolio, account, way);
    const index = indices.get(key) ?? groups.length;
    indices.set(key, index);
    const group = groups[index];
    if (group === undefined) groups.push({ account, ways: [way] });
    else group.ways.push(way);
    return index;
  });
  return { groups, groupOfWay };
};

/** Demand of each class in the last month of each period: [period][class], in whatever units the scenarios are. */
const endDemand = (
  { periods, periodMonths }: Timeline,
  scenarios: readonly DemandScenario[],
  classes: number,
  pick: (weighted: readonly { readonly weight: number; readonly demand: number }[]) => number,
): readonly (readonly number[])[] =>
  Array.from({ length: periods }, (_, period) =>
    Array.from({ length: classes }, (_class, index) =>
      pick(
        scenarios.map(({ weight, demand }) => ({
          weight,
          demand: demand[index]?.[(period + 1) * periodMonths - 1] ?? 0,
        })),
      ),
    ),
  );

type Weighted = readonly { readonly weight: number; readonly demand: number }[];

/** Rounding of weights that add up to a quantile. */
const weightSlack = 1e-9;

/** The least demand that so much of the weight does not pass. */
export const quantileOf = (weighted: Weighted, quantile: number): number => {
  const rising = weighted.toSorted((one, other) => one.demand - other.demand);
  let weight = 0;
  for (const each of rising) {
    weight += each.weight;
    if (weight >= quantile - weightSlack) return each.demand;
  }
  return rising.at(-1)?.demand ?? 0;
};

const shareOf = (
  written: { readonly numerator: bigint; readonly denominator: bigint } | null,
  otherwise: number,
): number => (written === null ? otherwise : floatOf(written));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What the planner must know of outages, in the problem's units; null where the policy asks for nothing. */
export const resilienceOf = (
  portfolio: Portfolio,
  timeline: Timeline,
  groups: readonly WayGroup[],
  ways: readonly Way[],
  scaled: readonly DemandScenario[],
): Resilience | null => {
  const { resilience } = portfolio.policy;
  if (resilience === null) return null;
  const names = [...portfolio.classes.keys()];
  const quantile = floatOf(resilience.demandQuantile);
  const designDemand = endDemand(timeline, scaled, names.length, (weighted) => quantileOf(weighted, quantile));
  const served = groups.map(({ ways: own }) => [...new Set(own.map((way) => names.indexOf(way.class)))]);
  const vendorOf = (group: WayGroup): string => group.ways[0]?.vendor ?? '';

  /** Groups of one vendor that serve a class share what the vendor gives for it without a contract. */
  const sharers = (group: WayGroup, index: number): number =>
    groups.filter((other, at) => vendorOf(other) === vendorOf(group) && served[at]?.includes(index)).length;
  const reach = (at: number, period: number): number =>
    sum((served[at] ?? []).map((index) => designDemand[period]?.[index] ?? 0));
  /** Groups of one account share what its pool gives, by what they may be asked for at first. */
  const poolPart = (group: WayGroup, at: number): number => {
    const own = groups.flatMap((other, index) => (other.account === group.account ? [index] : []));
    const all = sum(own.map((index) => reach(index, 0)));
    return all > 0 ? reach(at, 0) / all : 1 / own.length;
  };

  const nodes = groups.map((group, at): CapacityNode => {
    const burst = portfolio.vendors.get(vendorOf(group))?.burst;
    const base = shareOf(burst?.base ?? null, defaultBurst.base);
    return {
      name: `${vendorOf(group)} ${at + 1}`,
      account: group.account,
      base: designDemand.map((demand) =>
        sum((served[at] ?? []).map((index) => (base * (demand[index] ?? 0)) / sharers(group, index))),
      ),
      perPoolMoney: (shareOf(burst?.pool ?? null, defaultBurst.pool) * poolPart(group, at)) / timeline.periodMonths,
      reservationBurst: shareOf(burst?.reservation ?? null, defaultBurst.reservation),
    };
  });
  const losses = lossesOf(portfolio, ways).map(({ kind, name, gone }): PlanLoss => ({
    kind,
    name,
    capacityLeft: groups.map(({ ways: [way] }) => (way === undefined ? 0 : 1 - floatOf(gone(way)))),
  }));
  return {
    nodes,
    losses,
    servedShares: [...portfolio.classes.values()].map((item) =>
      floatOf(item.servedShareUnderOutage ?? resilience.servedShare),
    ),
    designDemand,
  };
};
