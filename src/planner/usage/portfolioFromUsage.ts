import { failure, success } from '../../kernel/index.ts';
import type { Ratio, Result } from '../../kernel/index.ts';
import { addMonths } from '../portfolio/calendarMonths.ts';
import { decimalText } from '../portfolio/floatOf.ts';
import { ratioOf, type Pico } from './readDecimal.ts';
import type { GatheredClass, GatheredUsage, MeasureMonths, MonthSums, UsageSpan } from './gatherUsage.ts';
import type { Measure } from './UsageLine.ts';

export interface UsagePortfolioOptions {
  /** Where the figures come from, for the first comment: names of files, or a server. */
  readonly source: string;
  /** No plan begins before this first of a month. */
  readonly from: string;
  readonly years: number;
  /** Where no export says so. */
  readonly currency: string;
}

export interface UsagePortfolio {
  /** The text of a portfolio.yaml, valid as it stands. */
  readonly text: string;
  /** What was left aside or is to be completed, in sentences. */
  readonly notes: readonly string[];
}

/** A price that was observed, or why there is none. */
interface ObservedPrice {
  readonly price: string;
  readonly comment: string;
  readonly isKnown: boolean;
}

const quoted = (name: string): string => JSON.stringify(name);

const text = (pico: Pico): string => decimalText(ratioOf(pico));

/** Text of a price; what is less than the least that a file can tell counts as that. */
const priceText = (price: Ratio): string => {
  const written = decimalText(price);
  return written === '0' && price.numerator > 0n ? '0.000000001' : written;
};

const monthsOf = (measures: MeasureMonths | undefined, measure: Measure): ReadonlyMap<string, MonthSums> =>
  measures?.get(measure) ?? new Map<string, MonthSums>();

const measuresOfTokens: readonly Measure[] = ['input', 'output', 'tokens'];
const measuresOf = ({ unit }: GatheredClass): readonly Measure[] =>
  unit === 'gpuHour' ? ['gpuHour'] : measuresOfTokens;

/** What of a class is demand: its quantities, or its costs where nothing else is told. */
const unitsOf = ({ unit }: GatheredClass, { quantity, cost }: MonthSums): Pico => (unit === 'money' ? cost : quantity);

const unitsIn = (item: GatheredClass, month: string): Pico => {
  let units = 0n;
  for (const measures of item.vendors.values())
    for (const measure of measuresOf(item)) {
      const sums = monthsOf(measures, measure).get(month);
      if (sums !== undefined) units += unitsOf(item, sums);
    }
  return units;
};

const allMonths = (item: GatheredClass): readonly string[] => {
  const months = new Set<string>();
  for (const measures of item.vendors.values())
    for (const measure of measuresOf(item)) for (const month of monthsOf(measures, measure).keys()) months.add(month);
  return [...months].toSorted();
};

const totalUnits = (item: GatheredClass): Pico =>
  allMonths(item).reduce((sum, month) => sum + unitsIn(item, month), 0n);

/** Sums over the months of which both a quantity and a cost are told. */
const pricedSums = (months: readonly ReadonlyMap<string, MonthSums>[]): MonthSums => {
  const total: MonthSums = { quantity: 0n, cost: 0n, listCost: 0n, unlisted: 0n };
  for (const month of new Set(months.flatMap((some) => [...some.keys()]))) {
    const sums = months.flatMap((some) => some.get(month) ?? []);
    const quantity = sums.reduce((sum, one) => sum + one.quantity, 0n);
    const listCost = sums.reduce((sum, one) => sum + one.listCost, 0n);
    const cost = sums.reduce((sum, one) => sum + one.cost, 0n);
    if (quantity <= 0n || (cost <= 0n && listCost <= 0n)) continue;
    total.quantity += quantity;
    total.cost += cost;
    total.listCost += listCost;
    total.unlisted += sums.reduce((sum, one) => sum + one.unlisted, 0n);
  }
  return total;
};

/** Money for one of a quantity: at list where every cost has its list cost, else as it was paid; null where nothing was paid. */
const priceOf = (sums: MonthSums): { readonly price: Ratio; readonly basis: 'list' | 'paid' } | null => {
  const isListed = sums.unlisted === 0n && sums.listCost > 0n;
  const money = isListed ? sums.listCost : sums.cost;
  if (sums.quantity <= 0n || money <= 0n) return null;
  return { price: { numerator: money, denominator: sums.quantity }, basis: isListed ? 'list' : 'paid' };
};

const basisWords = {
  list: 'list cost / quantity',
  paid: 'cost / quantity: what was paid, discounts within it',
} as const;

const unknownPrice = (unit: string): ObservedPrice => ({
  price: `{ ${unit}: "1" }`,
  comment: 'TO COMPLETE: no cost was told; write the list price',
  isKnown: false,
});

const tokenPrice = (measures: MeasureMonths | undefined): ObservedPrice => {
  const [input, output, either] = (['input', 'output', 'tokens'] as const).map((measure) =>
    monthsOf(measures, measure),
  );
  const [into, out] = [priceOf(pricedSums([input ?? new Map()])), priceOf(pricedSums([output ?? new Map()]))];
  if (into !== null && out !== null && (either?.size ?? 0) === 0) {
    const basis = into.basis === 'list' && out.basis === 'list' ? 'list' : 'paid';
    return {
      price: `{ inputPerMTok: "${priceText(into.price)}", outputPerMTok: "${priceText(out.price)}" }`,
      comment: basisWords[basis],
      isKnown: true,
    };
  }
  const blended = priceOf(pricedSums([input ?? new Map(), output ?? new Map(), either ?? new Map()]));
  if (blended === null) return unknownPrice('perMTok');
  return { price: `{ perMTok: "${priceText(blended.price)}" }`, comment: basisWords[blended.basis], isKnown: true };
};

const observedPrice = (item: GatheredClass, vendor: string): ObservedPrice => {
  const measures = item.vendors.get(vendor);
  if (item.unit === 'money')
    return {
      price: '{ perMTok: "1" }',
      comment: 'only costs were told: one unit is one of the currency',
      isKnown: true,
    };
  if (item.unit === 'MTok') return tokenPrice(measures);
  const hourly = priceOf(pricedSums([monthsOf(measures, 'gpuHour')]));
  if (hourly === null) return unknownPrice('perGpuHour');
  return { price: `{ perGpuHour: "${priceText(hourly.price)}" }`, comment: basisWords[hourly.basis], isKnown: true };
};

const shareDecimals = 10_000n;

/** Share of its tokens that goes in, where both directions are told; null where not. */
const inputShare = (item: GatheredClass): string | null => {
  let [input, output] = [0n, 0n];
  for (const measures of item.vendors.values()) {
    for (const sums of monthsOf(measures, 'input').values()) input += sums.quantity;
    for (const sums of monthsOf(measures, 'output').values()) output += sums.quantity;
  }
  if (input <= 0n || output <= 0n) return null;
  return decimalText({ numerator: (input * shareDecimals) / (input + output), denominator: shareDecimals });
};

/** A month is a twelfth of a year of 365.25 days: what some days say of one. */
const daysPerMonth: Ratio = { numerator: 36_525n, denominator: 1_200n };

/** The months of a class from the first in which it was used, or its level where not one month is whole. */
const demandOf = (item: GatheredClass, { wholeMonths, days }: UsageSpan): string | null => {
  if (wholeMonths.length === 0) {
    const units = totalUnits(item);
    const monthly = (units * daysPerMonth.numerator) / (daysPerMonth.denominator * BigInt(days));
    return monthly <= 0n ? null : `{ start: "${text(monthly)}" }`;
  }
  const units = wholeMonths.map((month) => unitsIn(item, month)).map((one) => (one < 0n ? 0n : one));
  const first = units.findIndex((one) => one > 0n);
  if (first < 0) return null;
  const monthly = units.slice(first).map((one) => `"${text(one)}"`);
  return `{ history: { from: ${wholeMonths[first] ?? ''}-01, monthly: [${monthly.join(', ')}] } }`;
};

const unitWords = { MTok: 'million tokens', gpuHour: 'hours of an accelerator', money: 'money' } as const;

const classLine = (item: GatheredClass, demand: string): string => {
  const share = item.unit === 'MTok' ? inputShare(item) : null;
  const parts = [
    ...(item.unit === 'gpuHour' ? ['unit: gpuHour'] : []),
    ...(share === null ? [] : [`inputShare: ${share}`]),
    `demand: ${demand}`,
  ];
  return `  ${quoted(item.name)}: { ${parts.join(', ')} } # ${unitWords[item.unit]} a month\n`;
};

/** Vendors of a class that did any of it, the largest first. */
const vendorsOf = (item: GatheredClass): readonly string[] => {
  const used = [...item.vendors].map(([vendor, measures]) => {
    let units = 0n;
    for (const measure of measuresOf(item))
      for (const sums of monthsOf(measures, measure).values()) units += unitsOf(item, sums);
    return { vendor, units };
  });
  return used
    .filter(({ units }) => units > 0n)
    .toSorted((one, other) => (other.units > one.units ? 1 : -1))
    .map(({ vendor }) => vendor);
};

/** One class as the file tells it; null where nothing of it is demand. */
interface WrittenClass {
  readonly item: GatheredClass;
  readonly line: string;
  readonly vendors: readonly string[];
}

const writtenClasses = ({ classes, span }: GatheredUsage): readonly WrittenClass[] =>
  classes.flatMap((item) => {
    const demand = demandOf(item, span);
    const vendors = vendorsOf(item);
    return demand === null || vendors.length === 0 ? [] : [{ item, line: classLine(item, demand), vendors }];
  });

const sourceLines = (written: readonly WrittenClass[]): string =>
  written
    .flatMap(({ item, vendors }) =>
      vendors.map((vendor) => {
        const { price, comment } = observedPrice(item, vendor);
        return `  - { vendor: ${quoted(vendor)}, class: ${quoted(item.name)}, price: ${price} } # ${comment}\n`;
      }),
    )
    .join('');

const vendorLines = (vendors: readonly string[]): string =>
  vendors.map((vendor) => `  ${quoted(vendor)}: { host: [], burst: { base: 1 } }\n`).join('');

/** What was spent in a year at the pace of the exports, for the sizes of an example. */
const yearlyCost = ({ classes, span }: GatheredUsage, vendor: string): Pico => {
  let cost = 0n;
  for (const { vendors } of classes)
    for (const months of vendors.get(vendor)?.values() ?? []) for (const sums of months.values()) cost += sums.cost;
  return (cost * 36_525n) / (100n * BigInt(Math.max(1, span.days)));
};

const offerExamples = (usage: GatheredUsage, vendors: readonly string[]): string =>
  vendors
    .map((vendor) => {
      const year = yearlyCost(usage, vendor) / 1_000_000_000_000n;
      const size = year > 0n ? year.toString() : '1000';
      return `#  - { name: ${quoted(`${vendor} commitment`)}, vendor: ${quoted(vendor)}, kind: pool, sizes: ["${size}"], terms: [12], discount: 0.1 }\n`;
    })
    .join('');

const policyLines = (written: readonly WrittenClass[], vendors: readonly string[]): string => {
  if (vendors.length < 2) return '  concentration: {} # such as vendor: 0.7, once there is a second vendor\n';
  const isCovered = written.every((item) => item.vendors.length > 1);
  const resilience = 'resilience: { servedShare: 0.9 }';
  return `  concentration: {} # such as vendor: 0.7, the most that one vendor may have
  ${isCovered ? `${resilience} # what must still be served when one vendor is gone` : `# ${resilience} # possible once every class has sources of two vendors, or a substitute`}
`;
};

const spanWords = ({ firstDay, lastDay, wholeMonths }: UsageSpan): string =>
  wholeMonths.length === 0
    ? `${firstDay} to ${lastDay}, not a whole month: levels are told in proportion to its days`
    : `${firstDay} to ${lastDay}; history: the whole months ${wholeMonths[0] ?? ''} to ${wholeMonths.at(-1) ?? ''}`;

/** No plan begins before the month after the last that is told. */
const horizonFrom = ({ wholeMonths }: UsageSpan, from: string): string => {
  const last = wholeMonths.at(-1);
  const next = last === undefined ? from : addMonths(`${last}-01`, 1);
  return next > from ? next : from;
};

const notesOf = (usage: GatheredUsage, written: readonly WrittenClass[]): readonly string[] => {
  const { span, classes } = usage;
  const kept = new Set(written.map(({ item }) => item));
  const dropped = classes.filter((item) => !kept.has(item)).map(({ name }) => name);
  const unpriced = written.flatMap(({ item, vendors }) =>
    vendors.filter((vendor) => !observedPrice(item, vendor).isKnown).map((vendor) => `${vendor}/${item.name}`),
  );
  const months = new Set(classes.flatMap(allMonths));
  const partial =
    span.wholeMonths.length === 0 ? [] : [...months].filter((month) => !span.wholeMonths.includes(month)).toSorted();
  const corrected = written.filter(({ item }) => span.wholeMonths.some((month) => unitsIn(item, month) < 0n));
  return [
    ...usage.notes,
    ...(partial.length === 0 ? [] : [`months that are not whole are no part of the history: ${partial.join(', ')}`]),
    ...(dropped.length === 0 ? [] : [`classes without use in a whole month are left out: ${dropped.join(', ')}`]),
    ...(corrected.length === 0
      ? []
      : [
          `months in which corrections are more than use count as 0: ${corrected.map(({ item }) => item.name).join(', ')}`,
        ]),
    ...(unpriced.length === 0 ? [] : [`no cost was told for these, write their prices: ${unpriced.join(', ')}`]),
  ];
};

/**
 * A portfolio of what was used: valid, with comments that say where each figure comes from and what is to be completed. The failing half is a
 * sentence and how to mend it.
 */
export const portfolioFromUsage = (
  usage: GatheredUsage,
  { source, from, years, currency }: UsagePortfolioOptions,
): Result<UsagePortfolio, string> => {
  const written = writtenClasses(usage);
  const vendors = usage.vendors.filter((vendor) => written.some((item) => item.vendors.includes(vendor)));
  if (written.length === 0)
    return failure('what was used comes to nothing, corrections within it: export days on which something was used');
  const begins = horizonFrom(usage.span, from);
  return success({
    text: `# What to sign, with whom and for how long, from what was used: ${source.replace(/\s+/g, ' ')}
# ${spanWords(usage.span)}
# Complete what is signed already ("contracts") and what is or could be offered ("offers"); then \`archipel plan check --portfolio FILE\`.
version: 1
currency: ${usage.currency ?? currency}
horizon: { from: ${begins}, periods: ${years} } # years, each with its true-up

vendors: # TO COMPLETE: host and jurisdiction of each; burst.base: 1 if it takes all of its classes' work at once when another is gone
${vendorLines(vendors)}
classes: # add substitutes: [class] where another model does the same work
${written.map(({ line }) => line).join('')}
sources: # prices as observed; add other vendors that could serve a class
${sourceLines(written)}
offers: [] # TO COMPLETE: what you were offered or could ask for; sizes are money of a year, such as
${offerExamples(usage, vendors)}
contracts: [] # TO COMPLETE: what is signed and still in force, such as
#  - { id: signed, vendor: ${quoted(vendors[0] ?? 'vendor')}, kind: pool, amount: "1000", period: [2026-01-01, 2027-01-01], discount: 0.05 }

policy:
${policyLines(written, vendors)}`,
    notes: [
      ...notesOf(usage, written),
      ...(begins === from ? [] : [`the plan begins on ${begins}, after what was used`]),
    ],
  });
};
