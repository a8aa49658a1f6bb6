import { assert } from '../../kernel/index.ts';
import type { PlanProblem, PoolOffer, ReservationOffer, SearchGuards } from '../PlanProblem.ts';
import type { DemandScenario } from '../scenarios/DemandScenario.ts';
import { sourceFactors } from '../scenarios/Outlook.ts';
import { accountsOf, type PortfolioAccount } from './accountsOf.ts';
import { assumptionsOf, defaultLoadFactor } from './assumptionsOf.ts';
import { addMonths } from './calendarMonths.ts';
import { capacityTerms, unitName } from './capacityTerms.ts';
import { capsOf } from './capsOf.ts';
import { carryOf } from './carryOf.ts';
import { capacityChoicesOf, offerName, poolChoicesOf, type CapacityChoice, type PoolChoice } from './choicesOf.ts';
import { decimalText, floatOf, sumOf } from './floatOf.ts';
import { groupWays, resilienceOf } from './resilienceOf.ts';
import { cheapestPrice, outlookOf } from './outlookOf.ts';
import { prepaidCost, prepaymentOf, type Prepayment } from './prepayment.ts';
import type { PlanTranslation, PoolMeaning, ReservationMeaning } from './PlanTranslation.ts';
import type { Portfolio } from './Portfolio.ts';
import type { SignedCapacity, SignedPool } from './schema.ts';
import { signedFloors, signedPeriods, signedSegments } from './signedTimes.ts';
import { timelineOf, type Timeline } from './timelineOf.ts';
import { coveredSources, sourceName, waysOf, type Way } from './waysOf.ts';

/** Money for each unit of money over a cap: more than any discount earns, so that a cap is passed only where nothing else is left. */
const capPenalty = 4;

/** Everything that the parts of a problem are made from. */
interface Setting {
  readonly portfolio: Portfolio;
  readonly timeline: Timeline;
  readonly accounts: readonly PortfolioAccount[];
  readonly ways: readonly Way[];
  /** Money of the file for one unit of the problem's. */
  readonly moneyScale: number;
  readonly classNames: readonly string[];
  /** Units of each class of the file for one unit of the problem's. */
  readonly unitsPerUnit: readonly number[];
  readonly nodeOfWay: readonly number[];
}

interface Translated<Offered, Meaning> {
  readonly offer: Offered;
  readonly meaning: Meaning;
}

type TranslatedPool = Translated<PoolOffer, PoolMeaning>;
type TranslatedReservation = Translated<ReservationOffer, ReservationMeaning> & { readonly way: number };

/** Mean over the scenarios of what the demand of each period costs where it is cheapest, in the file's currency. */
const periodCosts = (
  timeline: Timeline,
  prices: readonly number[],
  scenarios: readonly DemandScenario[],
): readonly number[] =>
  Array.from({ length: timeline.periods }, (_, period) => {
    const [from, until] = [period * timeline.periodMonths, (period + 1) * timeline.periodMonths];
    let cost = 0;
    for (const { weight, demand } of scenarios)
      for (const [index, months] of demand.entries())
        for (const units of months.slice(from, until)) cost += weight * units * (prices[index] ?? 0);
    return cost;
  });

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A power of ten of the currency in which a period of usage costs between 10 and 100. */
const moneyExponent = (costs: readonly number[]): number => {
  const cost = mean(costs);
  return cost > 0 && Number.isFinite(cost) ? Math.floor(Math.log10(cost)) - 1 : 0;
};

const accountOf = ({ accounts }: Setting, source: number): number =>
  accounts.findIndex(({ sources }) => sources.includes(source));

const startOf = ({ timeline }: Setting, month: number): string => addMonths(timeline.from, month);

/** Signed pools that count within the horizon. */
const signedPools = (setting: Setting): readonly TranslatedPool[] =>
  setting.portfolio.contracts.flatMap((contract) => (contract.kind === 'pool' ? signedPool(setting, contract) : []));

const signedPool = (setting: Setting, contract: SignedPool): readonly TranslatedPool[] => {
  const span = signedPeriods(setting.timeline, contract);
  const [source] = coveredSources(setting.portfolio, contract);
  if (span === null || source === undefined) return [];
  return [
    {
      offer: {
        name: contract.id,
        account: accountOf(setting, source),
        fromPeriod: span.from,
        untilPeriod: span.until,
        floors: signedFloors(setting.timeline, contract, span).map((floor) => floor / setting.moneyScale),
        discount: floatOf(contract.discount),
        shortfallRate: floatOf(contract.shortfall.rate),
        // What was paid when it was signed is paid.
        signingCost: 0,
        carry: carryOf(setting.timeline, contract),
        signed: true,
      },
      meaning: {
        vendor: contract.vendor,
        offer: contract.id,
        start: contract.period.from,
        months: (span.until - span.from) * setting.timeline.periodMonths,
        amount: contract.amount,
        signed: true,
      },
    },
  ];
};

const offeredPool = (setting: Setting, choice: PoolChoice): readonly TranslatedPool[] => {
  const { offer, fromMonth, months, discount, floors } = choice;
  const [source] = coveredSources(setting.portfolio, offer);
  if (source === undefined) return [];
  const { portfolio, timeline, moneyScale } = setting;
  const { periodMonths } = timeline;
  const start = startOf(setting, fromMonth);
  const amount = sumOf(floors);
  const scaledFloors = floors.map((floor) => floatOf(floor) / moneyScale);
  return [
    {
      offer: {
        name: `${offerName(offer)}: ${decimalText(amount)} over ${months} months from ${start}`,
        account: accountOf(setting, source),
        fromPeriod: fromMonth / periodMonths,
        untilPeriod: (fromMonth + months) / periodMonths,
        floors: scaledFloors,
        discount: floatOf(discount),
        shortfallRate: floatOf(offer.shortfall.rate),
        signingCost: prepaidCost(prepaymentOf(portfolio, offer), scaledFloors, periodMonths),
        carry: carryOf(timeline, offer),
        signed: false,
      },
      meaning: { vendor: offer.vendor, offer: offerName(offer), start, months, amount, signed: false },
    },
  ];
};

/** Pools that are signed, and those that could be: what cannot be signed beside a signed one is left out. */
const poolsOf = (setting: Setting): readonly TranslatedPool[] => {
  const signed = signedPools(setting);
  const isFree = ({ offer }: TranslatedPool): boolean =>
    !signed.some(
      (other) =>
        other.offer.account === offer.account &&
        other.offer.fromPeriod < offer.untilPeriod &&
        offer.fromPeriod < other.offer.untilPeriod,
    );
  const offered = setting.portfolio.offers.flatMap((offer) =>
    offer.kind === 'pool'
      ? poolChoicesOf(setting.timeline, offer).flatMap((choice) => offeredPool(setting, choice))
      : [],
  );
  return [...signed, ...offered.filter(isFree)];
};

/** Terms that a floor or slot has at one source, and how to tell its quantity in the problem's units. */
const reservationAt = (setting: Setting, way: number, written: CapacityWritten): TranslatedReservation | null => {
  const { ways, classNames, unitsPerUnit, moneyScale, timeline, portfolio, nodeOfWay } = setting;
  const at = ways[way];
  if (at === undefined) return null;
  const index = classNames.indexOf(at.class);
  const scale = unitsPerUnit[index] ?? 1;
  const { unitsPerMonth, feePerMonth } = capacityTerms(at, written.unit, written.fee, written.discount);
  const units = (floatOf(written.amount) * unitsPerMonth) / scale;
  const loadFactor = portfolio.classes.get(at.class)?.loadFactor ?? null;
  const usableShare = written.usableShare ?? loadFactor;
  const source = portfolio.sources[at.source];
  const months = (written.untilSegment - written.fromSegment) * timeline.segmentMonths;
  const fee = ((feePerMonth / unitsPerMonth) * scale) / moneyScale;
  return {
    way,
    offer: {
      name: written.label,
      account: accountOf(setting, at.source),
      class: index,
      node: nodeOfWay[way] ?? 0,
      fromSegment: written.fromSegment,
      untilSegment: written.untilSegment,
      feePerMonth: fee,
      signingCost: written.prepayment === null ? 0 : prepaidCost(written.prepayment, [fee * months], months),
      usableShare: usableShare === null ? defaultLoadFactor : floatOf(usableShare),
      quantity: written.isExact ? { kind: 'exactly', units } : { kind: 'upTo', max: units },
      countsTowardsPool: written.countsTowardsPool,
      signed: written.signed,
    },
    meaning: {
      vendor: written.vendor,
      offer: written.offer,
      kind: written.kind,
      source: source === undefined ? at.name : sourceName(source),
      start: written.start,
      months,
      unit: unitName(written.unit),
      amount: written.isExact ? written.amount : null,
      quantityPerUnit: scale / unitsPerMonth,
      signed: written.signed,
    },
  };
};

/** What offered and signed capacity have in common. */
interface CapacityWritten extends Pick<
  SignedCapacity,
  'vendor' | 'kind' | 'unit' | 'fee' | 'discount' | 'usableShare' | 'countsTowardsPool'
> {
  /** Name of the offer, or id of the contract. */
  readonly offer: string;
  readonly label: string;
  readonly amount: SignedCapacity['quantity'];
  readonly isExact: boolean;
  readonly start: string;
  readonly fromSegment: number;
  readonly untilSegment: number;
  /** Null where it is paid already. */
  readonly prepayment: Prepayment | null;
  readonly signed: boolean;
}

/** The way in which a source serves its own class: what is reserved is reserved for that. */
const ownWays = ({ ways, portfolio }: Setting, cover: Parameters<typeof coveredSources>[1]): readonly number[] => {
  const covered = coveredSources(portfolio, cover);
  return ways.flatMap((way, index) => (way.own && covered.includes(way.source) ? [index] : []));
};

const offeredReservations = (setting: Setting, choice: CapacityChoice): readonly TranslatedReservation[] => {
  const { offer, fromMonth, months, discount, quantity } = choice;
  const { segmentMonths } = setting.timeline;
  const start = startOf(setting, fromMonth);
  const amount = `${quantity.kind === 'upTo' ? 'up to ' : ''}${decimalText(quantity.amount)} ${unitName(offer.unit)}`;
  return ownWays(setting, offer).flatMap((way) => {
    const translated = reservationAt(setting, way, {
      ...offer,
      discount,
      offer: offerName(offer),
      label: `${offerName(offer)} at ${setting.ways[way]?.name ?? ''}: ${amount} for ${months} months from ${start}`,
      amount: quantity.amount,
      isExact: quantity.kind === 'exactly',
      start,
      fromSegment: fromMonth / segmentMonths,
      untilSegment: (fromMonth + months) / segmentMonths,
      prepayment: prepaymentOf(setting.portfolio, offer),
      signed: false,
    });
    return translated === null ? [] : [translated];
  });
};

const signedReservation = (setting: Setting, contract: SignedCapacity): readonly TranslatedReservation[] => {
  const span = signedSegments(setting.timeline, contract);
  const [way] = ownWays(setting, contract);
  if (span === null || way === undefined) return [];
  const translated = reservationAt(setting, way, {
    ...contract,
    offer: contract.id,
    label: contract.id,
    amount: contract.quantity,
    isExact: true,
    start: contract.period.from,
    fromSegment: span.from,
    untilSegment: span.until,
    prepayment: null,
    signed: true,
  });
  return translated === null ? [] : [translated];
};

const reservationsOf = (setting: Setting): readonly TranslatedReservation[] => [
  ...setting.portfolio.contracts.flatMap((contract) =>
    contract.kind === 'pool' ? [] : signedReservation(setting, contract),
  ),
  ...setting.portfolio.offers.flatMap((offer) =>
    offer.kind === 'pool'
      ? []
      : capacityChoicesOf(setting.timeline, offer).flatMap((choice) => offeredReservations(setting, choice)),
  ),
];

/**
 * Bounds of the search where the file names none. A cap on vendors bounds the usage of an account at list price, by as much more as discounts and
 * dearer sources can make of it; where one vendor alone serves a class, nothing does.
 */
const guardsOf = (setting: Setting, pools: readonly TranslatedPool[], costs: readonly number[]): SearchGuards => {
  const { portfolio, ways, classNames } = setting;
  const { guards, concentration } = portfolio.policy;
  const cap = concentration.vendor === null ? null : floatOf(concentration.vendor);
  const vendorsOf = (name: string): number =>
    new Set(ways.filter((way) => way.class === name).map(({ vendor }) => vendor)).size;
  const dearest = Math.max(...ways.map((way) => floatOf(way.listPrice) / cheapestPrice(ways, way.class)));
  const discount = Math.max(0, ...pools.map(({ offer }) => offer.discount));
  const isBounded = cap !== null && classNames.every((name) => vendorsOf(name) > 1);
  const share = guards.reservationShare === null ? (cap ?? 1) : floatOf(guards.reservationShare);
  return {
    usageShare:
      guards.usageShare !== null
        ? floatOf(guards.usageShare)
        : isBounded
          ? Math.min(1, cap / (1 - discount)) * dearest
          : Infinity,
    reservationFees: costs.map((cost) => (share * cost) / setting.moneyScale),
  };
};

const scaledScenarios = (setting: Setting, scenarios: readonly DemandScenario[]): readonly DemandScenario[] =>
  scenarios.map((scenario) => {
    assert(scenario.demand.length === setting.classNames.length, 'a scenario tells the demand of every class');
    return {
      ...scenario,
      demand: scenario.demand.map((months, index) => {
        assert(months.length === setting.timeline.months, 'a scenario tells the demand of every month');
        return months.map((units) => units / (setting.unitsPerUnit[index] ?? 1));
      }),
    };
  });

const settingOf = (portfolio: Portfolio, scenarios: readonly DemandScenario[]) => {
  const timeline = timelineOf(portfolio);
  const accounts = accountsOf(portfolio);
  const ways = waysOf(portfolio);
  const classNames = [...portfolio.classes.keys()];
  const prices = classNames.map((name) => cheapestPrice(ways, name));
  const costs = periodCosts(timeline, prices, scenarios);
  const exponent = moneyExponent(costs);
  const moneyScale = 10 ** exponent;
  const { groups, groupOfWay } = groupWays(portfolio, accounts, ways);
  const setting: Setting = {
    portfolio,
    timeline,
    accounts,
    ways,
    moneyScale,
    classNames,
    unitsPerUnit: prices.map((price) => moneyScale / price),
    nodeOfWay: groupOfWay,
  };
  return { setting, groups, costs, exponent };
};

/**
 * A portfolio as arithmetic. Money is scaled by a power of ten so that a period of usage costs between 10 and 100, each class so that one unit
 * costs one unit of money where it is cheapest. Steps are months.
 * @param scenarios Units of the file's classes, in the order of the file, for each month of the horizon; see outlookOf and alongSeries.
 * @param sample What must be served in an outage is a quantile of these: of few scenarios it would be a matter of luck, so that more are drawn for it.
 */
export const problemOf = (
  portfolio: Portfolio,
  scenarios: readonly DemandScenario[],
  sample: readonly DemandScenario[] = scenarios,
): PlanTranslation => {
  const { setting, groups, costs, exponent } = settingOf(portfolio, scenarios);
  const { timeline, accounts, ways, classNames, unitsPerUnit, moneyScale } = setting;
  const pools = poolsOf(setting);
  const reservations = reservationsOf(setting);
  const scaled = scaledScenarios(setting, scenarios);
  const outlook = outlookOf(portfolio);
  const vendorOfWay = ways.map(({ vendor }) => outlook.vendors.indexOf(vendor));
  const problem: PlanProblem = {
    accounts: accounts.map(({ name, vendor }) => ({ name, vendor })),
    classes: classNames.map((name) => ({ name })),
    sources: ways.map((way, index) => {
      const served = classNames.indexOf(way.class);
      const listPrice = (floatOf(way.listPrice) * (unitsPerUnit[served] ?? 1)) / moneyScale;
      return {
        name: way.name,
        account: accountOf(setting, way.source),
        class: served,
        node: setting.nodeOfWay[index] ?? 0,
        listPrice: Array.from({ length: timeline.periods }, () => listPrice),
      };
    }),
    pools: pools.map(({ offer }) => offer),
    reservations: reservations.map(({ offer }) => offer),
    periods: timeline.periods,
    segmentsPerPeriod: timeline.segmentsPerPeriod,
    stepsPerSegment: timeline.segmentMonths,
    monthsPerStep: 1,
    scenarios: scaled.map(({ weight, demand, prices }) => ({ weight, demand, prices })),
    priceIndices: outlook.pricePaths.map((path) => ({ name: path.name, factors: sourceFactors(path, vendorOfWay) })),
    caps: capsOf(
      portfolio,
      accounts,
      ways,
      reservations.map(({ way }) => way),
    ),
    capPenalty,
    resilience: resilienceOf(
      portfolio,
      timeline,
      groups,
      ways,
      sample === scenarios ? scaled : scaledScenarios(setting, sample),
    ),
    guards: guardsOf(setting, pools, costs),
    risk: {
      cvarWeight: floatOf(portfolio.policy.risk.cvarWeight),
      beta: floatOf(portfolio.policy.risk.beta),
    },
  };
  return {
    problem,
    moneyUnit: { currency: portfolio.currency, exponent },
    unitsPerUnit,
    periodStarts: Array.from({ length: timeline.periods }, (_, period) =>
      startOf(setting, period * timeline.periodMonths),
    ),
    pools: pools.map(({ meaning }) => meaning),
    reservations: reservations.map(({ meaning }) => meaning),
    assumptions: assumptionsOf(portfolio),
  };
};
