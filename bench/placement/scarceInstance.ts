import type { QueuedDemand } from '../../src/placement/decide/decisions.fixture.ts';
import type { CapacityBasis, Demand, Offer, PlacementLimits } from '../../src/placement/index.ts';

const hourMs = 3_600_000;

/** Jobs, offers and caps of which there is too little for all to have the cheapest. */
export interface ScarceInstance {
  readonly queue: readonly QueuedDemand[];
  readonly offers: readonly Offer[];
  readonly limits: PlacementLimits;
}

const kinds = ['GB200', 'H100'];
const listUsd: Readonly<Record<string, number>> = { GB200: 8, H100: 3 };
const vendors = ['aurora', 'borealis', 'cascade'];
const jurisdictions = ['EU', 'US'];

const within = (random: () => number, least: number, most: number): number => least + (most - least) * random();
const whole = (random: () => number, least: number, most: number): number =>
  Math.floor(within(random, least, most + 1));
const oneOf = <Item>(random: () => number, items: readonly Item[]): Item => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
};

const offerBy = (random: () => number, place: number, nowMs: number): Offer => {
  const accelerator = oneOf(random, kinds);
  const basis = oneOf<CapacityBasis>(random, ['slot', 'slot', 'onDemand', 'spot']);
  const priceUsd = (listUsd[accelerator] ?? 1) * within(random, 0.7, 1.3);
  const vendor = oneOf(random, vendors);
  const free = 4 * whole(random, 1, 6);
  return {
    site: `site-${place}`,
    vendor,
    region: null,
    hosts: { [vendor]: 0.7, north: 0.3 },
    jurisdiction: oneOf(random, jurisdictions),
    accelerator,
    basis,
    contract: basis === 'slot' ? `slot-${place}` : null,
    hourUsd: { slot: 0, onDemand: priceUsd, spot: priceUsd * within(random, 0.35, 0.7) }[basis],
    count: free + whole(random, 0, 8),
    free,
    domain: oneOf(random, [8, 72, null]),
    untilMs: basis === 'slot' ? nowMs + within(random, 6, 72) * hourMs : null,
    interruptionsPerHour: basis === 'spot' ? within(random, 0.005, 0.1) : 0,
    egressUsdPerGigabyte: within(random, 0, 0.12),
    gigabytesPerHour: 3_600,
    source: 'file',
  };
};

/** Dear, and enough of it: so that scarcity costs money, and seldom leaves a job out. */
const resortOf = (accelerator: string, place: number, free: number): Offer => ({
  site: `resort-${place}`,
  vendor: 'resort',
  region: null,
  hosts: { resort: 1 },
  jurisdiction: 'EU',
  accelerator,
  basis: 'onDemand',
  contract: null,
  hourUsd: (listUsd[accelerator] ?? 1) * 2,
  count: 2 * free,
  free,
  domain: 72,
  untilMs: null,
  interruptionsPerHour: 0,
  egressUsdPerGigabyte: 0.09,
  gigabytesPerHour: 3_600,
  source: 'file',
});

const demandBy = (random: () => number, sites: readonly string[], nowMs: number): Demand => {
  const hours = within(random, 2, 40);
  const perRank = oneOf(random, [1, 2, 4, 8]);
  const first = oneOf(random, kinds);
  const others = random() < 0.6 ? kinds.filter((kind) => kind !== first) : [];
  return {
    ranks: whole(random, 1, 4),
    accelerators: [first, ...others].map((kind) => ({
      kind,
      perRank,
      hours: hours * (kind === 'H100' ? within(random, 1.5, 3) : 1),
    })),
    oneDomain: random() < 0.1,
    remaining: 1,
    checkpointHours: random() < 0.8 ? within(random, 0.2, 2) : null,
    restartHours: 0.2,
    data: random() < 0.4 ? [{ gigabytes: within(random, 10, 2_000), at: oneOf(random, sites) }] : [],
    boundTo: null,
    deadlineMs: random() < 0.3 ? nowMs + hours * within(random, 1.1, 4) * hourMs : null,
    leftUsd: null,
    interruptible: random() < 0.6,
    jurisdictions: random() < 0.2 ? ['EU'] : null,
    sites: null,
  };
};

/** @param size How many jobs, and how many scarce offers, at least and at most. */
export const scarceInstance = (
  random: () => number,
  size: { readonly jobs: readonly [number, number]; readonly offers: readonly [number, number] },
): ScarceInstance => {
  const nowMs = 1_800_000_000_000;
  const jobs = whole(random, ...size.jobs);
  const scarce = Array.from({ length: whole(random, ...size.offers) - kinds.length }, (_offer, place) =>
    offerBy(random, place, nowMs),
  );
  const offers = [...scarce, ...kinds.map((kind, place) => resortOf(kind, place, 8 * whole(random, 1, jobs)))];
  const sites = offers.flatMap(({ site }) => site ?? []);
  const queue = Array.from({ length: jobs }, (_job, number) => ({
    id: `job-${number}`,
    demand: demandBy(random, sites, nowMs),
  }));
  const headroom = new Map(vendors.map((vendor) => [`vendor ${vendor}`, within(random, 500, 8_000)]));
  headroom.set('host north', within(random, 500, 4_000));
  const limits: PlacementLimits = {
    nowMs,
    headroomUsd: (dimension, name) => headroom.get(`${dimension} ${name}`) ?? Infinity,
    closedSites: new Map(),
  };
  return { queue, offers, limits };
};
