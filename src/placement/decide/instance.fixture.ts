import fc from 'fast-check';
import type { AcceleratorChoice } from '../job/JobSpec.ts';
import type { Demand, PlacementLimits } from './Demand.ts';
import type { CapacityBasis, Offer } from './Offer.ts';

/** When the decisions of the tests are made. Unix milliseconds. */
export const nowMs = Date.UTC(2026, 10, 26);
export const hourMs = 3_600_000;

/** A site with eight accelerators on demand at $2 an hour. */
export const anOffer = (fields: Partial<Offer> = {}): Offer => ({
  site: 'north-1',
  vendor: 'aurora',
  region: null,
  hosts: { north: 1 },
  jurisdiction: 'EU',
  accelerator: 'GB200',
  basis: 'onDemand',
  contract: null,
  hourUsd: 2,
  count: 8,
  free: 8,
  domain: 8,
  untilMs: null,
  interruptionsPerHour: 0,
  egressUsdPerGigabyte: 0.1,
  gigabytesPerHour: 100,
  source: 'file',
  ...fields,
});

/** Four accelerators for ten hours, a checkpoint each hour, nothing else wanted. */
export const aDemand = (fields: Partial<Demand> = {}): Demand => ({
  ranks: 1,
  accelerators: [{ kind: 'GB200', perRank: 4, hours: 10 }],
  oneDomain: false,
  remaining: 1,
  checkpointHours: 1,
  restartHours: 0.5,
  data: [],
  boundTo: null,
  deadlineMs: null,
  leftUsd: null,
  interruptible: true,
  jurisdictions: null,
  sites: null,
  ...fields,
});

export const noLimits: PlacementLimits = { nowMs, headroomUsd: () => Infinity, closedSites: new Map() };

const kinds = ['GB200', 'H100'];
const jurisdictions = ['EU', 'US'];
const sites = ['s0', 's1', 's2', 's3', 's4'];
/** Evenly spread, which doubles are not. */
const chance = fc.integer({ min: 0, max: 99 }).map((percent) => percent / 100);
/** Mostly null: jobs that want everything at once go nowhere. */
const seldom = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });

const offerFields = fc.record({
  basis: fc.constantFrom<CapacityBasis>('slot', 'onDemand', 'spot'),
  accelerator: fc.constantFrom(...kinds),
  vendor: fc.constantFrom('aurora', 'borealis'),
  share: fc.constantFrom(0, 0.3, 1),
  jurisdiction: fc.constantFrom('EU', 'US', null),
  priceUsd: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 8 }),
  count: fc.integer({ min: 1, max: 16 }),
  free: chance,
  domain: fc.constantFrom(4, 8, null),
  untilHours: seldom(fc.integer({ min: 1, max: 30 })),
  interruptionsPerHour: fc.constantFrom(0.01, 0.2, 3),
  acceleratorsPerMachine: fc.constantFrom(undefined, 4),
});

/** One offer of a site, as lists of them are made of. */
const offerAt = (place: number): fc.Arbitrary<Offer> =>
  offerFields.map((one) => ({
    ...anOffer(),
    site: sites[place] ?? null,
    vendor: one.vendor,
    hosts: { north: one.share, south: 1 - one.share },
    jurisdiction: one.jurisdiction,
    accelerator: one.accelerator,
    basis: one.basis,
    contract: one.basis === 'slot' ? `slot-${place}` : null,
    hourUsd: one.basis === 'slot' ? 0 : one.priceUsd,
    count: one.count,
    free: Math.min(one.count, Math.floor(one.free * 1.5 * (one.count + 1))),
    domain: one.domain,
    untilMs: one.untilHours === null || one.basis !== 'slot' ? null : nowMs + one.untilHours * hourMs,
    interruptionsPerHour: one.basis === 'spot' ? one.interruptionsPerHour : 0,
    ...(one.acceleratorsPerMachine === undefined ? {} : { acceleratorsPerMachine: one.acceleratorsPerMachine }),
    egressUsdPerGigabyte: place / 100,
  }));

/** The same accelerators on demand and spot, as a site has them. */
const withTwins = (offers: readonly Offer[]): readonly Offer[] =>
  offers.flatMap((offer, place): Offer[] =>
    offer.basis === 'onDemand' && place % 2 === 0 && offer.hourUsd !== null
      ? [offer, { ...offer, basis: 'spot', hourUsd: offer.hourUsd / 2, interruptionsPerHour: 0.05 }]
      : [offer],
  );

/** Up to five sites, some with twins, and one offer that no site stands for: cheap, and never to be chosen. */
export const someOffers: fc.Arbitrary<readonly Offer[]> = fc
  .integer({ min: 1, max: 5 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_offer, place) => offerAt(place))))
  .map((offers) => [...withTwins(offers), anOffer({ site: null, hourUsd: 0.01, count: 999, free: 999 })]);

const someChoices: fc.Arbitrary<readonly AcceleratorChoice[]> = fc.uniqueArray(
  fc.record({
    kind: fc.constantFrom(...kinds),
    perRank: fc.constantFrom(1, 2, 4, 8),
    hours: fc.integer({ min: 1, max: 20 }),
  }),
  { minLength: 1, maxLength: 2, selector: ({ kind, perRank }) => `${kind} ${perRank}` },
);

export const someDemand: fc.Arbitrary<Demand> = fc.record({
  ranks: fc.integer({ min: 1, max: 3 }),
  accelerators: someChoices,
  oneDomain: chance.map((value) => value < 0.2),
  remaining: fc.constantFrom(1, 1, 0.5),
  checkpointHours: fc.constantFrom(1, 0.5, 0, null),
  restartHours: fc.constantFrom(0, 0.5),
  data: fc.array(fc.record({ gigabytes: fc.integer({ min: 0, max: 500 }), at: fc.constantFrom(...sites, null) }), {
    maxLength: 2,
  }),
  boundTo: seldom(fc.constantFrom(...sites)),
  deadlineMs: seldom(fc.integer({ min: 1, max: 40 }).map((hours) => nowMs + hours * hourMs)),
  leftUsd: seldom(fc.integer({ min: 1, max: 1_000 })),
  interruptible: fc.boolean(),
  jurisdictions: seldom(fc.subarray(jurisdictions, { minLength: 1 })),
  sites: seldom(fc.subarray(sites, { minLength: 1 })),
});

export const someLimits: fc.Arbitrary<PlacementLimits> = fc
  .record({
    names: fc.dictionary(
      fc.constantFrom('vendor aurora', 'vendor borealis', 'host north', 'host south', 'jurisdiction EU'),
      fc.integer({ min: -50, max: 600 }),
      { noNullPrototype: true },
    ),
    closed: fc.subarray(sites, { maxLength: 1 }),
  })
  .map(({ names, closed }) => ({
    nowMs,
    headroomUsd: (dimension, name) => names[`${dimension} ${name}`] ?? Infinity,
    closedSites: new Map(closed.map((site) => [site, 'was just lost'])),
  }));

/** A few full-to-bursting sites of one kind at different prices, and jobs of many sizes that each may use some of the sites. */
export const someCrowd: fc.Arbitrary<{ readonly offers: readonly Offer[]; readonly demands: readonly Demand[] }> = fc
  .record({
    frees: fc.array(fc.integer({ min: 2, max: 10 }), { minLength: 2, maxLength: 4 }),
    jobs: fc.array(
      fc.record({
        perRank: fc.integer({ min: 1, max: 6 }),
        hours: fc.integer({ min: 1, max: 20 }),
        reach: fc.subarray(sites.slice(0, 4), { minLength: 1 }),
      }),
      { minLength: 3, maxLength: 6 },
    ),
  })
  .map(({ frees, jobs }) => ({
    offers: frees.map((free, place) =>
      anOffer({ site: sites[place] ?? null, count: free, free, hourUsd: [0.1, 1, 3, 4][place] ?? 5 }),
    ),
    demands: jobs.map(({ perRank, hours, reach }) =>
      aDemand({ accelerators: [{ kind: 'GB200', perRank, hours }], sites: reach }),
    ),
  }));
