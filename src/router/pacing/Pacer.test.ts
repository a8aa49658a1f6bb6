import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../kernel/index.ts';
import { noCaps, sharesOf } from '../candidates.fixture.ts';
import { Pacer } from './Pacer.ts';
import { pick } from './pick.ts';
import { dayMs, floorOf, hourMs, planOf, poolOf, targetOf } from './plans.fixture.ts';
import { ReferencePacer, type ReferenceTerms } from './referencePacer.fixture.ts';

const minuteMs = 60_000;

/** A month of a few thousand requests under contracts that are drawn with it. */
const instanceOf = (seed: number) => {
  const random = seededRandom(seed);
  const period = (1 + Math.floor(random() * 2)) * 86_400;
  const count = 2 + Math.floor(random() * 5);
  const providers = Array.from({ length: count }, (_, index) => ({
    host: `host-${Math.floor(random() * 3)}`,
    floorPerMinute: index === 0 || random() < 0.2 ? 0.2 + random() : null,
  }));
  const half = period / 2;
  const pools = [
    { provider: 1 % count, from: 0, to: period, least: 300 * random(), fee: 1 },
    { provider: count - 1, from: 0, to: half, least: 100 * random(), fee: random() },
    { provider: count - 1, from: half, to: period, least: 100 * random(), fee: 1 },
  ].filter(({ provider }, index) => index === 0 || provider !== 1 % count);
  const profile = (second: number): number => {
    const part = second / period;
    return part + 0.1 * Math.sin(2 * Math.PI * part);
  };
  const terms: ReferenceTerms = {
    providers,
    pools,
    providerCap: 0.3 + 0.3 * random(),
    hostCap: 0.5 + 0.3 * random(),
    period,
    total: 500 + 500 * random(),
    profile,
  };
  return { terms, random };
};

const pacerOf = ({ providers, pools, providerCap, hostCap, period, total, profile }: ReferenceTerms): Pacer =>
  new Pacer(
    planOf({
      targets: providers.map(({ host, floorPerMinute }, index) =>
        targetOf(`vendor-${index}`, {
          hosts: { [host]: 1 },
          pools: pools.flatMap(({ provider }, pool) => (provider === index ? [pool] : [])),
          floors:
            floorPerMinute === null
              ? []
              : [providers.slice(0, index).filter((one) => one.floorPerMinute !== null).length],
        }),
      ),
      pools: pools.map(({ from, to, least, fee }, index) =>
        poolOf({
          contract: `pool-${index}`,
          fromMs: from * 1_000,
          untilMs: to * 1_000,
          needUsd: least,
          shortfallRate: fee,
        }),
      ),
      floors: providers.flatMap(({ floorPerMinute }, index) =>
        floorPerMinute === null
          ? []
          : [floorOf({ contract: `floor-${index}`, untilMs: period * 1_000, capacityUsd: floorPerMinute })],
      ),
      caps: { ...noCaps, vendor: providerCap, host: hostCap },
      windowUntilMs: period * 1_000,
      forecast: {
        windowUsd: total,
        usdPerHour: total / (period / 3_600),
        loadUntil: (atMs) => profile(atMs / 1_000),
      },
    }),
    // Short pools have the whole lead here, as there, and floors go by their bid alone.
    { leadShareMax: 1, floorsLearn: false },
  );

describe('the pacer', () => {
  test('makes the choices of the algorithm as it was first written down', () => {
    let requests = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const { terms, random } = instanceOf(seed);
        const [reference, pacer] = [new ReferencePacer(terms), pacerOf(terms)];
        const count = terms.providers.length;
        const offers = {
          costUsd: new Float64Array(count),
          eligible: new Uint8Array(count),
          warmUsd: new Float64Array(count),
          fullUsd: new Float64Array(count),
          nextTurnShare: 0.3,
        };
        let next = 60;
        for (let now = 0; now < terms.period; now += -Math.log(1 - random()) * 200) {
          for (; next <= now; next += 60) {
            reference.tick(next);
            pacer.tick(next * 1_000);
          }
          const size = random() * 2;
          for (let index = 0; index < count; index++) {
            offers.costUsd[index] = size * (0.5 + random());
            offers.eligible[index] = random() < 0.95 ? 1 : 0;
            offers.fullUsd[index] = size * (0.5 + random());
            offers.warmUsd[index] = offers.fullUsd[index]! * random();
          }
          const isEligible = [...offers.eligible].map((one) => one === 1);
          const expected = reference.choose([...offers.costUsd], isEligible, now, {
            warm: [...offers.warmUsd],
            full: [...offers.fullUsd],
            chance: 0.3,
          });
          const chosen = pick(pacer, offers, now * 1_000);
          expect(chosen).toBe(expected);
          requests += 1;
          if (chosen < 0) continue;
          const cost = offers.costUsd[chosen]! * (0.7 + 0.6 * random());
          const free = reference.free(chosen, cost, now);
          reference.settle(chosen, cost - free, free, now);
          const share = pacer.take(chosen, cost, {}, now * 1_000) ?? 0;
          pacer.settle(chosen, (1 - share) * cost, now * 1_000);
        }
        for (const [index, factor] of reference.factors.entries()) expect(pacer.factorOf(index)).toBeCloseTo(factor, 9);
      }),
      { numRuns: 12 },
    );
    expect(requests).toBeGreaterThan(5_000);
  });

  test('goes on from its state as if it had never ended', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 200 }), (seed, cutAt) => {
        const { terms, random } = instanceOf(seed);
        const whole = pacerOf(terms);
        let cut = pacerOf(terms);
        for (let minute = 1; minute <= 300; minute++) {
          const target = Math.floor(random() * terms.providers.length);
          const usd = random();
          for (const pacer of [whole, cut]) {
            pacer.take(target, usd, {}, minute * minuteMs - 1);
            pacer.settle(target, usd, minute * minuteMs - 1);
            pacer.tick(minute * minuteMs);
          }
          if (minute !== cutAt) continue;
          cut = pacerOf(terms);
          cut.adopt(JSON.parse(JSON.stringify(whole.state())));
        }
        expect(cut.state()).toEqual(whole.state());
      }),
      { numRuns: 20 },
    );
  });

  test('passes over what it adopts of contracts and names that it does not know', () => {
    const before = new Pacer(
      planOf({
        targets: [targetOf('gone', { pools: [0] })],
        pools: [poolOf({ contract: 'old' })],
        caps: { ...noCaps, vendor: 0.5 },
      }),
    );
    before.settle(0, 10, 1);
    before.tick(minuteMs);
    const now = new Pacer(planOf({ targets: [targetOf('a', { pools: [0] })], pools: [poolOf()] }));
    const factor = now.factorOf(0);
    now.adopt(before.state());
    expect(now.factorOf(0)).toBe(factor);
  });
});

describe('a clock that was days ahead and came back', () => {
  const paced = () =>
    new Pacer(
      planOf({
        targets: [targetOf('a', { pools: [0], floors: [0] }), targetOf('b')],
        pools: [poolOf()],
        floors: [floorOf()],
      }),
    );

  test('leaves a floor to be filled in the intervals that run', () => {
    const pacer = paced();
    pacer.freeUsd(0, 1, 0, 0, 0, 3 * dayMs);
    pacer.take(0, 1, {}, 3 * dayMs);
    expect(pacer.freeUsd(0, 9, 0, 0, 0, hourMs)).toBe(2);
    expect(pacer.bidOf(0, hourMs)).toBeLessThan(1);
    expect(pacer.take(0, 0.5, {}, hourMs)).toBe(1);
    expect(pacer.freeUsd(0, 9, 0, 0, 0, hourMs + 1)).toBe(1.5);
    // The next tick of a clock that is set a little back stays in the interval that has begun.
    expect(pacer.freeUsd(0, 9, 0, 0, 0, hourMs - 1)).toBe(1.5);
  });

  test('lets steps go on', () => {
    const pacer = paced();
    pacer.tick(3 * dayMs);
    pacer.tick(hourMs);
    const before = pacer.factorOf(0);
    pacer.settle(0, 100, 2 * hourMs - 1);
    pacer.tick(2 * hourMs);
    expect(pacer.state().lastMs).toBe(2 * hourMs);
    expect(pacer.factorOf(0)).toBeGreaterThan(before);
  });

  test('leaves nothing to be adopted of intervals that are still to come, nor of less than nothing used', () => {
    const adopted = (intervalFromMs: number, used: number): number => {
      const pacer = paced();
      const floor = { bid: 0.3, intervalFromMs, used: [used] };
      pacer.adopt({ ...pacer.state(), lastMs: hourMs, floors: { floor } });
      expect(pacer.state().floors['floor']!.intervalFromMs).toBe(intervalFromMs > hourMs ? null : intervalFromMs);
      return pacer.freeUsd(0, 9, 0, 0, 0, hourMs);
    };
    expect([adopted(3 * dayMs, 2), adopted(hourMs, -5), adopted(hourMs, 0.5)]).toEqual([2, 2, 1.5]);
  });
});

describe('a pool', () => {
  const paced = () => new Pacer(planOf({ targets: [targetOf('a', { pools: [0] }), targetOf('b')], pools: [poolOf()] }));

  test('makes its targets cheaper while it falls behind, up to what a missing dollar costs, and never free', () => {
    const pacer = paced();
    let before = pacer.factorOf(0);
    expect(before).toBe(0.5);
    for (let hour = 1; hour < 30 * 24; hour++) {
      pacer.tick(hour * hourMs);
      expect(pacer.factorOf(0)).toBeLessThanOrEqual(before);
      before = pacer.factorOf(0);
    }
    expect(before).toBe(0.01);
    expect(pacer.factorOf(1)).toBe(1);
  });

  test('is worth nothing the moment it is met, and from its end on', () => {
    const pacer = paced();
    pacer.settle(0, 299, 1);
    expect(pacer.factorOf(0)).toBeLessThan(1);
    pacer.settle(0, 1, 2);
    expect(pacer.factorOf(0)).toBe(1);
    const unmet = paced();
    unmet.tick(30 * dayMs);
    expect(unmet.factorOf(0)).toBe(1);
  });

  test('of which two cover a target is drawn by the order of the plan, and by the time', () => {
    const pacer = new Pacer(
      planOf({
        targets: [targetOf('a', { pools: [0, 1] })],
        pools: [
          poolOf({ contract: 'first', untilMs: dayMs, shortfallRate: 0.2 }),
          poolOf({ contract: 'second', shortfallRate: 1 }),
        ],
      }),
    );
    pacer.settle(0, 5, 1);
    expect(pacer.state().pools['first']?.spentUsd).toBe(5);
    pacer.tick(dayMs);
    pacer.settle(0, 7, dayMs + 1);
    expect(pacer.state().pools['first']?.spentUsd).toBe(5);
    expect(pacer.state().pools['second']?.spentUsd).toBe(7);
  });

  test('takes what the ledger knows of it for spent, and of no other interval', () => {
    const pacer = paced();
    pacer.knowPool('pool', 1, 400);
    expect(pacer.factorOf(0)).toBeLessThan(1);
    pacer.knowPool('pool', 0, 400);
    expect(pacer.factorOf(0)).toBe(1);
  });
});

describe('a floor', () => {
  const minutes = (count: number): number => count * minuteMs;
  const paced = (floor = floorOf()) =>
    new Pacer(planOf({ targets: [targetOf('a', { floors: [0] }), targetOf('b')], floors: [floor] }));

  test('takes what is left of its minute, spills the rest, and takes again in the next', () => {
    const pacer = paced();
    expect(pacer.freeUsd(0, 1.5, 0, 0, 0, 0)).toBe(1.5);
    expect(pacer.take(0, 1.5, {}, 0)).toBe(1);
    expect(pacer.freeUsd(0, 1.5, 0, 0, 0, 30_000)).toBe(0.5);
    expect(pacer.take(0, 1, {}, 30_000)).toBe(0.5);
    expect(pacer.freeUsd(0, 1.5, 0, 0, 0, 59_999)).toBe(0);
    expect(pacer.freeUsd(0, 1.5, 0, 0, 0, 60_000)).toBe(1.5);
    expect(pacer.freeUsd(1, 1.5, 0, 0, 0, 60_000)).toBe(0);
  });

  test('takes back what was expected and did not come, within its own interval', () => {
    const pacer = paced();
    const share = pacer.take(0, 2, {}, 0);
    pacer.giveBack(0, 2, {}, share ?? 0, 0);
    pacer.take(0, 0.5, {}, 10_000);
    expect(pacer.freeUsd(0, 9, 0, 0, 0, 20_000)).toBe(1.5);
    pacer.freeUsd(0, 9, 0, 0, 0, 60_000);
    pacer.giveBack(0, 0.5, {}, 1, 10_000);
    expect(pacer.take(0, 1, {}, 59_000)).toBeNull();
    expect(pacer.freeUsd(0, 9, 0, 0, 0, 61_000)).toBe(2);
  });

  test('counts tokens by its table on each meter, and the fullest meter says how much it takes', () => {
    const pacer = paced(
      floorOf({
        meters: [
          { capacity: 1_000, burndown: { input: 1, cacheRead: 0.1 } },
          { capacity: 100, burndown: { output: 1 } },
        ],
      }),
    );
    expect(pacer.freeUsd(0, 1, 500, 0, 50, 0)).toBe(1);
    expect(pacer.freeUsd(0, 1, 500, 0, 200, 0)).toBe(0.5);
    expect(pacer.freeUsd(0, 1, 4_000, 4_000, 0, 0)).toBe(1);
    expect(pacer.freeUsd(0, 1, 4_000, 0, 0, 0)).toBe(0.25);
    expect(pacer.take(0, 1, { input: 500, cacheRead: 1_000, output: 10 }, 0)).toBe(1);
    expect(pacer.freeUsd(0, 1, 800, 0, 0, 0)).toBe(0.5);
  });

  test('bids more while its minutes are full and less while they are not', () => {
    const pacer = paced();
    for (let minute = 0; minute < 10; minute++) pacer.take(0, 2, {}, minutes(minute));
    pacer.freeUsd(0, 1, 0, 0, 0, minutes(10));
    const full = pacer.state().floors['floor']!.bid;
    expect(full).toBeGreaterThan(0.3);
    for (let minute = 10; minute < 13; minute++) pacer.freeUsd(0, 1, 0, 0, 0, minutes(minute));
    expect(pacer.state().floors['floor']!.bid).toBeLessThan(full);
    pacer.freeUsd(0, 1, 0, 0, 0, minutes(40));
    expect(pacer.state().floors['floor']!.bid).toBe(0);
  });

  test('within a minute bids more the further it is ahead of the clock', () => {
    const pacer = paced();
    pacer.take(0, 1, {}, 0);
    expect(pacer.bidOf(0, 0)).toBeCloseTo(0.55);
    expect(pacer.bidOf(0, 30_000)).toBeCloseTo(0.3);
    expect(pacer.bidOf(0, 54_000)).toBeCloseTo(0.1);
  });

  test('keeps its room for requests that it saves most, once it has seen what comes', () => {
    const pacer = paced();
    const bidAt = (atMs: number): number => {
      pacer.freeUsd(0, 1, 0, 0, 0, atMs);
      return pacer.bidOf(0, atMs);
    };
    expect(bidAt(0)).toBeCloseTo(0.3);
    for (let index = 0; index < 600; index++) pacer.saw(0, 1, 0, 0, 0, index % 2 === 0 ? 0.9 : 0.1, index * 6_000);
    pacer.tick(minutes(60));
    expect(bidAt(minutes(60))).toBeGreaterThan(0.5);
    expect(bidAt(minutes(61) - 1)).toBeLessThan(0.1);
  });

  test('learns from when it is paced on, however long ago its contract began', () => {
    const beginsMs = 10 * dayMs;
    const bidOf = (fromMs: number): number => {
      const targets = [targetOf('a', { floors: [0] }), targetOf('b')];
      const pacer = new Pacer(planOf({ targets, floors: [floorOf({ fromMs })], beginsMs }));
      for (let index = 0; index < 40; index++) pacer.saw(0, 1, 0, 0, 0, 0.9, beginsMs + index * 6_000);
      pacer.tick(beginsMs + minutes(4));
      pacer.freeUsd(0, 1, 0, 0, 0, beginsMs + minutes(4));
      return pacer.bidOf(0, beginsMs + minutes(4));
    };
    expect(bidOf(0)).toBe(bidOf(beginsMs));
  });

  test('takes nothing before it begins and after it ends', () => {
    const pacer = paced(floorOf({ fromMs: 30_000, untilMs: minutes(5) }));
    pacer.tick(30_000);
    expect(pacer.freeUsd(0, 1, 0, 0, 0, 29_999)).toBe(0);
    expect(pacer.freeUsd(0, 1, 0, 0, 0, 30_000)).toBe(1);
    expect(pacer.freeUsd(0, 1, 0, 0, 0, minutes(5))).toBe(0);
  });
});

describe('floors one over the other', () => {
  const paced = (...capacities: readonly number[]) =>
    new Pacer(
      planOf({
        targets: [targetOf('a', { floors: capacities.map((_, index) => index) }), targetOf('b')],
        floors: capacities.map((capacityUsd, index) => floorOf({ contract: `floor-${index}`, capacityUsd })),
      }),
    );
  const usedOf = (pacer: Pacer) => Object.values(pacer.state().floors).map(({ used }) => used[0]);

  test('take what the first has no room for, and give the last back first', () => {
    const pacer = paced(2, 4);
    expect(pacer.freeUsd(0, 4, 0, 0, 0, 0)).toBe(4);
    expect(pacer.freeUsd(0, 9, 0, 0, 0, 0)).toBe(6);
    expect(pacer.take(0, 4, {}, 0)).toBe(1);
    expect(usedOf(pacer)).toEqual([2, 2]);
    pacer.giveBack(0, 4, {}, 0.75, 0);
    expect(usedOf(pacer)).toEqual([1, 0]);
    expect(pacer.take(0, 10, {}, 1)).toBeCloseTo(0.5);
    expect(pacer.freeUsd(0, 1, 0, 0, 0, 2)).toBeCloseTo(0);
    expect(pacer.freeUsd(0, 9, 0, 0, 0, minuteMs)).toBe(6);
    expect(pacer.take(0, 1, {}, 59_000)).toBeNull();
  });

  test('bid by the room that they have together', () => {
    const bidOf = (pacer: Pacer): number => {
      for (let index = 0; index < 600; index++) pacer.saw(0, 0.5, 0, 0, 0, 0.45, index * 6_000);
      pacer.tick(60 * minuteMs);
      pacer.freeUsd(0, 0.5, 0, 0, 0, 60 * minuteMs);
      return pacer.bidOf(0, 60 * minuteMs);
    };
    // Five dollars come in a minute.
    expect(bidOf(paced(1))).toBeGreaterThan(0.5);
    expect(bidOf(paced(1, 10))).toBeLessThan(0.1);
  });

  test('inside a pool leave to it what is beyond them', () => {
    const pacer = new Pacer(
      planOf({ targets: [targetOf('a', { pools: [0], floors: [0] })], pools: [poolOf()], floors: [floorOf()] }),
    );
    const within = pacer.take(0, 5, {}, 0) ?? 0;
    pacer.drawBeyond(0, 5 * (1 - within), 0);
    expect(pacer.state().pools['pool']!.spentUsd).toBe(3);
    expect([pacer.isFloor('floor'), pacer.isFloor('pool')]).toEqual([true, false]);
  });
});

describe('names under caps', () => {
  const paced = () => new Pacer(planOf({ caps: { ...noCaps, vendor: 0.6 } }));

  test('cost more the more they have beyond their share, and others less', () => {
    const pacer = paced();
    for (let minute = 1; minute <= 600; minute++) {
      pacer.settle(0, 0.02, minute * minuteMs - 1);
      pacer.tick(minute * minuteMs);
    }
    expect(pacer.factorOf(0)).toBeGreaterThan(1);
    expect(pacer.factorOf(1)).toBeLessThan(1);
  });

  test('are counted by somebody else where that is said: what was spent before moves nothing, what comes does', () => {
    const pacer = paced();
    pacer.begin(sharesOf(100, { 'vendor:a': 90, 'vendor:b': 10 }, 720));
    pacer.tick(minuteMs, sharesOf(100, { 'vendor:a': 90, 'vendor:b': 10 }, 720));
    expect(pacer.factorOf(0)).toBe(1);
    pacer.tick(2 * minuteMs, sharesOf(101, { 'vendor:a': 91, 'vendor:b': 10 }, 720));
    expect(pacer.factorOf(0)).toBeGreaterThan(1);
  });

  test('are guarded by what was settled, less a margin', () => {
    const pacer = paced();
    pacer.settle(0, 49, 1);
    pacer.settle(1, 50, 1);
    expect(pacer.isOverCap(0, 1)).toBe(false);
    expect(pacer.isOverCap(0, 26)).toBe(true);
    expect(pacer.isOverCap(1, 20)).toBe(false);
  });

  test('of hosts are weighed by the share that runs there', () => {
    const caps = { ...noCaps, host: 0.5 };
    const hosts = { north: 0.25, south: 0.75 };
    const pacer = new Pacer(planOf({ caps, targets: [targetOf('a', { hosts }), targetOf('b')] }));
    for (let hour = 1; hour <= 10; hour++) {
      pacer.settle(0, 1, hour * hourMs - 1);
      pacer.tick(hour * hourMs);
    }
    const { names } = pacer.state().capped;
    expect(names['host:north']!.multiplier).toBe(0);
    expect(names['host:south']!.multiplier).toBeGreaterThan(0);
    expect(pacer.factorOf(0) - pacer.factorOf(1)).toBeCloseTo(0.75 * names['host:south']!.multiplier);
  });
});
