// Instruments as vendors sell them, each in a small portfolio with a stated decision, and what that costs, worked out on paper.
// Prices and sizes are invented unless a source is named; terms follow the vendors' public documents.

export interface GoldenInstrument {
  readonly name: string;
  readonly portfolio: string;
  /** Parts of the names of what is signed; everything that has one of them is. */
  readonly signed: readonly string[];
  /** What the decision costs with true-ups that stand by themselves: what bounds are about. Money of the file. */
  readonly cost: number;
  /** What it costs once clauses that carry are settled; absent: the same. */
  readonly settled?: number;
}

interface Written {
  readonly years: number;
  /** Of the one class, for each month. */
  readonly demand: readonly number[];
  readonly offer: string;
  readonly unit?: 'MTok' | 'gpuHour';
  /** List price of a unit. */
  readonly price?: string;
  readonly policy?: string;
}

/** One vendor, one class, one offer. */
const written = ({ years, demand, offer, unit = 'MTok', price = '10', policy = '{}' }: Written): string => `version: 1
horizon: { from: 2027-01-01, periods: ${years} }
vendors: { north: {} }
classes: { work: { unit: ${unit}, demand: { series: [${demand.join(', ')}] } } }
sources: [{ vendor: north, class: work, price: { ${unit === 'MTok' ? 'perMTok' : 'perGpuHour'}: "${price}" } }]
offers: [${offer}]
policy: ${policy}
`;

const months = (count: number, units: number): readonly number[] => Array.from({ length: count }, () => units);

/** At 10 a unit: 600,000, then 1,440,000 at list. */
const growing = [...months(12, 5_000), ...months(12, 12_000)];

/** Private pricing with a ramp: at the end of each contract year, what was committed and not spent after discount is billed. */
const annualTrueUp: readonly GoldenInstrument[] = [
  {
    name: 'an enterprise discount with a ramp: a shortfall in its first year, more than was promised in its second',
    // Year 1: 0.9 x 600,000 = 540,000 of 800,000, so that 260,000 are owed:   800,000
    // Year 2: 0.9 x 1,440,000 = 1,296,000, above 1,200,000:                 1,296,000
    portfolio: written({
      years: 2,
      demand: growing,
      offer:
        '{ name: edp, vendor: north, kind: pool, sizes: [800000], terms: [{ months: 24, ramp: [1, 1.5] }], discount: 0.1 }',
    }),
    signed: ['edp: 2000000 over 24 months'],
    cost: 800_000 + 1_296_000,
  },
  {
    name: 'an enterprise discount that charges half of a shortfall',
    // Year 1: 540,000 and half of 260,000. Year 2 as before.
    portfolio: written({
      years: 2,
      demand: growing,
      offer:
        '{ name: edp, vendor: north, kind: pool, sizes: [800000], terms: [{ months: 24, ramp: [1, 1.5] }], discount: 0.1, shortfall: { rate: 0.5 } }',
    }),
    signed: ['edp'],
    cost: 540_000 + 130_000 + 1_296_000,
  },
  {
    name: 'an enterprise discount that lets a tenth of its commitment roll over for a year',
    // After a fifth off: 800,000, 1,150,000 and 1,000,000 of 1,000,000 a year. By itself year 1 owes 200,000.
    // Up to 100,000 of that move on, and year 2, 150,000 beyond its commitment, takes them up: they are never owed.
    portfolio: written({
      years: 3,
      demand: [
        ...months(10, 10_000),
        ...months(2, 0),
        ...months(10, 14_375),
        ...months(2, 0),
        ...months(10, 12_500),
        0,
        0,
      ],
      offer:
        '{ name: edp, vendor: north, kind: pool, sizes: [1000000], terms: [36], discount: 0.2, rollover: { share: 1, upTo: 0.1 } }',
    }),
    signed: ['edp'],
    cost: 1_000_000 + 1_150_000 + 1_000_000,
    settled: 800_000 + 100_000 + 1_150_000 + 1_000_000,
  },
];

/**
 * A consumption commitment with milestones (learn.microsoft.com, "Track your Microsoft Azure Consumption Commitment"): what was spent counts
 * towards the balance whenever it was spent, and what is charged for a missed milestone is a credit for later usage that counts no more.
 */
const milestones: readonly GoldenInstrument[] = [
  {
    name: 'a consumption commitment with a milestone that is missed between two that are met',
    // After 5 % off: 950,000, 570,000 and 1,330,000 = 2,850,000, of milestones of 800,000, 1,000,000 and 1,200,000 = 3,000,000.
    // By themselves:       950,000 + (570,000 + 430,000) + 1,330,000 = 3,280,000
    // As it is: year 1 is 150,000 ahead. Year 2 is 1,000,000 - 570,000 - 150,000 = 280,000 short, which are charged, and are a credit.
    //           Of year 3's 1,330,000 the credit pays 280,000, so that 1,050,000 count, and 150,000 are charged.
    // Paid: 950,000 + (570,000 + 280,000) + (1,050,000 + 150,000) = 3,000,000: what was committed, since less was used altogether.
    portfolio: written({
      years: 3,
      demand: [...months(10, 10_000), 0, 0, ...months(12, 5_000), ...months(10, 14_000), 0, 0],
      offer:
        '{ name: macc, vendor: north, kind: pool, sizes: [1000000], terms: [{ months: 36, ramp: [0.8, 1, 1.2] }], discount: 0.05, rollover: { share: 1, months: 36 }, carryForward: { share: 1, months: 36 } }',
    }),
    signed: ['macc: 3000000 over 36 months'],
    cost: 3_280_000,
    settled: 3_000_000,
  },
];

/** A commitment of money an hour that is lost where it is not used, whatever other months need. */
const savingsPlans: readonly GoldenInstrument[] = [
  {
    name: 'a compute savings plan of 7.20 an hour, 28 % off: what a month does not use is lost, what it uses beyond is at list',
    // 7.20 an hour after the discount buy 7.20 / 0.72 = 10 an hour at list: 5 accelerators at 2, 3,650 hours a month, for 7.20 x 730 = 5,256.
    // Six months use 2,650 and lose 1,000 hours; six use 4,650, of which 1,000 are paid at 2. The mean of the year would fit exactly.
    portfolio: written({
      years: 1,
      demand: [...months(6, 2_650), ...months(6, 4_650)],
      unit: 'gpuHour',
      price: '2',
      offer:
        '{ name: plan, vendor: north, kind: floor, unit: moneyPerHour, sizes: [10], discount: 0.28, usableShare: 1 }',
    }),
    signed: ['plan at north/work: 10 moneyPerHour'],
    cost: 12 * 5_256 + 6 * 1_000 * 2,
  },
];

/** 50 units of 90 MTok a month each: 4,500. */
const throughputUnits = (payment: string, policy = '{}'): string =>
  written({
    years: 1,
    demand: [...months(6, 4_000), ...months(6, 5_000)],
    policy,
    offer: `{ name: ptu, vendor: north, kind: floor, unit: { name: PTU, capacityPerMonth: 90 }, fee: { perMonth: 260 }, sizes: [50], terms: [1, { months: 12, extraDiscount: 0.15 }], usableShare: 1, payment: ${payment} }`,
  });

/** Capacity in the vendor's unit or in tokens a minute, by the month or the year; what does not fit spills over to list price. */
const throughput: readonly GoldenInstrument[] = [
  {
    name: 'provisioned throughput by the month, with overflow to list price',
    // 12 x 50 x 260 = 156,000, and in six months 500 MTok at 10.
    portfolio: throughputUnits('{}'),
    signed: ['50 PTU for 1 months'],
    cost: 156_000 + 6 * 500 * 10,
  },
  {
    name: 'provisioned throughput for the year, 15 % below that by the month',
    // 12 x 50 x 221 = 132,600, and the same overflow.
    portfolio: throughputUnits('{}'),
    signed: ['50 PTU for 12 months'],
    cost: 132_600 + 6 * 500 * 10,
  },
  {
    name: 'provisioned throughput in the busy month of July only',
    // Fee and overflow of July, everything else at list: 50 x 260 + 500 x 10 + (6 x 4,000 + 5 x 5,000) x 10.
    portfolio: throughputUnits('{}'),
    signed: ['50 PTU for 1 months from 2027-07-01'],
    cost: 13_000 + 5_000 + 490_000,
  },
  {
    name: 'a floor of 100,000 tokens a minute of which the shape of the day uses half',
    // 100,000 x 43,800 minutes = 4,380 MTok a month, for 0.7 x 10 each: 30,660. Half of it serves 2,190 of 3,000; 810 are paid at 10.
    portfolio: written({
      years: 1,
      demand: months(12, 3_000),
      offer:
        '{ name: tpm, vendor: north, kind: floor, unit: tokensPerMinute, sizes: [100000], discount: 0.3, usableShare: 0.5 }',
    }),
    signed: ['tpm'],
    cost: 12 * (30_660 + 8_100),
  },
  {
    name: 'a reserved tier of 2 a minute where 2.75 a minute are used',
    // The vendor's own example: 0.75 a minute is paid as one goes. 43,800 minutes a month, 12,045 MTok at 10 are 2.75 a minute.
    portfolio: written({
      years: 1,
      demand: months(12, 12_045),
      offer: '{ name: reserved, vendor: north, kind: floor, unit: moneyPerMinute, sizes: [2], usableShare: 1 }',
    }),
    signed: ['reserved'],
    cost: 12 * 43_800 * (2 + 0.75),
  },
  {
    name: 'two model units by the minute for six months, used or not',
    // 0.66 a minute is 39.60 an hour, 28,908 a month of 730 hours. Two serve 4,000 of 4,200 MTok; 200 are paid at 15. Then 6 months at list.
    portfolio: written({
      years: 1,
      demand: months(12, 4_200),
      price: '15',
      offer:
        '{ name: units, vendor: north, kind: floor, unit: { name: model unit, capacityPerMonth: 2000 }, fee: { perMonth: 28908 }, sizes: [2], terms: [6], starts: [2027-01-01], usableShare: 1 }',
    }),
    signed: ['units at north/work: 2 model unit for 6 months'],
    cost: 6 * (2 * 28_908 + 200 * 15) + 6 * 4_200 * 15,
  },
];

/** Demand of 500 hours a month, 3,000 in March, none in June. */
const capacityBlock = (start: string): GoldenInstrument['portfolio'] =>
  written({
    years: 1,
    demand: [500, 500, 3_000, 500, 500, 0, ...months(6, 500)],
    unit: 'gpuHour',
    price: '12',
    offer: `{ name: block, vendor: north, kind: slot, unit: { name: block, capacityPerMonth: 2688 }, fee: { perMonth: "13214.88" }, sizes: [1], terms: [1], starts: [${start}], usableShare: 1, payment: { upfrontShare: 1 } }`,
  });

/**
 * A dated block of one machine with 8 accelerators for 14 days, paid when it is booked and not to be given back: 39.33 an hour (a public price of
 * late 2024) x 24 x 14 = 13,214.88 for 8 x 24 x 14 = 2,688 hours. It lies within one month, so that it is told as capacity of that month.
 */
const capacityBlocks: readonly GoldenInstrument[] = [
  {
    name: 'a capacity block in the month that needs it',
    // March: the block and (3,000 - 2,688) x 12 = 3,744; else 10 x 500 x 12.
    portfolio: capacityBlock('2027-03-01'),
    signed: ['block at north/work: 1 block for 1 months from 2027-03-01'],
    cost: 13_214.88 + 3_744 + 60_000,
  },
  {
    name: 'a capacity block in a month without work: paid all the same',
    // The block, and all 8,000 hours at 12.
    portfolio: capacityBlock('2027-06-01'),
    signed: ['block'],
    cost: 13_214.88 + 96_000,
  },
];

/** 15 % off 1,500,000 a year at list: 1,275,000, above the commitment of 1,200,000 each. */
const prepaidPool = (payment: string, ramp = '[1, 1]'): string =>
  written({
    years: 2,
    demand: months(24, 12_500),
    policy: '{ costOfCapital: 0.1 }',
    offer: `{ name: pool, vendor: north, kind: pool, sizes: [1200000], terms: [{ months: 24, ramp: ${ramp} }], discount: 0.15, payment: ${payment} }`,
  });

/** What is paid before it is spent costs the organisation's capital, at simple interest. */
const prepaid: readonly GoldenInstrument[] = [
  {
    name: 'a pool with nothing upfront',
    portfolio: prepaidPool('{}'),
    signed: ['pool'],
    cost: 2 * 1_275_000,
  },
  {
    name: 'a pool that is paid all upfront',
    // 2,400,000 are paid (24 - 1) / 2 = 11.5 months early on average, at 10 % a year: 2,400,000 x 0.1 x 11.5 / 12 = 230,000.
    portfolio: prepaidPool('{ upfrontShare: 1 }'),
    signed: ['pool'],
    cost: 2 * 1_275_000 + 230_000,
  },
  {
    name: 'a pool that is paid half upfront, by an offer with a rate of its own',
    // Half of it at 6 %: 1,200,000 x 0.06 x 11.5 / 12 = 69,000.
    portfolio: prepaidPool('{ upfrontShare: 0.5, costOfCapital: 0.06 }'),
    signed: ['pool'],
    cost: 2 * 1_275_000 + 69_000,
  },
  {
    name: 'a ramped pool that is paid all upfront',
    // 600,000 are paid 5.5 months early and 1,800,000 are paid 17.5: 0.1 / 12 x (3,300,000 + 31,500,000) = 290,000. Year 2 owes 525,000.
    portfolio: prepaidPool('{ upfrontShare: 1 }', '[0.5, 1.5]'),
    signed: ['pool'],
    cost: 1_275_000 + 1_800_000 + 290_000,
  },
  {
    name: 'provisioned throughput for the year, paid all upfront',
    // 132,600 paid 5.5 months early at 10 %: 132,600 x 0.1 x 5.5 / 12 = 6,077.50.
    portfolio: throughputUnits('{ upfrontShare: 1 }', '{ costOfCapital: 0.1 }'),
    signed: ['50 PTU for 12 months'],
    cost: 132_600 + 6_077.5 + 30_000,
  },
];

const tiers = written({
  years: 1,
  demand: months(12, 10_000),
  offer:
    '{ name: tier, vendor: north, kind: pool, sizes: [{ amount: 500000, discount: 0.05 }, { amount: 1000000, discount: 0.1 }], terms: [{ months: 12, extraDiscount: 0.02 }] }',
});

/** The more is promised, the more is taken off everything. */
const tiered: readonly GoldenInstrument[] = [
  {
    name: 'the lower of two tiers',
    // 5 % and 2 % for the term off 1,200,000.
    portfolio: tiers,
    signed: ['tier: 500000'],
    cost: 1_116_000,
  },
  {
    name: 'the higher of two tiers',
    // 10 % and 2 %.
    portfolio: tiers,
    signed: ['tier: 1000000'],
    cost: 1_056_000,
  },
];

export const goldenInstruments: readonly GoldenInstrument[] = [
  ...annualTrueUp,
  ...milestones,
  ...savingsPlans,
  ...throughput,
  ...capacityBlocks,
  ...prepaid,
  ...tiered,
];
