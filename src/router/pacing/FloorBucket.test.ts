import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noCaps } from '../candidates.fixture.ts';
import { FloorBucket } from './FloorBucket.ts';
import { FloorStack } from './FloorStack.ts';
import { Pacer } from './Pacer.ts';
import { pacingSettings } from './pacingSettings.ts';
import { floorOf, hourMs, planOf, poolOf, targetOf } from './plans.fixture.ts';

const minuteMs = 60_000;

/** A bucket of two dollars that was filled with three: with half of them by another one, before it was heard. */
const overfilled = () => {
  const [one, other] = [
    new FloorBucket(floorOf(), pacingSettings, 0),
    new FloorBucket(floorOf(), pacingSettings, 0),
  ] as const;
  for (const bucket of [one, other]) bucket.take(1.5, {}, 0);
  one.hear(new Map([['other', other.tell(500)]]), 500);
  return one;
};

describe('a floor of which more was used than there is', () => {
  test('takes nothing more, and what uses nothing as it is', () => {
    const bucket = overfilled();
    expect([bucket.freeUsd(1, 0, 0, 0, 1_000), bucket.take(1, {}, 1_000)]).toEqual([0, 0]);
    expect([bucket.freeUsd(0, 0, 0, 0, 1_000), bucket.take(0, {}, 1_000)]).toEqual([0, 1]);
    expect(bucket.state().used).toEqual([1.5]);
    expect([bucket.bid(1_000), bucket.bidAt(minuteMs)].every(Number.isFinite)).toBe(true);
    expect(bucket.freeUsd(9, 0, 0, 0, minuteMs)).toBe(2);
  });

  test('is passed over in a stack, whatever uses nothing', () => {
    const stack = new FloorStack([overfilled(), overfilled()]);
    expect([stack.freeUsd(1, 0, 0, 0, 1_000), stack.take(1, {}, 1_000)]).toEqual([0, 0]);
    expect([stack.freeUsd(0, 0, 0, 0, 1_000), stack.take(0, {}, 1_000)]).toEqual([0, 1]);
  });
});

/** Two floors of one target, one of dollars and one of tokens that counts its input alone, inside a pool; and a target under no contract. */
const paced = (intervalMs: number) =>
  new Pacer(
    planOf({
      targets: [targetOf('a', { pools: [0], floors: [0, 1] }), targetOf('b', { floors: [1] }), targetOf('c')],
      pools: [poolOf()],
      floors: [
        floorOf({ intervalMs }),
        floorOf({ contract: 'tokens', intervalMs, meters: [{ capacity: 1_000, burndown: { input: 1 } }] }),
      ],
      caps: { ...noCaps, vendor: 0.6 },
    }),
  );

const figuresOf = (value: unknown): readonly number[] => {
  if (typeof value === 'number') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(figuresOf) : [];
};

const act = fc.record({
  kind: fc.constantFrom('take', 'giveBack', 'settle', 'saw', 'hear', 'silent', 'alone', 'tick'),
  replica: fc.nat({ max: 1 }),
  target: fc.nat({ max: 2 }),
  usd: fc.constantFrom(0, 0.1, 1.5, 1e6),
  tokens: fc.constantFrom(0, 7, 900, 1e9),
  share: fc.constantFrom(0, 0.5, 1),
  sinceMs: fc.constantFrom(0, 1, 999, 59_000, hourMs),
});

test('whatever is used, told and heard, in whatever order, each figure of a pacer is one', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1_000, minuteMs),
      fc.array(act, { minLength: 1, maxLength: 60 }),
      (intervalMs, acts) => {
        const replicas = [paced(intervalMs), paced(intervalMs)];
        let nowMs = 0;
        for (const { kind, replica, target, usd, tokens, share, sinceMs } of acts) {
          const [pacer, other] = [replicas[replica]!, replicas[1 - replica]!];
          const usage = { input: tokens, output: tokens };
          const takenMs = nowMs;
          nowMs += sinceMs;
          if (kind === 'take')
            pacer.drawBeyond(target, usd * (1 - (pacer.take(target, usd, usage, nowMs) ?? 0)), nowMs);
          if (kind === 'giveBack') pacer.giveBack(target, usd, usage, share, takenMs);
          if (kind === 'settle') pacer.settle(target, usd, nowMs);
          if (kind === 'saw') pacer.saw(target, usd, tokens, 0, tokens, usd, nowMs);
          if (kind === 'tick') pacer.tick(nowMs);
          if (kind === 'alone') pacer.shareFloors({ equalPart: 0.5, silent: null });
          if (kind === 'silent') pacer.shareFloors({ equalPart: 0.5, silent: new Set(['other']) });
          if (kind === 'hear') {
            pacer.shareFloors({ equalPart: 0.5, silent: new Set() });
            pacer.hear(new Map([['other', other.tell(nowMs)]]), replica === 0 ? null : other.tell(nowMs), nowMs);
          }
          const free = pacer.freeUsd(target, usd, tokens, 0, tokens, nowMs);
          const figures = [pacer.factorOf(target), free, pacer.bidOf(target, nowMs), pacer.tell(nowMs), pacer.state()];
          expect(figuresOf(figures).filter((one) => !Number.isFinite(one))).toEqual([]);
          expect(free).toBeGreaterThanOrEqual(0);
          expect(free).toBeLessThanOrEqual(usd);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('a pool passes over what is no figure', () => {
  const pacer = new Pacer(planOf({ targets: [targetOf('a', { pools: [0] })], pools: [poolOf()] }));
  const before = pacer.state().pools;
  for (const usd of [Number.NaN, Infinity]) pacer.drawBeyond(0, usd, 1);
  expect(pacer.state().pools).toEqual(before);
  pacer.tick(minuteMs);
  expect(pacer.factorOf(0)).toBeGreaterThan(0);
});
