import { z } from 'zod';
import type { Ratio } from '../../kernel/index.ts';
import {
  capField,
  choiceField,
  dateField,
  faultMessage,
  hostField,
  integerField,
  labelField,
  listOf,
  mapOf,
  nameField,
  optional,
  pathField,
  periodField,
  rateField,
  section,
  shareField,
  switchField,
} from '../../vocabulary/index.ts';
import {
  amountField,
  belowOneField,
  discountField,
  factorField,
  positiveAmountField,
  positiveShareField,
  spreadField,
  unitsField,
  yearlyChangeField,
} from './exactFields.ts';
import { portfolioLimits } from './limits.ts';

const currencyMessage = faultMessage('expected a currency', 'write its three letters, such as USD or EUR');
const currencyField = z.string(currencyMessage).regex(/^[A-Z]{3}$/, currencyMessage);

/** Wherever money stands: said only to be sure that nobody mixes two currencies. */
const ownCurrency = optional(currencyField).describe("Currency of these amounts; must be the file's");

const horizonSchema = section({
  from: dateField.describe('First day that is planned: the first of a month'),
  periods: integerField(1, portfolioLimits.periods, 'periods').prefault(3).describe('How many true-ups'),
  periodMonths: integerField(1, 12, 'months').prefault(12).describe('Months from one true-up to the next'),
  segments: optional(integerField(1, 12, 'parts')).describe(
    'Parts of a period at whose beginnings floors and slots may begin; absent: as few as their terms allow',
  ),
  signFrom: optional(dateField).describe(
    'First day on which something can be signed; absent: the first that is planned',
  ),
});

const burstSchema = section({
  base: optional(rateField).describe(
    'What is had without any contract, as a share of the demand of its classes that outages are measured at',
  ),
  pool: optional(rateField).describe(
    "What is had because of a pool: units for a share of a month's part of the pool, at list",
  ),
  reservation: optional(rateField).describe('How much more than what is reserved can be had, as a share'),
});

const vendorSchema = section({
  host: hostField.prefault([]).describe('Whose machines it runs on; absent: unknown, counted at its worst case'),
  jurisdiction: optional(labelField).describe('Law that the data falls under'),
  dependsOn: listOf(labelField, 64).prefault([]).describe('Hosts without which it stops'),
  burst: burstSchema.prefault({}).describe('What can be had of it at once when another is gone: assumptions of yours'),
});

/** Months in order, as they stand in the file or in a CSV beside it. */
export type SeriesSource =
  | { readonly kind: 'inline'; readonly from: string | null; readonly monthly: readonly Ratio[] }
  | { readonly kind: 'file'; readonly path: string; readonly column: string | null };

const inlineMonths = listOf(unitsField, portfolioLimits.seriesMonths).min(
  1,
  faultMessage('a series without a month', 'write one number a month'),
);

const csvField = section({
  file: pathField.describe('CSV with a head; its first column is the month, such as 2026-01'),
  column: optional(labelField).describe('Column to read; absent: the name of the class'),
}).transform(({ file, column }): SeriesSource => ({ kind: 'file', path: file, column }));

const seriesField = z.union(
  [inlineMonths.transform((monthly): SeriesSource => ({ kind: 'inline', from: null, monthly })), csvField],
  faultMessage('expected a series', 'write one number a month, or { file, column }'),
);

const historyField = z.union(
  [
    section({
      from: dateField.describe('First day of the first month'),
      monthly: inlineMonths.describe('Units of each month, in order'),
    }).transform(({ from, monthly }): SeriesSource => ({ kind: 'inline', from, monthly })),
    csvField,
  ],
  faultMessage('expected a history', 'write { from, monthly }, or { file, column }'),
);

const demandSchema = section({
  start: optional(unitsField).describe('Units a month at the beginning of the horizon'),
  growth: yearlyChangeField.prefault('0').describe('Growth in a year: 0.5 for half more'),
  seasonality: listOf(factorField, 12)
    .refine(
      (factors) => factors.length === 12,
      faultMessage('expected twelve factors', 'write one for each month of the year, January first'),
    )
    .optional()
    .transform((factors): readonly Ratio[] | null => factors ?? null)
    .describe('Factor of each month of the year, January first'),
  series: optional(seriesField).describe('Instead of start and growth: units of each month of the horizon'),
  history: optional(historyField).describe('Instead of start and growth: what was used before, to forecast from'),
  volatility: spreadField.prefault('0.1').describe('How far months stray from their path, as a share'),
  growthSpread: spreadField
    .prefault('0.15')
    .describe('How far its growth strays from that of the whole in a year, as a share'),
  burst: optional(
    section({
      probability: shareField.describe('That one begins in a month'),
      factor: factorField.describe('What demand is multiplied by while it lasts'),
      months: integerField(1, 60, 'months').prefault(1).describe('How long it lasts'),
    }),
  ).describe('Demand that jumps for a while, such as a training run'),
});

/** Another class whose sources may serve a class too. */
export interface Substitute {
  readonly class: string;
  readonly unitFactor: Ratio;
}

const one: Ratio = { numerator: 1n, denominator: 1n };

const substituteField = z
  .union(
    [
      nameField,
      section({
        class: nameField.describe('Class whose sources may serve this one'),
        unitFactor: factorField.prefault('1').describe('Units of that class that do the work of one unit of this'),
      }),
    ],
    faultMessage('expected a class', 'write its name, or { class, unitFactor }'),
  )
  .transform((written): Substitute => (typeof written === 'string' ? { class: written, unitFactor: one } : written));

const classSchema = section({
  unit: choiceField(['MTok', 'gpuHour']).prefault('MTok').describe('Million tokens, or hours of an accelerator'),
  inputShare: shareField.prefault('0.75').describe('Share of its tokens that goes in, to blend the two prices'),
  demand: demandSchema,
  qualityFloor: optional(rateField).describe('Sources whose quality is less do not serve it'),
  substitutes: listOf(substituteField, portfolioLimits.classes)
    .prefault([])
    .describe('Classes whose sources may serve this one too'),
  loadFactor: optional(positiveShareField).describe(
    'Share of reserved capacity that the shape of its day can use; absent: 0.7',
  ),
  servedShareUnderOutage: optional(shareField).describe(
    'Share to be served whatever is lost; absent: as the policy says',
  ),
});

const sourcePriceSchema = section({
  inputPerMTok: optional(amountField).describe('List price of a million tokens in'),
  outputPerMTok: optional(amountField).describe('List price of a million tokens out'),
  perMTok: optional(positiveAmountField).describe('List price of a million tokens, in and out blended'),
  perGpuHour: optional(positiveAmountField).describe('List price of an hour of one accelerator'),
});

const sourceSchema = section({
  name: optional(labelField).describe('Name in tables; absent: vendor/class'),
  vendor: labelField.describe('Who bills for it'),
  class: nameField.describe('Class of work that it serves'),
  lab: optional(labelField).describe('Whose model it is'),
  price: sourcePriceSchema,
  quality: optional(rateField).describe('On whatever scale the quality floors are told'),
  unitFactor: factorField.prefault('1').describe('Its units that do the work of one unit of the class'),
  host: optional(hostField).describe("Where it runs, if not where the rest of its vendor's does"),
  jurisdiction: optional(labelField).describe("Law that the data falls under, if not its vendor's"),
  currency: ownCurrency,
});

const paymentSchema = section({
  upfrontShare: shareField.prefault('0').describe('Share that is paid at the beginning, the rest by the month'),
  costOfCapital: optional(rateField).describe("What money costs in a year: 0.08 for 8 %; absent: the policy's"),
});

const monthsField = integerField(1, portfolioLimits.horizonMonths, 'months');

/** One term that an offer can be signed for. */
export interface OfferTerm {
  readonly months: number;
  /** Factor on the size in each period; empty: 1 in each. */
  readonly ramp: readonly Ratio[];
  readonly extraDiscount: Ratio;
}

const termField = z
  .union(
    [
      monthsField,
      section({
        months: monthsField.describe('How long it lasts'),
        ramp: listOf(factorField, portfolioLimits.periods)
          .prefault([])
          .describe('Pools: factor on the size in each period'),
        extraDiscount: discountField.prefault('0').describe('Added to the discount for this term'),
      }),
    ],
    faultMessage('expected a term', 'write a number of months, or { months, ramp, extraDiscount }'),
  )
  .transform((written): OfferTerm =>
    typeof written === 'number'
      ? { months: written, ramp: [], extraDiscount: { numerator: 0n, denominator: 1n } }
      : written,
  );

/** One size of an offer. */
export interface OfferSize {
  readonly amount: Ratio;
  /** Null: the offer's own. */
  readonly discount: Ratio | null;
}

const sizesOf = (what: string) =>
  listOf(
    z
      .union(
        [
          positiveAmountField,
          section({
            amount: positiveAmountField.describe(what),
            discount: optional(discountField).describe("Discount of this size; absent: the offer's"),
          }),
        ],
        faultMessage('expected a size', 'write an amount above 0, or { amount, discount }'),
      )
      .transform((written): OfferSize => ('amount' in written ? written : { amount: written, discount: null })),
    portfolioLimits.sizes,
  );

const coversField = listOf(labelField, portfolioLimits.sources)
  .prefault([])
  .describe("Classes or sources that it covers; absent: all of the vendor's");

const offerShape = {
  name: optional(labelField).describe('Name in tables; absent: vendor-kind'),
  vendor: labelField.describe('Who offers it'),
  covers: coversField,
  terms: listOf(termField, 24).prefault([]).describe('Terms to choose from; absent: one period'),
  starts: listOf(dateField, portfolioLimits.horizonMonths)
    .prefault([])
    .describe('Days on which it may begin; absent: wherever a term fits into the horizon'),
  discount: discountField.prefault('0').describe('Fraction taken off list prices'),
  payment: paymentSchema.prefault({}).describe('When it is paid'),
  leadTimeDays: integerField(0, 3_650, 'days').prefault(0).describe('Days from signing until it can begin'),
  noticeDays: integerField(0, 3_650, 'days').prefault(0).describe('Days of notice without which it renews itself'),
  currency: ownCurrency,
};

const shortfallField = section({
  rate: shareField.prefault('1').describe('What a unit of money that was not spent costs'),
})
  .prefault({})
  .describe('What is owed for what was not spent');

const carryShape = {
  upTo: optional(positiveShareField).describe("No more than this share of its period's commitment; absent: no limit"),
};

const rolloverField = optional(
  section({
    share: shareField.describe('Share of what was not spent that moves on'),
    ...carryShape,
    months: integerField(1, 120, 'months').prefault(12).describe('How long it can still be spent'),
  }),
).describe('What was not spent and is not lost');

const carryForwardField = optional(
  section({
    share: shareField.describe('Share of what was spent beyond the commitment that counts later'),
    ...carryShape,
    months: integerField(1, 120, 'months').prefault(12).describe('How long it counts'),
  }),
).describe('What was spent beyond the commitment and counts where later periods have too little');

const poolOfferSchema = section({
  kind: z.literal('pool'),
  ...offerShape,
  sizes: sizesOf('Money to be spent in a period, after discount').min(
    1,
    faultMessage('a pool without a size', 'write the amounts of a period to choose from'),
  ),
  shortfall: shortfallField,
  rollover: rolloverField,
  carryForward: carryForwardField,
});

/** What a quantity of a floor or slot counts. */
export type QuantityUnit =
  | { readonly kind: 'unitsPerMonth' | 'tokensPerMinute' | 'moneyPerMinute' | 'moneyPerHour' | 'accelerators' }
  | { readonly kind: 'named'; readonly name: string; readonly capacityPerMonth: Ratio };

const unitKinds = ['unitsPerMonth', 'tokensPerMinute', 'moneyPerMinute', 'moneyPerHour', 'accelerators'] as const;

const quantityUnitField = z
  .union(
    [
      choiceField(unitKinds),
      section({
        name: labelField.describe("The vendor's name for it, such as PTU"),
        capacityPerMonth: positiveAmountField.describe('Units of the source that one of it can serve in a month'),
      }),
    ],
    faultMessage(
      `expected one of ${unitKinds.join(', ')}, or a unit of the vendor's own`,
      'write one of these words, or { name, capacityPerMonth }',
    ),
  )
  .transform((written): QuantityUnit =>
    typeof written === 'string' ? { kind: written } : { kind: 'named', ...written },
  );

const feeField = optional(
  section({ perMonth: positiveAmountField.describe('Money a month for one of the unit, before discount') }),
).describe('What it costs; absent: its capacity at list price, less the discount');

const capacityShape = {
  fee: feeField,
  usableShare: optional(positiveShareField).describe(
    'Share of it that can be used; absent: the load factor of the class',
  ),
  countsTowardsPool: switchField.prefault(true).describe("Whether its fee counts towards the vendor's pool"),
};

const capacityOfferShape = {
  ...offerShape,
  ...capacityShape,
  sizes: sizesOf('Quantity, in its unit').prefault([]).describe('Quantities to choose from'),
  range: optional(
    section({
      max: positiveAmountField.describe('Most that can be signed'),
      step: optional(positiveAmountField).describe('In multiples of this; absent: any amount'),
    }),
  ).describe('Instead of sizes: any amount up to a most'),
};

const floorOfferSchema = section({
  kind: z.literal('floor'),
  ...capacityOfferShape,
  unit: quantityUnitField.prefault('unitsPerMonth').describe('Unit of its quantities'),
});

const slotOfferSchema = section({
  kind: z.literal('slot'),
  ...capacityOfferShape,
  unit: quantityUnitField.prefault('accelerators').describe('Unit of its quantities'),
});

const offerSchema = z.discriminatedUnion(
  'kind',
  [poolOfferSchema, floorOfferSchema, slotOfferSchema],
  faultMessage('expected an offer', 'write a map with kind: pool, floor or slot'),
);

const contractShape = {
  id: labelField.describe('Identity of the contract in tables and exports'),
  vendor: labelField.describe('Who it was signed with'),
  covers: coversField,
  period: periodField.describe('[first day, first day after]'),
  discount: discountField.prefault('0').describe('Fraction taken off list prices'),
  currency: ownCurrency,
};

const poolContractSchema = section({
  kind: z.literal('pool'),
  ...contractShape,
  amount: positiveAmountField.describe('Money to be spent over the whole period'),
  fulfil: choiceField(['annual', 'total', 'monthly']).prefault('total').describe('When the vendor trues up'),
  ramp: listOf(shareField, 1200)
    .prefault([])
    .describe('Share of each equal part of the period, in order; their sum is 1; absent: evenly'),
  shortfall: shortfallField,
  rollover: rolloverField,
  carryForward: carryForwardField,
});

const capacityContractShape = {
  ...contractShape,
  ...capacityShape,
  quantity: positiveAmountField.describe('How much, in its unit'),
};

const floorContractSchema = section({
  kind: z.literal('floor'),
  ...capacityContractShape,
  unit: quantityUnitField.prefault('unitsPerMonth').describe('Unit of the quantity'),
});

const slotContractSchema = section({
  kind: z.literal('slot'),
  ...capacityContractShape,
  unit: quantityUnitField.prefault('accelerators').describe('Unit of the quantity'),
});

export const contractSchema = z.discriminatedUnion(
  'kind',
  [poolContractSchema, floorContractSchema, slotContractSchema],
  faultMessage('expected a contract', 'write a map with kind: pool, floor or slot'),
);

const priceScenarioSchema = section({
  name: labelField,
  probability: shareField,
  changePerYear: yearlyChangeField.prefault('0').describe('How list prices change in a year: -0.2 for a fifth less'),
  index: mapOf(labelField, listOf(factorField, portfolioLimits.periods))
    .prefault({})
    .describe('Vendors whose prices go otherwise: the factor of each period'),
});

const regimeSchema = section({
  name: labelField,
  probability: shareField,
  growth: yearlyChangeField.describe('Growth of everything in a year, beside that of each class: 0.3 for 30 % more'),
});

const switchSchema = section({
  from: nameField.describe('Class that work moves from'),
  to: nameField.describe('Class that it moves to'),
  probability: shareField.describe('That it happens at all'),
  between: optional(periodField).describe('[first day, first day after] when; absent: any time'),
  share: z
    .tuple([shareField, shareField], faultMessage('expected two shares', 'write [least, most], such as [0.2, 0.5]'))
    .prefault(['0.2', '0.5'])
    .describe('Least and most of the work that moves'),
  unitFactor: factorField.prefault('1').describe('Units of the class moved to that do the work of one unit'),
});

const cap = optional(capField);

const policySchema = section({
  concentration: section({
    vendor: cap.describe('Most that one vendor may have of the whole'),
    host: cap.describe('Most that may run on one host; unknown hosts count at their worst case'),
    jurisdiction: cap.describe('Most that may fall under one jurisdiction'),
    lab: cap.describe("Most that may go to one lab's models"),
    basis: choiceField(['list', 'cost'])
      .prefault('list')
      .describe('What is counted: usage at list price and fees, or what is paid, shortfalls among it'),
  })
    .prefault({})
    .describe('Caps on dependence, in every period'),
  resilience: optional(
    section({
      losses: listOf(choiceField(['vendor', 'host']), 2)
        .prefault(['vendor'])
        .describe('What may be lost, one at a time'),
      servedShare: shareField.prefault('0.9').describe('Share of each class to be served then'),
      demandQuantile: shareField
        .prefault('0.75')
        .describe('Of all futures, which demand it is measured at: 0.75 is passed by one in four'),
    }),
  ).describe('What must survive an outage'),
  risk: section({
    cvarWeight: belowOneField.prefault('0.2').describe('How much the worst futures count beside the mean'),
    beta: belowOneField.prefault('0.9').describe('The worst 1 - beta of all futures'),
  })
    .prefault({})
    .describe('Mean and tail'),
  costOfCapital: rateField
    .prefault('0')
    .describe('What money costs the organisation in a year: 0.08 for 8 %; for all that is paid in advance'),
  guards: section({
    usageShare: optional(factorField).describe(
      'Most usage of one account at list, as a share of all demand at its cheapest',
    ),
    reservationShare: optional(factorField).describe(
      "Most fees of one account's floors and slots, as a share of the same",
    ),
  })
    .prefault({})
    .describe('Bounds of the search; absent: from the caps'),
});

const scenariosSchema = section({
  count: integerField(2, 500, 'scenarios').prefault(50).describe('How many futures the plan is made for'),
  seed: integerField(0, 4_294_967_295).prefault(1).describe('The same seed gives the same futures'),
  file: optional(pathField).describe('CSV of your own futures instead'),
});

/** `portfolio.yaml`: the planner's question. */
export const portfolioSchema = section({
  version: z
    .literal(1, faultMessage('expected version 1', 'write version: 1, the only one that this program reads'))
    .describe('Version of this format'),
  from: optional(pathField).describe(
    'An archipel.yaml, beside this file unless absolute, to take contracts, policy and the places of vendors over from; what is written here wins',
  ),
  currency: currencyField.prefault('USD').describe('Of every amount of the file'),
  horizon: horizonSchema.describe('Time that is planned'),
  vendors: mapOf(labelField, vendorSchema).describe('Who could be signed with'),
  classes: mapOf(nameField, classSchema).describe('Work that is alike'),
  sources: listOf(sourceSchema, portfolioLimits.sources)
    .min(1, faultMessage('a portfolio without a source', 'say which vendor serves which class at which price'))
    .describe('Who serves what, at list price'),
  offers: listOf(offerSchema, portfolioLimits.offers).prefault([]).describe('What could be signed'),
  contracts: listOf(contractSchema, portfolioLimits.offers).prefault([]).describe('What is signed already, and kept'),
  prices: listOf(priceScenarioSchema, portfolioLimits.outlooks)
    .prefault([])
    .describe('How list prices may go; absent: as today'),
  growth: listOf(regimeSchema, portfolioLimits.outlooks)
    .prefault([])
    .describe('How everything may grow; absent: as told by class, or a third more or less'),
  switches: listOf(switchSchema, portfolioLimits.outlooks)
    .prefault([])
    .describe('Work that may move to another class for good'),
  policy: policySchema.prefault({}).describe('What the plan must keep to'),
  scenarios: scenariosSchema.prefault({}).describe('Futures that the plan is made for'),
}).describe("Portfolio of Archipel: the planner's question");

/** The file as it was written, defaults filled in; series of CSV files are still references. */
export type WrittenPortfolio = Readonly<z.output<typeof portfolioSchema>>;
export type PortfolioVendor = z.output<typeof vendorSchema>;
export type WrittenClass = z.output<typeof classSchema>;
export type PortfolioSource = z.output<typeof sourceSchema>;
export type Offer = z.output<typeof offerSchema>;
export type PoolOfferTerms = Extract<Offer, { kind: 'pool' }>;
export type CapacityOfferTerms = Exclude<Offer, { kind: 'pool' }>;
export type SignedContract = z.output<typeof contractSchema>;
export type SignedPool = Extract<SignedContract, { kind: 'pool' }>;
export type SignedCapacity = Exclude<SignedContract, { kind: 'pool' }>;
