import type { PlacementLimits } from '../Demand.ts';
import type { Offer } from '../Offer.ts';
import type { OfferIndex } from '../OfferIndex.ts';
import { capSharesOf, type CapShare, type Room } from '../Room.ts';
import type { Weighed } from '../weighOffers.ts';
import { usdOf } from './QueueProblem.ts';

/** Something that jobs use up together: accelerators, or what one cap leaves. */
export interface Supply {
  readonly total: number;
  used: number;
  /** Jobs that use some of it. */
  readonly holders: Set<number>;
}

/** What an offer uses up, whoever takes it. */
interface OfferDraws {
  /** Its own accelerators, and those that its twin at another price stands for as well. */
  readonly accelerators: readonly Supply[];
  readonly caps: readonly { readonly supply: Supply; readonly share: number }[];
}

const supplyOf = (total: number): Supply => ({ total, used: 0, holders: new Set() });

const leftOf = (supplies: readonly Supply[]): number => {
  let least = Infinity;
  for (const { total, used } of supplies) least = Math.min(least, total - used);
  return least;
};

const drawFrom = (supply: Supply, job: number, amount: number, sign: 1 | -1): void => {
  if (sign === 1) supply.holders.add(job);
  else supply.holders.delete(job);
  // What nobody holds is nothing, whatever rounding has left of it.
  supply.used = supply.holders.size === 0 ? 0 : supply.used + sign * amount;
};

/** On demand and spot of a kind at a site are the same accelerators; a slot has its own. */
const twinKey = ({ site, accelerator, basis }: Offer): string | null =>
  site === null || basis === 'slot' ? null : `${site}\n${accelerator}`;

/** What is there at most of what on-demand and spot offers share. */
const sharedSupplies = (offers: readonly Offer[]): Map<string, Supply> => {
  const free = new Map<string, { onDemand: number; spot: number }>();
  for (const offer of offers) {
    const key = twinKey(offer);
    if (key === null || offer.basis === 'slot') continue;
    const sums = free.get(key) ?? { onDemand: 0, spot: 0 };
    sums[offer.basis] += offer.free;
    free.set(key, sums);
  }
  return new Map([...free].map(([key, { onDemand, spot }]) => [key, supplyOf(Math.max(onDemand, spot))]));
};

/** Which job of a queue has which offer, and what that leaves. Jobs are numbered in the order of the queue. Every change can be taken back. */
export class QueueAssignment {
  readonly #index: OfferIndex;
  readonly #headroomUsd: PlacementLimits['headroomUsd'];
  readonly #shared: ReadonlyMap<string, Supply>;
  readonly #draws: (OfferDraws | undefined)[];
  readonly #caps: Readonly<Record<CapShare['dimension'], Map<string, Supply | null>>> = {
    vendor: new Map(),
    host: new Map(),
    jurisdiction: new Map(),
  };
  readonly #taken: (Weighed | null)[];
  readonly #changes: { readonly job: number; readonly before: Weighed | null }[] = [];
  #totalUsd = 0;

  constructor(jobs: number, index: OfferIndex, headroomUsd: PlacementLimits['headroomUsd']) {
    this.#index = index;
    this.#headroomUsd = headroomUsd;
    this.#shared = sharedSupplies(index.offers);
    this.#taken = Array.from({ length: jobs }, () => null);
    this.#draws = Array.from({ length: index.offers.length });
  }

  taken(job: number): Weighed | null {
    return this.#taken[job] ?? null;
  }

  /** What all jobs that are placed cost together. */
  get totalUsd(): number {
    return this.#totalUsd;
  }

  /** Whether a job that has nothing could have it. */
  fits(weighed: Weighed): boolean {
    const { accelerators, caps } = this.#drawsOf(weighed.place);
    for (const { used, total } of accelerators) if (used + weighed.accelerators > total) return false;
    const usd = usdOf(weighed);
    if (usd === 0) return true;
    for (const { supply, share } of caps) if (usd * share > 0 && supply.used + usd * share > supply.total) return false;
    return true;
  }

  /** The first of what it uses that more is used of than there is; null for none. */
  overdrawn(weighed: Weighed): Supply | null {
    const { accelerators, caps } = this.#drawsOf(weighed.place);
    return (
      accelerators.find(({ used, total }) => used > total) ??
      caps.find(({ supply }) => supply.holders.size > 0 && supply.used > supply.total)?.supply ??
      null
    );
  }

  /** Jobs that hold something of what there is too little of for the option. */
  rivals(weighed: Weighed): number[] {
    const { accelerators, caps } = this.#drawsOf(weighed.place);
    const usd = usdOf(weighed);
    const short = [
      ...accelerators.filter(({ used, total }) => used + weighed.accelerators > total),
      ...caps.filter(({ supply, share }) => supply.used + usd * share > supply.total).map(({ supply }) => supply),
    ];
    return short.flatMap(({ holders }) => [...holders]);
  }

  /** Gives a job an offer, or nothing, in the place of what it has. Whether there is room is not asked. */
  give(job: number, weighed: Weighed | null): void {
    const before = this.taken(job);
    if (before === weighed) return;
    this.#changes.push({ job, before });
    this.#set(job, weighed);
  }

  /** Forgets what could be taken back. */
  keep(): void {
    this.#changes.length = 0;
  }

  /** A point to come back to. */
  get mark(): number {
    return this.#changes.length;
  }

  takeBack(mark: number): void {
    while (this.#changes.length > mark) {
      const change = this.#changes.pop();
      if (change) this.#set(change.job, change.before);
    }
  }

  /** Offers with what is free of them now, in the same places. */
  offersLeft(): Offer[] {
    return this.#index.offers.map((offer, place) => ({ ...offer, free: leftOf(this.#drawsOf(place).accelerators) }));
  }

  /** What each cap leaves now. */
  readonly headroomLeftUsd: PlacementLimits['headroomUsd'] = (dimension, name) => {
    const supply = this.#capOf(dimension, name);
    return supply === null ? Infinity : supply.total - supply.used;
  };

  /** Reads what is left for a job beside all the others. */
  beside<Reading>(job: number, closedSites: ReadonlyMap<string, string>, read: (room: Room) => Reading): Reading {
    const own = this.taken(job);
    this.#set(job, null);
    const reading = read({
      free: ({ place }) => leftOf(this.#drawsOf(place).accelerators),
      headroomUsd: this.headroomLeftUsd,
      closedSites,
    });
    this.#set(job, own);
    return reading;
  }

  #set(job: number, weighed: Weighed | null): void {
    const before = this.taken(job);
    this.#taken[job] = weighed;
    this.#totalUsd += (weighed === null ? 0 : usdOf(weighed)) - (before === null ? 0 : usdOf(before));
    if (before) this.#draw(job, before, -1);
    if (weighed) this.#draw(job, weighed, 1);
  }

  #draw(job: number, weighed: Weighed, sign: 1 | -1): void {
    const { accelerators, caps } = this.#drawsOf(weighed.place);
    for (const supply of accelerators) drawFrom(supply, job, weighed.accelerators, sign);
    const usd = usdOf(weighed);
    if (usd > 0) for (const { supply, share } of caps) drawFrom(supply, job, usd * share, sign);
  }

  #drawsOf(place: number): OfferDraws {
    const known = this.#draws[place];
    if (known !== undefined) return known;
    const offer = this.#index.offers[place];
    const draws = offer === undefined ? { accelerators: [], caps: [] } : this.#readDraws(offer);
    this.#draws[place] = draws;
    return draws;
  }

  #readDraws(offer: Offer): OfferDraws {
    const twins = this.#shared.get(twinKey(offer) ?? '');
    return {
      accelerators: [supplyOf(offer.free), ...(twins === undefined ? [] : [twins])],
      caps: capSharesOf(offer).flatMap(({ dimension, name, share }) => {
        const supply = this.#capOf(dimension, name);
        return supply === null || share === 0 ? [] : [{ supply, share }];
      }),
    };
  }

  /** Null where nothing caps it. */
  #capOf(dimension: CapShare['dimension'], name: string): Supply | null {
    const known = this.#caps[dimension].get(name);
    if (known !== undefined) return known;
    const headroomUsd = this.#headroomUsd(dimension, name);
    const supply = headroomUsd === Infinity ? null : supplyOf(headroomUsd);
    this.#caps[dimension].set(name, supply);
    return supply;
  }
}
