import type { PricePath } from '../scenarios/DemandScenario.ts';
import { forecast } from '../scenarios/forecast.ts';
import { evenSeason, steadyPrices } from '../scenarios/Outlook.ts';
import type { GrowthRegime, ModelSwitch, Outlook, OutlookClass } from '../scenarios/Outlook.ts';
import { monthOfYear, monthsUntil } from './calendarMonths.ts';
import { floatOf } from './floatOf.ts';
import type { ClassDemand, Portfolio, PortfolioClass } from './Portfolio.ts';
import { timelineOf, type Timeline } from './timelineOf.ts';
import { waysOf, type Way } from './waysOf.ts';

/** How much of a month's noise is left a month later. */
const noisePersistence = 0.9;

/** What a file without regimes is planned for: its classes' own growth, and about a third more or less of everything each year. */
const ownRegimes: readonly GrowthRegime[] = [
  { name: 'slower', probability: 0.2, logGrowth: -0.3 },
  { name: 'as told', probability: 0.6, logGrowth: 0 },
  { name: 'faster', probability: 0.2, logGrowth: 0.3 },
];

/** Seasons begin with January in the file, with the first month of the horizon in an outlook. */
const rotated = (from: string, january: readonly number[]): readonly number[] =>
  january.map((_, month) => january[monthOfYear(from, month)] ?? 1);

const burstOf = ({ burst }: PortfolioClass['demand']): OutlookClass['burst'] =>
  burst && {
    probability: floatOf(burst.probability),
    factor: floatOf(burst.factor),
    quietFactor: 1,
    months: burst.months,
  };

/** Units of each month of the horizon, where the file tells them or a history lets them be forecast; else null. */
const pathOf = (
  { from, months }: Timeline,
  name: string,
  { series, history }: ClassDemand,
): readonly number[] | null => {
  if (series !== null) return series.monthly.map(floatOf);
  if (history === null || history.from === null) return null;
  const gap = monthsUntil(history.from, from) - history.monthly.length;
  const [told] = forecast({ classes: [{ name, units: history.monthly.map(floatOf) }] }, gap + months);
  return told?.units.slice(gap) ?? null;
};

const classOf = (
  timeline: Timeline,
  ways: readonly Way[],
  [name, { demand, unit }]: readonly [string, PortfolioClass],
): OutlookClass => {
  const volatility = floatOf(demand.volatility);
  const path = pathOf(timeline, name, demand);
  const january = path === null ? demand.seasonality : null;
  return {
    name,
    group: unit,
    level: demand.start === null ? 0 : floatOf(demand.start),
    path,
    unitCost: cheapestPrice(ways, name),
    logGrowth: Math.log1p(floatOf(demand.growth)),
    growthSpread: floatOf(demand.growthSpread),
    noise: {
      startSpread: volatility,
      persistence: noisePersistence,
      monthSpread: volatility * Math.sqrt(1 - noisePersistence ** 2),
    },
    season: january === null ? evenSeason : rotated(timeline.from, january.map(floatOf)),
    burst: burstOf(demand),
  };
};

/** Money for one unit of a class where it is cheapest, at list price. */
export const cheapestPrice = (ways: readonly Way[], name: string): number =>
  ways.reduce(
    (least, way) => (way.class === name ? Math.min(least, floatOf(way.listPrice)) : least),
    Number.POSITIVE_INFINITY,
  );

/** Factors on list prices, vendors in the order of the file. */
const pricePathsOf = ({ prices, vendors, horizon }: Portfolio): readonly PricePath[] => {
  if (prices.length === 0) return [steadyPrices(vendors.size, horizon.periods)];
  return prices.map(({ name, probability, changePerYear, index }) => ({
    name,
    probability: floatOf(probability),
    factors: [...vendors.keys()].map(
      (vendor) =>
        index.get(vendor)?.map(floatOf) ??
        Array.from(
          { length: horizon.periods },
          (_, period) => (1 + floatOf(changePerYear)) ** ((period * horizon.periodMonths) / 12),
        ),
    ),
  }));
};

const switchesOf = (portfolio: Portfolio, { from, months }: Timeline): readonly ModelSwitch[] => {
  const classes = [...portfolio.classes.keys()];
  return portfolio.switches.map((item) => ({
    from: classes.indexOf(item.from),
    to: classes.indexOf(item.to),
    probability: floatOf(item.probability),
    fromMonth: item.between === null ? 0 : monthsUntil(from, item.between.from),
    untilMonth: item.between === null ? months : monthsUntil(from, item.between.until),
    shareMin: floatOf(item.share[0]),
    shareMax: floatOf(item.share[1]),
    unitFactor: floatOf(item.unitFactor),
  }));
};

const regimesOf = ({ growth }: Portfolio): readonly GrowthRegime[] =>
  growth.length === 0
    ? ownRegimes
    : growth.map((regime) => ({
        name: regime.name,
        probability: floatOf(regime.probability),
        logGrowth: Math.log1p(floatOf(regime.growth)),
      }));

/** What a portfolio believes of the future: what scenarios are drawn from. Classes and vendors in the order of the file. */
export const outlookOf = (portfolio: Portfolio): Outlook => {
  const timeline = timelineOf(portfolio);
  const ways = waysOf(portfolio);
  return {
    months: timeline.months,
    classes: [...portfolio.classes].map((entry) => classOf(timeline, ways, entry)),
    regimes: regimesOf(portfolio),
    switches: switchesOf(portfolio, timeline),
    vendors: [...portfolio.vendors.keys()],
    monthsPerPeriod: timeline.periodMonths,
    pricePaths: pricePathsOf(portfolio),
  };
};
