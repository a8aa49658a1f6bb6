// The family of synthetic instances on which the planner is measured: six vendors, five classes of work, sixty months, drawn from one seed.
import { seededRandom } from '../kernel/index.ts';
import type {
  ConcentrationCap,
  PlanDecision,
  PlanProblem,
  PlanScenario,
  PoolOffer,
  ReservationOffer,
  Resilience,
} from './PlanProblem.ts';

export interface InstanceOptions {
  /** How many of the six vendors there are, the first ones. */
  readonly vendors?: number;
  /** The horizon: whole years. */
  readonly months?: number;
  readonly monthsPerStep?: 1 | 3 | 12;
  readonly scenarios: number;
  readonly seed: number;
  /** Most of what is paid in a year that one vendor may get; null for no cap. */
  readonly cap?: number | null;
  /** Whether the loss of any one vendor must be survived. */
  readonly outage?: boolean;
  readonly cvarWeight?: number;
  readonly beta?: number;
}

type Instance = Required<InstanceOptions> & { readonly years: number };

const vendorNames = ['A', 'B', 'C', 'D', 'E', 'F'] as const;
const classNames = ['frontier', 'mid', 'small', 'open', 'train'] as const;
type VendorName = (typeof vendorNames)[number];

const trainingClass = classNames.indexOf('train');

/** List prices by class, relative to a reference; null where the vendor has nothing to serve the class with. */
const listPrices: Readonly<Record<VendorName, readonly (number | null)[]>> = {
  A: [1.0, 1.0, 1.0, 1.05, 1.15],
  B: [1.03, 0.98, 1.04, 1.08, 1.2],
  C: [1.02, 1.02, 0.94, 1.0, 1.1],
  D: [0.96, 0.95, 0.97, null, null],
  E: [null, null, null, 0.78, 0.8],
  F: [null, null, 1.02, 0.86, 0.9],
};

/** Demand of a month at the beginning, in M$ at the reference price. */
const firstDemand = [0.45, 0.3, 0.15, 0.2, 0.4] as const;

/** What must be spent in a year (M$), and the discount for it. */
const poolTiers = [
  { floor: 1, discount: 0.05 },
  { floor: 3, discount: 0.08 },
  { floor: 6, discount: 0.1 },
  { floor: 12, discount: 0.13 },
  { floor: 25, discount: 0.16 },
] as const;

/** How long a pool lasts, what that adds to its discount, and its floor year by year as a multiple of the tier's. */
const poolTerms = [
  { years: 1, discount: -0.03, ramp: [1] },
  { years: 3, discount: 0, ramp: [0.7, 1, 1.3] },
] as const;

const reservationTerms = [
  { years: 1, discount: 0.25 },
  { years: 3, discount: 0.4 },
] as const;

const reservedMax = 200;
const usableShare = 0.72;

/** What must be served when a vendor is gone, and what the others can serve then beyond their contracts. */
const outage = {
  servedShares: [0.9, 0.9, 0.9, 0.8, 0.3],
  baseShare: 0.1,
  baseGrowthPerYear: 0.4,
  perPoolMoneyPerYear: 0.35,
  reservationBurst: 0.15,
  designQuantile: 0.75,
} as const;

/** Guards of the search: usage of a vendor before the deepest discount, fees of a vendor against mean demand. */
const guardShare = 0.45;
const usageShare = 0.45 / 0.84;

const monthsPerYear = 12;

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

const sumOf = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};

const at = <T>(list: readonly T[], index: number): T => {
  const value = list[index];
  if (value === undefined) throw new RangeError(`nothing at ${index} of ${list.length}`);
  return value;
};

type Random = () => number;

/** Box and Muller, one of the pair. */
const gaussOf = (random: Random): number => {
  let u = 0;
  while (u === 0) u = random();
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random());
};

/** Growth a year of a whole future: shrinking, steady, or fast. */
const regimeOf = (u: number): number => {
  if (u < 0.2) return -0.05;
  return u < 0.8 ? 0.35 : 0.75;
};

/** Demand of one future by month and class. The order of the draws is part of the family. */
const drawMonths = (random: Random, months: number): number[][] => {
  const regime = regimeOf(random());
  const growth = firstDemand.map((_, k) => regime + 0.35 * 0.5 * gaussOf(random) + (k === trainingClass ? -0.1 : 0));
  const level = firstDemand.map(() => 0.1 * gaussOf(random));
  return range(months).map((month) =>
    firstDemand.map((first, k) => {
      level[k] = 0.9 * at(level, k) + 0.06 * gaussOf(random);
      const burst = k === trainingClass ? (random() < 0.25 ? 1.8 : 0.73) : 1;
      return Math.max(0.01, first * Math.exp((at(growth, k) * month) / monthsPerYear + at(level, k)) * burst);
    }),
  );
};

const drawScenarios = ({ scenarios, months, monthsPerStep, seed }: Instance): PlanScenario[] => {
  // The plans kept in the fixtures were priced on exactly these draws.
  const random = seededRandom(seed);
  return range(scenarios).map(() => {
    const path = drawMonths(random, months);
    const demandOf = (k: number, step: number): number =>
      sumOf(range(monthsPerStep).map((month) => at(at(path, step * monthsPerStep + month), k)));
    return {
      weight: 1 / scenarios,
      demand: classNames.map((_, k) => range(months / monthsPerStep).map((step) => demandOf(k, step))),
      prices: 0,
    };
  });
};

const poolsOf = (instance: Instance): PoolOffer[] =>
  vendorNames.slice(0, instance.vendors).flatMap((vendor, account) =>
    range(instance.years).flatMap((year) =>
      poolTerms
        .filter((term) => year + term.years <= instance.years)
        .flatMap((term) =>
          poolTiers.map((tier, index) => ({
            name: `y_${vendor}_${year}_${term.years}_${index}`,
            account,
            fromPeriod: year,
            untilPeriod: year + term.years,
            floors: term.ramp.map((multiple) => tier.floor * multiple),
            discount: Number((tier.discount + term.discount).toFixed(4)),
            shortfallRate: 1,
            signingCost: 0,
            carry: null,
            signed: false,
          })),
        ),
    ),
  );

/** Every vendor with every class that it serves, and at which price. */
const servedPairs = (vendors: number): { vendor: VendorName; account: number; class: number; price: number }[] =>
  vendorNames
    .slice(0, vendors)
    .flatMap((vendor, account) =>
      listPrices[vendor].flatMap((price, k) => (price === null ? [] : [{ vendor, account, class: k, price }])),
    );

const reservationsOf = (instance: Instance): ReservationOffer[] =>
  servedPairs(instance.vendors).flatMap(({ vendor, account, class: k, price }) =>
    range(instance.years).flatMap((year) =>
      reservationTerms
        .filter((term) => year + term.years <= instance.years)
        .map((term) => ({
          name: `z_${vendor}_${k}_${year}_${term.years}`,
          account,
          class: k,
          node: account,
          fromSegment: year,
          untilSegment: year + term.years,
          feePerMonth: price * (1 - term.discount),
          usableShare,
          quantity: { kind: 'upTo' as const, max: reservedMax },
          signingCost: 0,
          countsTowardsPool: true,
          signed: false,
        })),
    ),
  );

/** The last step's demand at the quantile, for each year and class: index floor(.75 n) of the sorted figures. */
const designDemandOf = (instance: Instance, scenarios: readonly PlanScenario[]): number[][] => {
  const stepsPerYear = monthsPerYear / instance.monthsPerStep;
  const rank = Math.min(scenarios.length - 1, Math.floor(outage.designQuantile * scenarios.length));
  return range(instance.years).map((year) =>
    classNames.map((_, k) => {
      const last = scenarios.map(({ demand }) => at(at(demand, k), (year + 1) * stepsPerYear - 1));
      return at(
        last.toSorted((one, other) => one - other),
        rank,
      );
    }),
  );
};

const baseCapacityOf = (instance: Instance, account: number, year: number): number =>
  sumOf(
    servedPairs(instance.vendors)
      .filter((pair) => pair.account === account)
      .map(
        (pair) =>
          outage.baseShare *
          at(firstDemand, pair.class) *
          instance.monthsPerStep *
          (1 + outage.baseGrowthPerYear * year),
      ),
  );

const resilienceOf = (instance: Instance, scenarios: readonly PlanScenario[]): Resilience => {
  const vendors = vendorNames.slice(0, instance.vendors);
  return {
    nodes: vendors.map((name, account) => ({
      name,
      account,
      base: range(instance.years).map((year) => baseCapacityOf(instance, account, year)),
      perPoolMoney: (outage.perPoolMoneyPerYear / monthsPerYear) * instance.monthsPerStep,
      reservationBurst: outage.reservationBurst,
    })),
    losses: vendors.map((name, lost) => ({
      name,
      kind: 'vendor',
      capacityLeft: vendors.map((_, node) => (node === lost ? 0 : 1)),
    })),
    servedShares: outage.servedShares,
    designDemand: designDemandOf(instance, scenarios),
  };
};

const capsOf = (instance: Instance): ConcentrationCap[] => {
  const { cap } = instance;
  if (cap === null) return [];
  const vendors = vendorNames.slice(0, instance.vendors);
  return vendors.map((name, capped) => ({
    name,
    kind: 'vendor',
    share: cap,
    basis: { kind: 'cost', accountShares: vendors.map((_, account) => (account === capped ? 1 : 0)) },
  }));
};

/** Most that one vendor's reservations may cost in each year: a share of mean demand. */
const feeGuardsOf = (instance: Instance, scenarios: readonly PlanScenario[]): number[] => {
  const stepsPerYear = monthsPerYear / instance.monthsPerStep;
  return range(instance.years).map((year) => {
    const mean = sumOf(
      scenarios.map(({ weight, demand }) =>
        sumOf(
          demand.flatMap((steps) =>
            steps.slice(year * stepsPerYear, (year + 1) * stepsPerYear).map((units) => units * weight),
          ),
        ),
      ),
    );
    return guardShare * mean;
  });
};

/** One member of the family. Money is in M$; periods are years, of one segment each. */
export const instanceFamily = (options: InstanceOptions): PlanProblem => {
  const months = options.months ?? 60;
  const instance: Instance = {
    vendors: vendorNames.length,
    monthsPerStep: 1,
    cap: 0.45,
    outage: true,
    cvarWeight: 0.2,
    beta: 0.9,
    ...options,
    months,
    years: months / monthsPerYear,
  };
  const scenarios = drawScenarios(instance);
  const sources = servedPairs(instance.vendors).map(({ vendor, account, class: k, price }) => ({
    name: `${vendor}/${at(classNames, k)}`,
    account,
    class: k,
    node: account,
    listPrice: range(instance.years).map(() => price),
  }));
  return {
    accounts: vendorNames.slice(0, instance.vendors).map((name) => ({ name, vendor: name })),
    classes: classNames.map((name) => ({ name })),
    sources,
    pools: poolsOf(instance),
    reservations: reservationsOf(instance),
    periods: instance.years,
    segmentsPerPeriod: 1,
    stepsPerSegment: monthsPerYear / instance.monthsPerStep,
    monthsPerStep: instance.monthsPerStep,
    scenarios,
    priceIndices: [{ name: 'constant', factors: sources.map(() => range(instance.years).map(() => 1)) }],
    caps: capsOf(instance),
    capPenalty: 1,
    resilience: instance.outage ? resilienceOf(instance, scenarios) : null,
    guards: { usageShare, reservationFees: feeGuardsOf(instance, scenarios) },
    risk: { cvarWeight: instance.cvarWeight, beta: instance.beta },
  };
};

/** A plan told by the names of its pools, and by name the units a month of its reservations. */
export interface NamedPlan {
  readonly pools: readonly string[];
  readonly reservations: Readonly<Record<string, number>>;
}

/** A named plan as a decision of a problem that offers all of it. */
export const decisionOf = (problem: PlanProblem, { pools, reservations }: NamedPlan): PlanDecision => {
  const offered = new Set([...problem.pools, ...problem.reservations].map(({ name }) => name));
  const missing = [...pools, ...Object.keys(reservations)].filter((name) => !offered.has(name));
  if (missing.length > 0) throw new RangeError(`not on offer: ${missing.join(', ')}`);
  return {
    pools: problem.pools.map(({ name }) => pools.includes(name)),
    reservations: problem.reservations.map(({ name }) => reservations[name] ?? 0),
  };
};
