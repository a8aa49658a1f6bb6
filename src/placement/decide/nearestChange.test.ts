import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { Demand } from './Demand.ts';
import type { DemandChange } from './DemandChange.ts';
import { aDemand, anOffer, hourMs, noLimits, nowMs, someDemand, someOffers } from './instance.fixture.ts';
import { fewestChanges, nearestChange } from './nearestChange.ts';
import type { Offer } from './Offer.ts';
import { OfferIndex } from './OfferIndex.ts';

const asked = (kind: string, perRank: number, ranks = 1): Partial<Demand> => ({
  ranks,
  accelerators: [{ kind, perRank, hours: 10 }],
});

const north = anOffer();
const south = anOffer({ site: 'south-1', accelerator: 'H100', count: 16, jurisdiction: 'US', hourUsd: 1 });

/** What can be mended in the job file alone: an offer then takes it. */
const ofTheJob = new Set<DemandChange['kind']>([
  'accelerator',
  'fewer',
  'any_fabric',
  'residency',
  'site',
  'state',
  'interruptible',
  'checkpoint',
  'deadline',
  'max_cost',
]);

describe('the nearest change', () => {
  it('is none where some offer could take the job, busy, closed and capped as it may be now', () => {
    const busy = [anOffer({ free: 0 })];
    expect(nearestChange(aDemand(), busy, noLimits)).toBeNull();
    const nothingNow = { nowMs, headroomUsd: () => 0, closedSites: new Map([['north-1', 'lost']]) };
    expect(decide(aDemand(), busy, nothingNow).chosen).toBeNull();
    expect(nearestChange(aDemand(), busy, nothingNow)).toBeNull();
  });

  const told: readonly [mend: string, message: string, Partial<Demand>, (readonly Offer[])?][] = [
    ['ask for perRank 4', 'the most on one site is 8 x GB200 on north-1, it asks for 16', asked('GB200', 8, 2)],
    ['ask for ranks 8', 'the most on one site is 8 x GB200 on north-1, it asks for 12', asked('GB200', 1, 12)],
    ['ask for ranks 4', 'the most on one site is 8 x GB200 on north-1, it asks for 10', asked('GB200', 2, 5)],
    ['did you mean "GB200"?', 'no site has GB20', asked('GB20', 4)],
    [
      'did you mean "GB200"?, and ask for perRank 8',
      'no site has gb200; the most on one site is 8 x GB200 on north-1, it asks for 64',
      asked('gb200', 64),
    ],
    ['add GB200 to the accelerators, with the hours that it needs there', 'no site has TPU', asked('TPU', 8), [north]],
    [
      'write oneDomain: false',
      '4 of GB200 on north-1 share one fast fabric, it wants all of its accelerators on one',
      { ...asked('GB200', 4, 2), oneDomain: true },
      [anOffer({ domain: 4 })],
    ],
    [
      'write oneDomain: false',
      'how many of GB200 on north-1 share one fast fabric is not known',
      { oneDomain: true },
      [anOffer({ domain: null })],
    ],
    ['add EU to jurisdictions', 'north-1 is in EU, it stays in US', { jurisdictions: ['US'] }, [north]],
    [
      'give the site its jurisdiction in the file',
      'nobody says under which law north-1 is',
      { jurisdictions: ['EU'] },
      [anOffer({ jurisdiction: null })],
    ],
    ['add north-1 to sites', 'it may run on south-1 only', { sites: ['south-1'] }],
    [
      'move that to a store: location, which every site reaches',
      'what it needs lies on the disk of south-1',
      { boundTo: 'south-1' },
      [north],
    ],
    ['give it one in the file, or import offers', 'GB200 on north-1 has no price', {}, [anOffer({ hourUsd: null })]],
    ['add a site for it to the file', 'GB200 of aurora is in an imported list only', {}, [anOffer({ site: null })]],
    [
      'write interruptible: true',
      'GB200 on north-1 may be taken away',
      { interruptible: false },
      [anOffer({ basis: 'spot', interruptionsPerHour: 0.01 })],
    ],
    [
      'write a checkpoint each 30 min at most',
      'on GB200 on north-1 it would be lost each 30 min, before a checkpoint is written',
      { checkpointHours: null },
      [anOffer({ basis: 'spot', interruptionsPerHour: 2 })],
    ],
    [
      'set the deadline to 2026-11-26T10:00Z or later',
      'finishing takes 10 h on GB200 on north-1, the deadline is in 9 h',
      { deadlineMs: nowMs + 9 * hourMs },
    ],
    ['raise maxCostUsd by $5.50', 'finishing costs $80.00 on GB200 on north-1, it may cost $74.50', { leftUsd: 74.5 }],
    [
      'sign a slot until 2026-11-26T10:00Z or later',
      'finishing takes 10 h on GB200 on north-1, the slot ends in 3 h',
      {},
      [anOffer({ basis: 'slot', hourUsd: 0, untilMs: nowMs + 3 * hourMs })],
    ],
    ['add sites with accelerators and prices to the file', 'there is no capacity at all', {}, []],
  ];

  it.each(told)('says: %s (%s)', (mend, message, demand, offers = [north, south]) => {
    expect(nearestChange(aDemand(demand), offers, noLimits)).toEqual({ message, mend });
  });

  it('is that of the offer that needs the fewest: none of two where one will do', () => {
    const small = anOffer({ site: 'small', count: 2, jurisdiction: 'US' });
    const large = anOffer({ site: 'large', count: 64, jurisdiction: 'US' });
    const demand = aDemand({ ...asked('GB200', 8), jurisdictions: ['EU'] });
    expect(nearestChange(demand, [small, large], noLimits)?.mend).toBe('add US to jurisdictions');
    expect(nearestChange(demand, [small, large, anOffer({ count: 6 })], noLimits)?.mend).toBe('ask for perRank 6');
  });

  it('is the earliest end and the least money of those that differ in nothing else', () => {
    const spot = anOffer({ site: 'spot', basis: 'spot', hourUsd: 1, interruptionsPerHour: 0.1 });
    const late = aDemand({ deadlineMs: nowMs + hourMs });
    expect(nearestChange(late, [spot, north], noLimits)?.mend).toBe('set the deadline to 2026-11-26T10:00Z or later');
    const dear = anOffer({ site: 'dear', hourUsd: 3 });
    expect(nearestChange(aDemand({ leftUsd: 50 }), [dear, north], noLimits)?.mend).toBe('raise maxCostUsd by $30.00');
  });

  it('lets the job run where only the job file has to change', () => {
    let changed = 0;
    const demands = fc.tuple(someDemand, fc.constantFrom(1, 4), fc.constantFrom('GB200', 'H10', 'TPU'));
    fc.assert(
      fc.property(demands, someOffers, ([some, times, kind], offers) => {
        const demand = {
          ...some,
          ranks: some.ranks * times,
          accelerators: some.accelerators.map((choice) => ({ ...choice, kind })),
        };
        const index = new OfferIndex(offers);
        const allFree = offers.map((offer) => ({ ...offer, free: offer.count }));
        const told = nearestChange(demand, offers, noLimits);
        expect(told === null).toBe(decide(demand, allFree, noLimits).chosen !== null);
        if (told === null) return;
        const needed = fewestChanges(demand, index, nowMs);
        expect(needed?.changes.length).toBeGreaterThan(0);
        if (needed?.changes.every((change) => ofTheJob.has(change.kind))) {
          changed += 1;
          expect(decide(needed.demand, allFree, noLimits).chosen).not.toBeNull();
        }
      }),
      { seed: 31, numRuns: 2_000 },
    );
    expect(changed).toBeGreaterThan(300);
  });
});
