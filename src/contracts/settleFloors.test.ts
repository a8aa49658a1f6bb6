import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd, parseUsd, sumUsd } from '../kernel/index.ts';
import { useOf, writtenFloor, writtenPool } from './contracts.fixture.ts';
import {
  BeyondFloors,
  contractFor,
  settleFloors,
  type CoveredThing,
  type FloorContract,
  type FloorDraw,
  type SettledFloors,
} from './index.ts';

const large: CoveredThing = { provider: 'p', model: 'large' };
const small: CoveredThing = { provider: 'p', model: 'small' };

const macc = writtenPool({ id: 'macc', usd: '1200000' });

/** So many units of 2,500 tokens a minute, of which an output token takes four. */
const ptu = (quantity: string, differs: object = {}): FloorContract =>
  writtenFloor({
    id: `ptu-${quantity}`,
    covers: [{ provider: 'p', model: 'large' }],
    unit: 'ptu',
    quantity,
    tokensPerUnit: '2500',
    burndown: { input: 1, output: 4 },
    fee: { usd: '2', per: 'hour' },
    ...differs,
  });

const drawOf = (usd: number, usage: Readonly<Record<string, number>>, differs: Partial<FloorDraw> = {}): FloorDraw => ({
  ...useOf(usd, usage),
  thing: large,
  interval: 0,
  spilledNanoUsd: nanoUsd(0n),
  ...differs,
});

/** What floors took, and what draws the pool, where records name the first of them. */
const settled = (
  contracts: readonly (FloorContract | typeof macc)[],
  draws: Readonly<Record<string, readonly FloorDraw[]>>,
) => {
  const beyond = new BeyondFloors(contracts);
  const floors = beyond.above(macc);
  const { intervals, overflows } = settleFloors(beyond, floors, ({ id }) => draws[id] ?? []);
  return {
    within: Object.fromEntries(
      floors.map((floor) => [
        floor.id,
        sumUsd(intervals.flatMap((one) => (one.floor === floor ? [one.use.withinNanoUsd] : []))),
      ]),
    ),
    intervals,
    overflow: sumUsd(overflows.map(({ amountNanoUsd }) => amountNanoUsd)),
  };
};

describe('a reservation of PTU inside a commitment to Azure', () => {
  const two = ptu('2');

  test('is what use goes to first; the pool is drawn where no floor covers, and where none is in force', () => {
    for (const contracts of [
      [macc, two],
      [two, macc],
    ]) {
      expect(contractFor(contracts, large, two.fromMs)?.id).toBe('ptu-2');
      expect(contractFor(contracts, small, two.fromMs)?.id).toBe('macc');
    }
    const later = ptu('2', { period: ['2026-07-01', '2027-01-01'] });
    expect(contractFor([macc, later], large, two.fromMs)?.id).toBe('macc');
  });

  test('takes what fits, and only what does not draws the pool', () => {
    // 4,000 + 4 x 1,500 are 10,000 where a minute takes 5,000: half of 3 cents. The next minute has room for all of its 2,000.
    const draws = [drawOf(0.03, { input: 4_000, output: 1_500 }), drawOf(0.004, { input: 2_000 }, { interval: 1 })];
    expect(settled([macc, two], { 'ptu-2': draws })).toMatchObject({
      within: { 'ptu-2': parseUsd('0.019') },
      overflow: parseUsd('0.015'),
    });
  });

  test('leaves to the pool what its vendor says it served beyond it, however much room there was', () => {
    const draws = [drawOf(0.002, { input: 1_000 }, { spilledNanoUsd: parseUsd('0.007') })];
    expect(settled([macc, two], { 'ptu-2': draws })).toMatchObject({
      within: { 'ptu-2': parseUsd('0.002') },
      overflow: parseUsd('0.007'),
    });
  });

  test('leaves to the pool what it counts nothing of: calls of other paths of its provider, and time at its site', () => {
    const wide = ptu('2', { covers: [{ provider: 'p' }, { site: 's' }] });
    const pool = writtenPool({ id: 'macc', usd: '1200000', covers: [{ provider: 'p' }, { site: 's' }] });
    const beyond = new BeyondFloors([pool, wide]);
    const draws = [
      drawOf(0.19, { requests: 1 }, { thing: { provider: 'p', model: 'images/**' } }),
      drawOf(0.03, { input: 10_000 }),
      drawOf(2.5, {}, { thing: { site: 's' } }),
    ];
    const { intervals, overflows } = settleFloors(beyond, beyond.above(pool), () => draws);
    expect(intervals.map(({ use }) => [use.withinNanoUsd, use.spilledNanoUsd, use.meters])).toEqual([
      [parseUsd('0.015'), parseUsd('2.705'), [{ within: 5_000n, spilled: 5_000n }]],
    ]);
    expect(sumUsd(overflows.map(({ amountNanoUsd }) => amountNanoUsd))).toBe(parseUsd('2.705'));
    // What is named in its table has its part of the room.
    const counting = ptu('2', { covers: [{ provider: 'p' }], burndown: { input: 1, requests: 1_000 } });
    expect(settled([macc, counting], { 'ptu-2': [drawOf(0.19, { requests: 1 })] })).toMatchObject({
      within: { 'ptu-2': parseUsd('0.19') },
      overflow: 0n,
    });
  });

  test('leaves what it counts nothing of to a savings plan before the pool', () => {
    const plan = writtenFloor({ id: 'plan', covers: [{ provider: 'p' }], unit: 'usdPerHour', quantity: '0.1' });
    const draws = { 'ptu-2': [drawOf(0.19, { requests: 1 }), drawOf(0.02, { input: 5_000 }, { thing: small })] };
    const wide = ptu('2', { covers: [{ provider: 'p' }] });
    expect(settled([macc, plan, wide], draws)).toMatchObject({
      within: { 'ptu-2': parseUsd('0.02'), plan: parseUsd('0.1') },
      overflow: parseUsd('0.09'),
    });
  });

  test('that covers more than the pool draws it by what the pool covers alone', () => {
    const wide = ptu('2', { covers: [{ provider: 'p' }, { provider: 'q' }] });
    const draws = [
      drawOf(0.02, { input: 5_000 }),
      drawOf(0.06, { input: 15_000 }, { thing: { provider: 'q', model: 'large' } }),
    ];
    // A quarter of the 20,000 fits, of either.
    expect(settled([macc, wide], { 'ptu-2': draws })).toMatchObject({
      within: { 'ptu-2': parseUsd('0.02') },
      overflow: parseUsd('0.015'),
    });
  });
});

describe('two reservations one over the other', () => {
  const first = ptu('1', { period: ['2026-01-01', '2026-07-01'] });
  const second = ptu('2');

  test('are filled one after the other, first the one that ends first, and then draw the pool', () => {
    expect(contractFor([second, macc, first], large, first.fromMs)?.id).toBe('ptu-1');
    // 10,000 tokens for 10 cents: 2,500 fit into the first, 5,000 into the second.
    const busy = settled([second, macc, first], { 'ptu-1': [drawOf(0.1, { input: 10_000 })] });
    expect(busy).toMatchObject({
      within: { 'ptu-1': parseUsd('0.025'), 'ptu-2': parseUsd('0.05') },
      overflow: parseUsd('0.025'),
    });
    expect(busy.intervals.map(({ use }) => use.meters)).toEqual([
      [{ within: 2_500n, spilled: 7_500n }],
      [{ within: 5_000n, spilled: 2_500n }],
    ]);
    expect(settled([second, macc, first], { 'ptu-1': [drawOf(0.02, { input: 2_000 })] })).toMatchObject({
      within: { 'ptu-1': parseUsd('0.02'), 'ptu-2': 0n },
      overflow: 0n,
    });
  });

  test('settle together what records name the second for, once the first is over or where it covers no more', () => {
    const wide = ptu('2', { covers: [{ provider: 'p' }] });
    const draws = {
      'ptu-1': [drawOf(0.05, { input: 5_000 })],
      'ptu-2': [drawOf(0.04, { input: 4_000 }, { thing: small })],
    };
    // 2,500 are beyond the first; with 4,000 of the other model they fill the second and a half.
    expect(settled([wide, macc, first], draws)).toMatchObject({
      within: { 'ptu-1': parseUsd('0.025'), 'ptu-2': parseUsd('0.05') },
      overflow: parseUsd('0.015'),
    });
  });

  test('of other intervals: what an hour has room for is filled by what minutes had none for', () => {
    const plan = writtenFloor({ id: 'plan', covers: [{ provider: 'p' }], unit: 'usdPerHour', quantity: '0.04' });
    expect(contractFor([plan, macc, second], large, second.fromMs)?.id).toBe('ptu-2');
    const minutes = [0, 30, 60].map((interval) => drawOf(0.06, { input: 10_000 }, { interval }));
    // 3 cents are beyond each of three minutes; the hour of the first two takes 4 of their 6, the next one all 3.
    expect(settled([plan, macc, second], { 'ptu-2': minutes })).toMatchObject({
      within: { 'ptu-2': parseUsd('0.09'), plan: parseUsd('0.07') },
      overflow: parseUsd('0.02'),
    });
  });
});

describe('floors whose intervals do not lie within one another', () => {
  /** So many tokens a minute, in so many minutes. */
  const tokens = (id: string, quantity: string, minutes: number): FloorContract =>
    writtenFloor({
      id,
      covers: [{ provider: 'p' }],
      unit: 'tokensPerMinute',
      quantity,
      burndown: { input: 1 },
      intervalSeconds: minutes * 60,
      fee: { usd: '1', per: 'hour' },
    });
  const floors = [tokens('two', '1000', 2), tokens('three', '500', 3), tokens('four', '250', 4)];
  const contracts = [macc, ...floors];
  /** So many thousand tokens, each thousand for a dollar. */
  const thousand = (count: number, interval: number): FloorDraw =>
    drawOf(count, { input: count * 1_000 }, { interval });

  test('pass on by where the interval begins, and settle each of the next ones once', () => {
    // 2,000 in two minutes, 1,500 in three: 3,000 beyond at minute 0 and 3,000 at minute 2 are of one interval, 1,000 at minute 4 of the next.
    const draws = [5, 5, 3].map(thousand);
    const { within, overflow } = settled([macc, ...floors.slice(0, 2)], { two: draws });
    expect(within).toEqual({ two: parseUsd('6'), three: parseUsd('2.5') });
    expect(overflow).toBe(parseUsd('4.5'));
  });

  test('settled step by step come to what they come to at once, wherever a step ends', () => {
    const use = fc.record({ floor: fc.nat({ max: 2 }), minute: fc.nat({ max: 29 }), count: fc.nat({ max: 9 }) });
    const uses = fc.array(use, { maxLength: 40 });
    const cuts = fc.uniqueArray(fc.nat({ max: 30 }), { maxLength: 8 });
    const beyond = new BeyondFloors(contracts);
    const [{ fromMs }] = floors as [FloorContract];
    fc.assert(
      fc.property(uses, cuts, (used, minutes) => {
        const drawsIn = (floor: FloorContract, beginMs: number, untilMs: number): readonly FloorDraw[] =>
          used
            .filter(({ floor: index }) => floors[index] === floor)
            .map(({ minute, count }) => thousand(count, Math.floor((minute * 60_000) / floor.intervalMs)))
            .filter(({ interval }) => {
              const atMs = fromMs + interval * floor.intervalMs;
              return beginMs <= atMs && atMs < untilMs;
            });
        const whole = settleFloors(beyond, floors, (floor) => drawsIn(floor, fromMs, Infinity));
        const steps: SettledFloors[] = [];
        let beginMs = fromMs;
        for (const cut of [...minutes.toSorted((one, other) => one - other), Infinity]) {
          const [untilMs, open] = [fromMs + cut * 60_000, steps.at(-1)?.open];
          const drawn = (floor: FloorContract) => [...(open?.get(floor) ?? []), ...drawsIn(floor, beginMs, untilMs)];
          steps.push(settleFloors(beyond, floors, drawn, untilMs));
          beginMs = untilMs;
        }
        const named = ({ intervals }: Pick<SettledFloors, 'intervals'>): readonly object[] =>
          intervals
            .map(({ floor, interval, use }) => ({ floor: floor.id, interval, within: use.withinNanoUsd }))
            .toSorted((one, other) => one.floor.localeCompare(other.floor) || one.interval - other.interval);
        const total = (all: readonly SettledFloors[]): bigint =>
          sumUsd(all.flatMap(({ overflows }) => overflows.map(({ amountNanoUsd }) => amountNanoUsd)));
        expect(named({ intervals: steps.flatMap(({ intervals }) => intervals) })).toEqual(named(whole));
        expect(total(steps)).toBe(total([whole]));
        expect([...(steps.at(-1)?.open.values() ?? [])].flat()).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

test('what floors took and what draws the pool are what was used, whatever the order of contracts and of use', () => {
  const contracts = [
    macc,
    ptu('1', { period: ['2026-01-01', '2026-07-01'] }),
    ptu('2'),
    writtenFloor({ id: 'plan', covers: [{ provider: 'p' }], unit: 'usdPerHour', quantity: '0.5' }),
  ];
  const draw = fc
    .record({
      millis: fc.nat({ max: 400 }),
      input: fc.nat({ max: 9_000 }),
      output: fc.nat({ max: 900 }),
      interval: fc.nat({ max: 2 }),
    })
    .map(({ millis, input, output, interval }) => drawOf(millis / 1_000, { input, output }, { interval }));
  fc.assert(
    fc.property(
      fc
        .array(draw, { maxLength: 6 })
        .chain((draws) =>
          fc.tuple(
            fc.constant(draws),
            fc.shuffledSubarray(draws, { minLength: draws.length }),
            fc.shuffledSubarray(contracts, { minLength: contracts.length }),
          ),
        ),
      ([draws, shuffled, order]) => {
        const one = settled(contracts, { 'ptu-1': draws });
        const other = settled(order, { 'ptu-1': shuffled });
        const within = sumUsd(Object.values(one.within));
        expect(within + one.overflow).toBe(sumUsd(draws.map(({ amountNanoUsd }) => amountNanoUsd)));
        expect([other.within, other.overflow]).toEqual([one.within, one.overflow]);
        // No minute takes more tokens than it has room for, so that what is paid for is what was used and what was not.
        for (const { floor, use } of one.intervals) {
          const [meter] = use.meters;
          if (meter !== undefined) expect(meter.within <= BigInt(floor.id === 'ptu-1' ? 2_500 : 5_000)).toBe(true);
          else expect(use.withinNanoUsd <= parseUsd('0.5')).toBe(true);
        }
      },
    ),
    { numRuns: 50 },
  );
});
