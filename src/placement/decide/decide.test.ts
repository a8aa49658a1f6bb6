import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placementLimits } from '../limits.ts';
import { decide } from './decide.ts';
import type { Demand, PlacementLimits } from './Demand.ts';
import { aDemand, anOffer, hourMs, noLimits, nowMs, someDemand, someLimits, someOffers } from './instance.fixture.ts';
import type { Offer } from './Offer.ts';
import type { OfferRefusal, PlacementCandidate } from './PlacementDecision.ts';

/** Of one offer, a reading of the rules that shares nothing with the decision but the words: can it be taken, and for how much? */
const readByHand = (
  demand: Demand,
  offers: readonly Offer[],
  place: number,
  limits: PlacementLimits,
): number | null => {
  const offer = offers[place];
  if (offer === undefined || offer.site === null) return null;
  const rates = offers.filter(({ site }) => site !== null);
  const rateOf = (from: string): number => {
    const own = rates.filter(({ site }) => site === from);
    return Math.max(0, ...(own.length > 0 ? own : rates).map((one) => one.egressUsdPerGigabyte));
  };
  const costs = demand.accelerators.flatMap((choice) => {
    const gang = choice.perRank * demand.ranks;
    const never =
      choice.kind !== offer.accelerator ||
      gang > offer.count ||
      gang > offer.free ||
      (demand.oneDomain && (offer.domain === null || gang > offer.domain)) ||
      (demand.jurisdictions !== null && !demand.jurisdictions.some((one) => one === offer.jurisdiction)) ||
      (demand.sites !== null && !demand.sites.some((one) => one === offer.site)) ||
      (demand.boundTo !== null && demand.boundTo !== offer.site) ||
      (offer.basis === 'spot' && !demand.interruptible) ||
      limits.closedSites.has(offer.site ?? '') ||
      offer.hourUsd === null;
    if (never || offer.hourUsd === null) return [];
    const rate =
      offer.interruptionsPerHour * (offer.acceleratorsPerMachine ? Math.ceil(gang / offer.acceleratorsPerMachine) : 1);
    const work = choice.hours * demand.remaining;
    const gigabytes = (counts: (at: string | null) => boolean): number =>
      demand.data.filter(({ at }) => counts(at)).reduce((sum, one) => sum + one.gigabytes, 0);
    const recovery = demand.restartHours + gigabytes((at) => at === null) / offer.gigabytesPerHour;
    let hours = gigabytes((at) => at === null || at !== offer.site) / offer.gigabytesPerHour;
    if (demand.checkpointHours === 0) hours += work + work * rate * recovery;
    else {
      let left = work;
      while (left > 1e-9) {
        const segment = Math.min(left, demand.checkpointHours ?? left);
        if (rate * segment > Math.log(1_001)) return [];
        hours += rate === 0 ? segment : (1 / rate + recovery) * (Math.exp(rate * segment) - 1);
        left -= segment;
      }
    }
    const moved = demand.data.filter(({ at }) => at !== null && at !== offer.site);
    const usd =
      hours * gang * offer.hourUsd + moved.reduce((sum, one) => sum + one.gigabytes * rateOf(one.at ?? ''), 0);
    const end = nowMs + hours * hourMs;
    const within = (dimension: 'vendor' | 'host' | 'jurisdiction', name: string, share: number): boolean =>
      usd * share === 0 || usd * share <= limits.headroomUsd(dimension, name) * (1 + 1e-12);
    const late = (limit: number | null): boolean => limit !== null && end > limit + 1e-3;
    const fine =
      !late(demand.deadlineMs) &&
      !late(offer.untilMs) &&
      (demand.leftUsd === null || usd <= demand.leftUsd * (1 + 1e-12)) &&
      within('vendor', offer.vendor, 1) &&
      Object.entries(offer.hosts).every(([name, share]) => within('host', name, share)) &&
      (offer.jurisdiction === null || within('jurisdiction', offer.jurisdiction, 1));
    return fine ? [usd] : [];
  });
  return costs.length === 0 ? null : Math.min(...costs);
};

const only = (demand: Demand, offer: Offer, limits: PlacementLimits = noLimits): PlacementCandidate => {
  const { chosen, others } = decide(demand, [offer], limits);
  return chosen ?? others[0]!;
};

describe('a decision', () => {
  it('takes the offer that finishing costs the least on, and says by how much others lost', () => {
    const offers = [
      anOffer({ site: 'dear', hourUsd: 2.5 }),
      anOffer({ site: 'cheap', hourUsd: 2 }),
      anOffer({ site: 'full', hourUsd: 1, free: 3 }),
      anOffer({ site: 'other', accelerator: 'H100' }),
    ];
    const { chosen, others, weighed, refused } = decide(aDemand(), offers, noLimits);
    expect(chosen).toMatchObject({ site: 'cheap', accelerators: 4, refusal: null });
    expect(chosen?.reason).toBe('$80.00 in 10 h; 1 more could be taken');
    expect(others.map(({ site, refusal, reason }) => [site, refusal, reason])).toEqual([
      ['dear', null, 'costs $20.00 more'],
      ['full', 'no_room', 'needs 4, 3 of 8 are free'],
      ['other', 'other_accelerator', 'has H100, the job uses GB200'],
    ]);
    expect([weighed, refused]).toEqual([4, { no_room: 1, other_accelerator: 1 }]);
  });

  it('weighs losses: spot at half the price is no bargain where it is taken away each hour', () => {
    const spot = (interruptionsPerHour: number): Offer =>
      anOffer({ site: 'spot', basis: 'spot', hourUsd: 1, interruptionsPerHour });
    const chosenBeside = (offer: Offer) => decide(aDemand(), [offer, anOffer()], noLimits).chosen?.site;
    expect(chosenBeside(spot(0.05))).toBe('spot');
    expect(chosenBeside(spot(1))).toBe('north-1');
  });

  it('takes a slot, whose fee is owed anyway, before anything that costs more', () => {
    const slot = anOffer({ site: 'slot', basis: 'slot', contract: 'block-7', hourUsd: 0 });
    expect(decide(aDemand(), [anOffer({ hourUsd: 0.01 }), slot], noLimits).chosen).toMatchObject({
      site: 'slot',
      contract: 'block-7',
      expected: { usd: 0, hours: 10 },
    });
  });

  it('is the same in whatever order equal offers stand: by price of an hour, duration, then by name', () => {
    const offers = ['c', 'a', 'b'].map((site) => anOffer({ site }));
    fc.assert(
      fc.property(fc.shuffledSubarray(offers, { minLength: 3 }), (shuffled) => {
        const { chosen, others } = decide(aDemand(), shuffled, noLimits);
        expect([chosen, ...others].map((one) => one?.site)).toEqual(['a', 'b', 'c']);
        expect(others[0]?.reason).toBe('costs $80.00 as well, and comes later by price of an hour, duration or name');
      }),
      { seed: 21, numRuns: 20 },
    );
  });

  const refusals: readonly [OfferRefusal, string, Partial<Demand>, Partial<Offer>, Partial<PlacementLimits>?][] = [
    ['no_site', 'no site of the file stands for it', {}, { site: null }],
    ['too_small', 'needs 12, has 8', { ranks: 3 }, {}],
    ['not_one_domain', 'needs 8 on one fast fabric, 4 share one', { ranks: 2, oneDomain: true }, { domain: 4 }],
    [
      'not_one_domain',
      'needs 8 on one fast fabric, how many share one is not known',
      { ranks: 2, oneDomain: true },
      { domain: null },
    ],
    ['residency', 'is in US, the job stays in EU, CH', { jurisdictions: ['EU', 'CH'] }, { jurisdiction: 'US' }],
    [
      'residency',
      'nobody says under which law it is, the job stays in EU',
      { jurisdictions: ['EU'] },
      { jurisdiction: null },
    ],
    ['not_chosen_by_owner', 'the job may run on south-1 only', { sites: ['south-1'] }, {}],
    ['state_is_elsewhere', 'its state lies on the disk of south-1', { boundTo: 'south-1' }, {}],
    ['unpriced', 'has no price', {}, { hourUsd: null }],
    [
      'not_interruptible',
      'may be taken away, the job may not be interrupted',
      { interruptible: false },
      { basis: 'spot' },
    ],
    ['deadline', 'would end in 10 h, the deadline is in 9 h', { deadlineMs: nowMs + 9 * hourMs }, {}],
    ['deadline', 'the deadline has passed 1 h ago', { deadlineMs: nowMs - hourMs }, {}],
    [
      'deadline',
      'would never end: it is lost each 30 min, a checkpoint is written only each 5 h',
      { checkpointHours: 5 },
      { basis: 'spot', interruptionsPerHour: 2 },
    ],
    [
      'max_cost',
      'would never end: it is lost each 30 min, it begins anew each time and needs 10 h',
      { checkpointHours: null, leftUsd: 1_000 },
      { basis: 'spot', interruptionsPerHour: 2 },
    ],
    ['max_cost', 'costs $80.00, $5.50 more than is left of the most it may cost', { leftUsd: 74.5 }, {}],
    ['slot_ends', 'would end in 10 h, the slot ends in 9.5 h', {}, { basis: 'slot', untilMs: nowMs + 9.5 * hourMs }],
    [
      'cap',
      'would spend $80.00 where the cap on vendor aurora leaves $79.99',
      {},
      {},
      { headroomUsd: (dimension) => (dimension === 'vendor' ? 79.99 : Infinity) },
    ],
    [
      'cap',
      'would spend $20.00 where the cap on host south leaves nothing',
      {},
      { hosts: { north: 0.75, south: 0.25 } },
      { headroomUsd: (dimension, name) => (dimension === 'host' && name === 'south' ? -3 : Infinity) },
    ],
    [
      'cap',
      'would spend $80.00 where the cap on jurisdiction EU leaves $1.00',
      {},
      {},
      { headroomUsd: (dimension) => (dimension === 'jurisdiction' ? 1 : Infinity) },
    ],
    ['site_closed', 'was just lost', {}, {}, { closedSites: new Map([['north-1', 'was just lost']]) }],
    ['no_room', 'needs 4, 0 of 8 are free', {}, { free: 0 }],
  ];

  it.each(refusals)('refuses an offer for %s: %s', (refusal, reason, demand, offer, limits = {}) => {
    const whole = { ...noLimits, ...limits };
    expect(only(aDemand(demand), anOffer(offer), whole)).toMatchObject({ refusal, reason });
    // The same offer is taken by a job and under limits that have nothing against it.
    if (refusal !== 'no_site' && refusal !== 'unpriced' && refusal !== 'no_room')
      expect(
        only(aDemand({ checkpointHours: 0.1 }), anOffer({ ...offer, untilMs: null, hourUsd: 2 })).refusal,
      ).toBeNull();
  });

  it('says the first reason of several, those before that never change by waiting', () => {
    const demand = aDemand({ ranks: 9, jurisdictions: ['US'], deadlineMs: nowMs });
    expect(only(demand, anOffer({ free: 0, hourUsd: null })).refusal).toBe('too_small');
    expect(only({ ...demand, ranks: 1 }, anOffer({ free: 0, hourUsd: null })).refusal).toBe('residency');
    expect(only(aDemand({ ranks: 2 }), anOffer({ free: 0, hourUsd: null })).refusal).toBe('unpriced');
  });

  it('takes what just fits: the last hour of a slot, the last dollar of a cap, the last accelerator', () => {
    const slot = anOffer({ basis: 'slot', untilMs: nowMs + 10 * hourMs, free: 4, hourUsd: 0 });
    const brokenAlready = { ...noLimits, headroomUsd: () => -1 };
    expect(only(aDemand(), slot, brokenAlready).refusal).toBeNull();
    const exactly = { ...noLimits, headroomUsd: () => 80 };
    expect(
      only(aDemand({ deadlineMs: nowMs + 10 * hourMs, leftUsd: 80 }), anOffer({ free: 4 }), exactly).refusal,
    ).toBeNull();
  });

  it('asks more for data whose site nobody prices than for any other', () => {
    const demand = aDemand({ data: [{ gigabytes: 100, at: 'nowhere' }] });
    const offers = [anOffer({ site: 'a', egressUsdPerGigabyte: 0 }), anOffer({ site: 'b', egressUsdPerGigabyte: 0.5 })];
    expect(decide(demand, offers, noLimits).chosen?.expected?.egressUsd).toBe(50);
  });

  it('keeps few of many others: takers first, then those that came nearest', () => {
    const offers = [
      ...Array.from({ length: 60 }, (_one, place) => anOffer({ site: `taker-${place}`, hourUsd: 100 - place })),
      ...Array.from({ length: 60 }, (_one, place) => anOffer({ site: `small-${place}`, count: 1, free: 1 })),
    ];
    const { chosen, others, weighed, refused } = decide(aDemand(), offers, noLimits);
    expect(chosen?.site).toBe('taker-59');
    expect(others.map(({ site }) => site)).toEqual(
      Array.from({ length: placementLimits.candidates }, (_one, place) => `taker-${58 - place}`),
    );
    expect([weighed, refused]).toEqual([120, { too_small: 60 }]);
    const [busy, small] = [anOffer({ site: 'busy', free: 0 }), anOffer({ site: 'small', count: 1, free: 0 })];
    expect(decide(aDemand(), [small, busy], noLimits).others.map(({ site }) => site)).toEqual(['busy', 'small']);
  });

  it('takes the cheapest of what an independent reading of the rules allows, and nothing where that allows nothing', () => {
    let taken = 0;
    fc.assert(
      fc.property(someDemand, someOffers, someLimits, (demand, offers, limits) => {
        const { chosen } = decide(demand, offers, limits);
        const byHand = offers.map((_offer, place) => readByHand(demand, offers, place, limits));
        const least = Math.min(...byHand.map((usd) => usd ?? Infinity));
        expect(chosen === null).toBe(least === Infinity);
        if (chosen === null) return;
        taken += 1;
        expect(chosen.expected?.usd).toBeCloseTo(least, 6);
      }),
      { seed: 22, numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(300);
  });

  it('never chooses what breaks a rule, and counts every offer', () => {
    fc.assert(
      fc.property(someDemand, someOffers, someLimits, (demand, offers, limits) => {
        const { chosen, others, weighed, refused } = decide(demand, offers, limits);
        expect(weighed).toBe(offers.length);
        for (const one of others) expect(one.reason).not.toBe('');
        const refusedCount = Object.values(refused).reduce((sum, count) => sum + count, 0);
        const takers = others.filter(({ refusal }) => refusal === null).length + Number(chosen !== null);
        expect(refusedCount + takers).toBeGreaterThanOrEqual(offers.length);
        if (chosen === null) return;
        const offer = offers.find(
          (one) => one.site === chosen.site && one.accelerator === chosen.accelerator && one.basis === chosen.basis,
        );
        expect(offer).toBeDefined();
        expect(chosen.site).not.toBeNull();
        expect(demand.accelerators.map(({ perRank }) => perRank * demand.ranks)).toContain(chosen.accelerators);
        expect(chosen.accelerators).toBeLessThanOrEqual(offer!.free);
        expect(offer!.hourUsd).not.toBeNull();
        expect(demand.boundTo ?? chosen.site).toBe(chosen.site);
        expect(demand.sites ?? [chosen.site]).toContain(chosen.site);
        expect(demand.jurisdictions ?? [offer!.jurisdiction]).toContain(offer!.jurisdiction);
        expect(nowMs + chosen.expected!.hours * hourMs).toBeLessThanOrEqual(
          Math.min(offer!.untilMs ?? Infinity, demand.deadlineMs ?? Infinity),
        );
      }),
      { seed: 23, numRuns: 2_000 },
    );
  });
});

describe('case 43', () => {
  interface Pool {
    readonly name: string;
    readonly nominal: number;
    readonly free: number;
    readonly borrowable: number;
    readonly running: readonly { readonly gpus: number }[];
  }

  const read = (file: string) =>
    JSON.parse(
      readFileSync(
        join(import.meta.dirname, `../../../test/fixtures/cases/43-impossible-flavor-outranks.${file}.json`),
        'utf8',
      ),
    );
  const scenario: { job: { gpus: number }; pools: Pool[]; expect: { pool: string; cyclesMax: number } } =
    read('scenario');

  /** Capacity of a running job is never taken away: what is busy is busy, and what may be borrowed is free. */
  const offerOf = ({ name, nominal, free, borrowable, running }: Pool): Offer => {
    const busy = running.reduce((sum, { gpus }) => sum + gpus, 0);
    return anOffer({
      site: name,
      count: nominal + borrowable + busy,
      free: free + borrowable,
      hourUsd: name === 'a' ? 1 : 2,
    });
  };

  it('goes where it fits, however good the place is that it can never have', () => {
    const demand = aDemand({ accelerators: [{ kind: 'GB200', perRank: scenario.job.gpus, hours: 1 }] });
    for (let cycle = 1; cycle <= scenario.expect.cyclesMax; cycle += 1) {
      const { chosen, others } = decide(demand, scenario.pools.map(offerOf), noLimits);
      expect(chosen?.site).toBe(read('case').expected.pool);
      expect(others.map(({ site, refusal, reason }) => [site, refusal, reason])).toEqual([
        ['a', 'no_room', 'needs 8, 0 of 8 are free'],
      ]);
    }
  });
});
