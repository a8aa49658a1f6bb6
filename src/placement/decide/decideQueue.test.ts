import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { decideQueue, type QueuedDemand } from './decideQueue.ts';
import type { PlacementLimits } from './Demand.ts';
import { aDemand, anOffer, noLimits, someCrowd, someDemand, someLimits, someOffers } from './instance.fixture.ts';
import type { Offer } from './Offer.ts';
import type { PlacementCandidate } from './PlacementDecision.ts';
import { queueSearchLimits } from './queue/QueueProblem.ts';

const queued = (...demands: readonly QueuedDemand['demand'][]): QueuedDemand[] =>
  demands.map((demand, number) => ({ id: `job-${number}`, demand }));

const needing = (perRank: number, hours = 10): QueuedDemand['demand'] =>
  aDemand({ accelerators: [{ kind: 'GB200', perRank, hours }] });

const chosenOf = (queue: readonly QueuedDemand[], offers: readonly Offer[], limits: PlacementLimits = noLimits) => {
  const decisions = decideQueue(queue, offers, limits);
  return queue.map(({ id }) => decisions.get(id)?.chosen ?? null);
};

const sitesOf = (...question: Parameters<typeof chosenOf>) => chosenOf(...question).map((one) => one?.site ?? null);

const usdOf = (chosen: readonly (PlacementCandidate | null)[]): number =>
  chosen.reduce((sum, one) => sum + (one?.expected?.usd ?? 0), 0);

/** "110": the third has no place. */
const whoOf = (chosen: readonly (PlacementCandidate | null)[]): string =>
  chosen.map((one) => (one === null ? '0' : '1')).join('');

const offerOf = (offers: readonly Offer[], one: PlacementCandidate): Offer =>
  offers.find(
    ({ site, accelerator, basis }) => site === one.site && accelerator === one.accelerator && basis === one.basis,
  )!;

const rounding = 1 + 1e-9;

/** What a set of choices uses beyond what there is: written without the decision's own books. */
const overdrawn = (
  chosen: readonly (PlacementCandidate | null)[],
  offers: readonly Offer[],
  limits: PlacementLimits,
): string[] => {
  const used = new Map<string, number>();
  const most = new Map<string, number>();
  const use = (name: string, amount: number, limit: number): void => {
    used.set(name, (used.get(name) ?? 0) + amount);
    most.set(name, Math.max(limit, 0));
  };
  for (const one of chosen) {
    if (one === null) continue;
    const offer = offerOf(offers, one);
    const usd = one.expected!.usd;
    const twin = offer.basis === 'slot' ? offer.contract : 'by the hour';
    use(`${offer.site} ${offer.accelerator} ${twin}`, one.accelerators, offer.free);
    use(`vendor ${offer.vendor}`, usd, limits.headroomUsd('vendor', offer.vendor));
    for (const [host, share] of Object.entries(offer.hosts))
      use(`host ${host}`, usd * share, limits.headroomUsd('host', host));
    if (offer.jurisdiction !== null)
      use(`law ${offer.jurisdiction}`, usd, limits.headroomUsd('jurisdiction', offer.jurisdiction));
  }
  return [...used].filter(([name, amount]) => amount > most.get(name)! * rounding).map(([name]) => name);
};

/** Every way to place the queue, compared: job after job must be placed where it can be, then the cheapest. Only for few jobs. */
const everyWay = (
  queue: readonly QueuedDemand[],
  offers: readonly Offer[],
  limits: PlacementLimits,
): { who: string; usd: number } => {
  const options = queue.map(({ demand }) => {
    const { chosen, others } = decide(demand, offers, limits);
    return [null, ...(chosen === null ? [] : [chosen]), ...others.filter(({ refusal }) => refusal === null)];
  });
  let best = { who: '', usd: Infinity };
  const descend = (job: number, chosen: readonly (PlacementCandidate | null)[]): void => {
    if (overdrawn(chosen, offers, limits).length > 0) return;
    const own = options[job];
    if (own === undefined) {
      const whole = { who: whoOf(chosen), usd: usdOf(chosen) };
      if (whole.who > best.who || (whole.who === best.who && whole.usd < best.usd)) best = whole;
      return;
    }
    for (const option of own) descend(job + 1, [...chosen, option]);
  };
  descend(0, []);
  return best;
};

/** Each in its turn, with what those before it have left. */
const oneByOne = (
  queue: readonly QueuedDemand[],
  offers: readonly Offer[],
  limits: PlacementLimits,
): (PlacementCandidate | null)[] => {
  const taken: (PlacementCandidate | null)[] = [];
  for (const { demand } of queue) {
    const { chosen, others } = decide(demand, offers, limits);
    const takers = [chosen, ...others].filter((one) => one?.refusal === null);
    taken.push(takers.find((one) => overdrawn([...taken, one ?? null], offers, limits).length === 0) ?? null);
  }
  return taken;
};

const someQueue = (most: number) =>
  fc.array(someDemand, { minLength: 1, maxLength: most }).map((demands) => queued(...demands));

describe('a queue decided together', () => {
  it('leaves the cheap place to the job that gains the most by it', () => {
    const slot = anOffer({ site: 'slot', basis: 'slot', contract: 'block', hourUsd: 0, free: 4 });
    const dear = anOffer({ site: 'dear', hourUsd: 5 });
    // Alone, each would take the slot; the second would pay four times as much elsewhere.
    expect(sitesOf(queued(needing(4, 5), needing(4, 20)), [slot, dear])).toEqual(['dear', 'slot']);
    expect(sitesOf(queued(needing(4, 20), needing(4, 5)), [slot, dear])).toEqual(['slot', 'dear']);
  });

  it('gives a slot to two small jobs rather than to a large one that gains less than both', () => {
    const slot = anOffer({ site: 'slot', basis: 'slot', contract: 'block', hourUsd: 0, free: 8 });
    const dear = anOffer({ site: 'dear', count: 99, free: 99 });
    const queue = queued(needing(8, 10), needing(4, 12), needing(4, 12));
    expect(sitesOf(queue, [slot, dear])).toEqual(['dear', 'slot', 'slot']);
  });

  it('never gives the only place of an earlier job to a later one, and moves whoever can go elsewhere', () => {
    const small = anOffer({ site: 'small', count: 4, free: 4, hourUsd: 1 });
    const bound = aDemand({ boundTo: 'small' });
    const large = anOffer({ site: 'large', hourUsd: 3, free: 4 });
    expect(sitesOf(queued(bound, needing(4)), [small, large])).toEqual(['small', 'large']);
    // The first is cheapest on the second's only place: it goes where it costs more, so that both run.
    expect(sitesOf(queued(needing(4), bound), [small, large])).toEqual(['large', 'small']);
    // No such way for a third: it waits, and neither of the two before it does.
    expect(sitesOf(queued(needing(4), bound, bound), [small, large])).toEqual(['large', 'small', null]);
  });

  it('makes room however many have to move for it', () => {
    const places = Array.from({ length: 8 }, (_place, number) => `s${number}`);
    const offers = places.map((site, number) => anOffer({ site, count: 4, free: 4, hourUsd: 1 + number }));
    const besides = places.slice(1).map((site, number) => ({ ...needing(4), sites: [places[number] ?? '', site] }));
    const last = { ...needing(4), sites: ['s0'] };
    expect(sitesOf(queued(...besides), offers)).toEqual(places.slice(0, -1));
    expect(sitesOf(queued(...besides, last), offers)).toEqual([...places.slice(1), 's0']);
  });

  it('tells a job that waits what the others have taken', () => {
    const decisions = decideQueue(queued(needing(6), needing(4)), [anOffer()], noLimits);
    expect(decisions.get('job-0')?.chosen?.reason).toBe('the only one that can be taken: $120.00 in 10 h');
    expect(decisions.get('job-1')).toMatchObject({
      chosen: null,
      others: [{ refusal: 'no_room', reason: 'needs 4, 2 of 8 are free' }],
      refused: { no_room: 1 },
    });
  });

  it('spends a cap once', () => {
    const capped = { ...noLimits, headroomUsd: (dimension: string) => (dimension === 'vendor' ? 100 : Infinity) };
    const wide = anOffer({ count: 99, free: 99 });
    const decisions = decideQueue(queued(needing(4), needing(4)), [wide], capped);
    expect(decisions.get('job-0')?.chosen?.site).toBe('north-1');
    expect(decisions.get('job-1')?.others[0]?.reason).toBe(
      'would spend $80.00 where the cap on vendor aurora leaves $20.00',
    );
  });

  it('counts on-demand and spot of a kind at a site as the same accelerators', () => {
    const onDemand = anOffer({ free: 6 });
    const spot = anOffer({ free: 6, basis: 'spot', hourUsd: 1, interruptionsPerHour: 0.01 });
    const stays = { ...needing(4), interruptible: false };
    expect(chosenOf(queued(needing(4), stays), [onDemand, spot]).map((one) => one?.basis)).toEqual(['spot', undefined]);
    const slot = anOffer({ basis: 'slot', contract: 'block', hourUsd: 0, free: 4 });
    expect(chosenOf(queued(needing(4), stays), [onDemand, slot]).map((one) => one?.basis)).toEqual([
      'slot',
      'onDemand',
    ]);
  });

  it('gives a very long queue what its head has left, in batches', () => {
    const jobs = queueSearchLimits.jobsTogether + 200;
    const queue = queued(...Array.from({ length: jobs }, () => needing(4)));
    const room = jobs - 50;
    const wide = anOffer({ count: 4 * room, free: 4 * room });
    const chosen = chosenOf(queue, [wide]);
    expect(chosen.map((one) => one !== null)).toEqual(queue.map((_job, number) => number < room));
    const capped = { ...noLimits, headroomUsd: () => 80 * (jobs - 70) };
    expect(chosenOf(queue, [wide], capped).filter((one) => one !== null)).toHaveLength(jobs - 70);
  });

  it('is decided at once for nobody', () => {
    expect(decideQueue([], [anOffer()], noLimits).size).toBe(0);
  });

  it('decides for one job as if it were alone', () => {
    fc.assert(
      fc.property(someDemand, someOffers, someLimits, (demand, offers, limits) => {
        expect(decideQueue(queued(demand), offers, limits).get('job-0')).toEqual(decide(demand, offers, limits));
      }),
      { seed: 41, numRuns: 1_000 },
    );
  });

  it('never uses more than there is: accelerators, slots and caps, of all jobs together', () => {
    let contested = 0;
    fc.assert(
      fc.property(someQueue(12), someOffers, someLimits, (queue, offers, limits) => {
        const chosen = chosenOf(queue, offers, limits);
        expect(overdrawn(chosen, offers, limits)).toEqual([]);
        const alone = queue.map(({ demand }) => decide(demand, offers, limits).chosen);
        contested += Number(overdrawn(alone, offers, limits).length > 0);
        for (const [job, one] of chosen.entries()) {
          if (one === null) continue;
          const { demand } = queue[job]!;
          // Whatever it got it could have had alone.
          const own = decide(demand, offers, limits);
          const there = [own.chosen, ...own.others].filter((other) => other?.refusal === null);
          expect(there.map((other) => other?.expected)).toContainEqual(one.expected);
        }
      }),
      { seed: 42, numRuns: 600 },
    );
    // The check can fail: deciding each job alone does oversubscribe.
    expect(contested).toBeGreaterThan(100);
  });

  it('leaves out no job that could stand beside all those before it', () => {
    fc.assert(
      fc.property(someQueue(5), someOffers, someLimits, (queue, offers, limits) => {
        const exact = everyWay(queue, offers, limits);
        expect(whoOf(chosenOf(queue, offers, limits))).toBe(exact.who);
      }),
      { seed: 43, numRuns: 500 },
    );
  });

  it('costs little more than the cheapest way there is, and never more than one after the other', () => {
    let ours = 0;
    let least = 0;
    fc.assert(
      fc.property(someQueue(5), someOffers, someLimits, (queue, offers, limits) => {
        const chosen = chosenOf(queue, offers, limits);
        const inTurn = oneByOne(queue, offers, limits);
        if (whoOf(inTurn) === whoOf(chosen)) expect(usdOf(chosen)).toBeLessThanOrEqual(usdOf(inTurn) * rounding + 1e-9);
        const exact = everyWay(queue, offers, limits);
        expect(usdOf(chosen)).toBeGreaterThanOrEqual(exact.usd / rounding - 1e-9);
        ours += usdOf(chosen);
        least += exact.usd;
      }),
      { seed: 44, numRuns: 300 },
    );
    expect(ours / least).toBeLessThan(1.02);
  });

  it('packs a crowd: nobody is left out who could stand beside those before, and it costs little more than the least', () => {
    let ours = 0;
    let least = 0;
    fc.assert(
      fc.property(someCrowd, ({ offers, demands }) => {
        const queue = queued(...demands);
        const chosen = chosenOf(queue, offers);
        const exact = everyWay(queue, offers, noLimits);
        expect(whoOf(chosen)).toBe(exact.who);
        expect(overdrawn(chosen, offers, noLimits)).toEqual([]);
        ours += usdOf(chosen);
        least += exact.usd;
      }),
      { seed: 47, numRuns: 1_000 },
    );
    expect(ours / least).toBeGreaterThanOrEqual(1);
    expect(ours / least).toBeLessThan(1.005);
  });

  it('places of a longer queue all that it places of its beginning', () => {
    fc.assert(
      fc.property(someQueue(9), someOffers, someLimits, (queue, offers, limits) => {
        const whole = whoOf(chosenOf(queue, offers, limits));
        const beginning = queue.slice(0, Math.ceil(queue.length / 2));
        expect(whole.slice(0, beginning.length)).toBe(whoOf(chosenOf(beginning, offers, limits)));
      }),
      { seed: 45, numRuns: 500 },
    );
  });

  it('is the same each time', () => {
    fc.assert(
      fc.property(someQueue(8), someOffers, someLimits, (queue, offers, limits) => {
        expect([...decideQueue(queue, offers, limits)]).toEqual([...decideQueue(queue, offers, limits)]);
      }),
      { seed: 46, numRuns: 100 },
    );
  });
});
