import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedFinish, segmentLossesMax } from './expectedFinish.ts';
import { aDemand, anOffer } from './instance.fixture.ts';
import type { Demand } from './Demand.ts';
import type { Offer } from './Offer.ts';

const egress = (site: string): number => (site === 'south-1' ? 0.1 : 7);

const finishOf = (demand: Partial<Demand>, offer: Partial<Offer>) => {
  const whole = aDemand(demand);
  const [choice] = whole.accelerators;
  const finish = expectedFinish(whole, choice!, anOffer(offer), egress);
  if (finish === null) throw new Error('has no price');
  return finish;
};

/** Plays a run through, interruption by interruption. Hours. */
const playedHours = (demand: Demand, perHour: number, recoveryHours: number, random: () => number): number => {
  const work = demand.remaining * (demand.accelerators[0]?.hours ?? 0);
  const segment = demand.checkpointHours ?? work;
  let done = 0;
  let hours = 0;
  while (work - done > 1e-12) {
    const length = Math.min(segment, work - done);
    const untilLoss = -Math.log(1 - random()) / perHour;
    if (untilLoss >= length) {
      done += length;
      hours += length;
    } else hours += untilLoss + recoveryHours;
  }
  return hours;
};

/** mulberry32 */
const chanceFrom = (seed: number) => (): number => {
  chanceState.set(seed, ((chanceState.get(seed) ?? seed) + 0x6d2b79f5) | 0);
  let mixed = chanceState.get(seed) ?? 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 1 | mixed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
};
const chanceState = new Map<number, number>();

describe('what finishing is expected to take', () => {
  it('is price x time where nothing disturbs it', () => {
    // 4 accelerators x 10 h x $2.
    expect(finishOf({}, {})).toEqual({
      usd: 80,
      hours: 10,
      interruptions: 0,
      computeUsd: 80,
      restartUsd: 0,
      egressUsd: 0,
      restoreUsd: 0,
    });
    expect(finishOf({ remaining: 0.25 }, {})).toMatchObject({ usd: 20, hours: 2.5 });
  });

  it('counts what is lost between checkpoints, worked by hand', () => {
    // One interruption in 2 h on average, a checkpoint each hour, half an hour to work again: (2 + 0.5)(e^0.5 - 1) = 1.6218 h a segment, ten of them.
    const finish = finishOf({}, { basis: 'spot', interruptionsPerHour: 0.5 });
    expect(finish.hours).toBeCloseTo(10 * 2.5 * (Math.exp(0.5) - 1), 10);
    expect(finish.interruptions).toBeCloseTo(10 * (Math.exp(0.5) - 1), 10);
    expect(finish.usd).toBeCloseTo(8 * finish.hours, 9);
    expect(finish.computeUsd).toBe(80);
    expect(finish.restartUsd).toBeCloseTo(8 * (finish.hours - 10), 9);
  });

  it('has a shorter last segment', () => {
    const perHour = 0.2;
    const segment = (hours: number): number => (1 / perHour + 0.5) * (Math.exp(perHour * hours) - 1);
    const finish = finishOf({ checkpointHours: 4 }, { basis: 'spot', interruptionsPerHour: perHour });
    expect(finish.hours).toBeCloseTo(2 * segment(4) + segment(2), 9);
  });

  it('is one segment where no checkpoint is written, and loses nothing where none is needed', () => {
    const spot = { basis: 'spot', interruptionsPerHour: 0.2 } as const;
    expect(finishOf({ checkpointHours: null }, spot).hours).toBeCloseTo((5 + 0.5) * (Math.exp(2) - 1), 9);
    expect(finishOf({ checkpointHours: 0 }, spot)).toMatchObject({ hours: 11, interruptions: 2 });
    const often = finishOf({ checkpointHours: 1e-6 }, spot);
    expect(often.hours).toBeCloseTo(11, 4);
  });

  it('is disturbed as often as any of the machines that the gang is spread over', () => {
    const spot = { basis: 'spot', interruptionsPerHour: 0.1 } as const;
    const spread = finishOf({}, { ...spot, acceleratorsPerMachine: 1 });
    expect(spread).toEqual(finishOf({}, { ...spot, interruptionsPerHour: 0.4 }));
    expect(finishOf({}, { ...spot, acceleratorsPerMachine: 3 })).toEqual(
      finishOf({}, { ...spot, interruptionsPerHour: 0.2 }),
    );
  });

  it('moves what lies elsewhere once, and brings in again what every site reaches', () => {
    const data = [
      { gigabytes: 50, at: 'south-1' },
      { gigabytes: 30, at: null },
      { gigabytes: 900, at: 'north-1' },
    ];
    const still = finishOf({ data }, {});
    // 80 GB at 100 GB an hour on $8 an hour; 50 GB leave south-1 at $0.10.
    expect(still).toMatchObject({ hours: 10.8, egressUsd: 5 });
    expect(still.restoreUsd).toBeCloseTo(6.4, 10);
    expect(still.usd).toBeCloseTo(80 + 6.4 + 5, 10);
    const shaken = finishOf({ data }, { basis: 'spot', interruptionsPerHour: 0.5 });
    expect(shaken.egressUsd).toBe(5);
    expect(shaken.restoreUsd).toBeCloseTo(6.4 + 8 * 0.3 * shaken.interruptions, 9);
  });

  it('brings data in where no site is, too', () => {
    const data = [
      { gigabytes: 50, at: 'south-1' },
      { gigabytes: 30, at: null },
    ];
    expect(finishOf({ data }, { site: null })).toMatchObject({ hours: 10.8, egressUsd: 5 });
  });

  it('costs nothing on a slot but what leaves another site', () => {
    const data = [{ gigabytes: 50, at: 'south-1' }];
    expect(finishOf({ data }, { basis: 'slot', hourUsd: 0 })).toMatchObject({ usd: 5, hours: 10.5 });
    expect(finishOf({ data }, { basis: 'slot', hourUsd: null }).usd).toBe(5);
  });

  it('is not told without a price', () => {
    const demand = aDemand();
    expect(expectedFinish(demand, demand.accelerators[0]!, anOffer({ hourUsd: null }), egress)).toBeNull();
  });

  it('never ends where a segment is lost again and again, or the data never comes in', () => {
    const spot = { basis: 'spot', interruptionsPerHour: 1 } as const;
    const enough = Math.log1p(segmentLossesMax);
    expect(finishOf({ checkpointHours: enough * 1.001, remaining: 2 }, spot).hours).toBe(Infinity);
    expect(finishOf({ checkpointHours: enough * 0.999, remaining: 2 }, spot).hours).toBeLessThan(1e5);
    expect(finishOf({ data: [{ gigabytes: 1, at: null }] }, { gigabytesPerHour: 0 }).usd).toBe(Infinity);
    expect(finishOf({ data: [{ gigabytes: 0, at: null }] }, { gigabytesPerHour: 0 }).usd).toBe(80);
  });

  it('goes over smoothly into the undisturbed case, however rare losses are', () => {
    fc.assert(
      fc.property(fc.double({ min: -320, max: -1, noNaN: true }), (exponent) => {
        const perHour = 10 ** exponent;
        const { hours, interruptions } = finishOf({}, { basis: 'spot', interruptionsPerHour: perHour });
        // To second order: each hour is redone by half, and half an hour is lost, per interruption.
        expect(hours - 10).toBeGreaterThanOrEqual(0);
        expect(Math.abs(hours - 10 - 10 * perHour)).toBeLessThanOrEqual(10 * perHour ** 2 + 1e-14);
        expect(interruptions).toBeGreaterThanOrEqual(10 * perHour * (1 - 1e-6));
        // Where series and direct form meet, neither jumps.
        const near = finishOf({}, { basis: 'spot', interruptionsPerHour: perHour * (1 + 1e-9) });
        expect(near.hours).toBeGreaterThanOrEqual(hours - 1e-13);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('grows with losses and with the time between checkpoints', () => {
    const perHour = fc.double({ min: 0, max: 0.5, noNaN: true });
    const checkpointHours = fc.double({ min: 0.01, max: 10, noNaN: true });
    fc.assert(
      fc.property(perHour, perHour, checkpointHours, (one, more, every) => {
        const at = (interruptionsPerHour: number, hours: number): number =>
          finishOf({ checkpointHours: hours }, { basis: 'spot', interruptionsPerHour }).hours;
        expect(at(one + more, every)).toBeGreaterThanOrEqual(at(one, every) - 1e-9);
        // Twice as many checkpoints lose no more.
        expect(at(one, every / 2)).toBeLessThanOrEqual(at(one, every) + 1e-9);
      }),
      { seed: 12, numRuns: 300 },
    );
  });

  it('is what runs that are played through take on average', () => {
    const shapes: readonly (readonly [perHour: number, checkpointHours: number | null, hours: number])[] = [
      [0.3, 1, 5],
      [0.3, null, 4],
      [1.5, 0.7, 3],
      [0.05, 3, 20],
    ];
    for (const [seed, [perHour, checkpointHours, hours]] of shapes.entries()) {
      const demand = aDemand({ checkpointHours, accelerators: [{ kind: 'GB200', perRank: 4, hours }] });
      const random = chanceFrom(seed + 1);
      const played = Array.from({ length: 20_000 }, () => playedHours(demand, perHour, 0.5, random));
      const mean = played.reduce((sum, value) => sum + value, 0) / played.length;
      const variance = played.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (played.length - 1);
      const { hours: expected } = finishOf(demand, { basis: 'spot', interruptionsPerHour: perHour });
      // The seeds are fixed; five standard errors would catch a formula that is off by two per cent.
      expect(Math.abs(mean - expected)).toBeLessThan(5 * Math.sqrt(variance / played.length));
    }
  });
});
