import { describe, expect, test } from 'vitest';
import { Chance } from '../../../test/rigs/Chance.ts';
import { AdmissionRate } from './AdmissionRate.ts';

const lookMs = 100;
const targetMs = 25;

interface Plant {
  /** Requests a second that the processor can do. */
  readonly capacity: number;
  /** What a request waits for its vendor. */
  readonly vendorMs: number;
  /** Share of a request's work that comes after the vendor has answered. */
  readonly lateShare: number;
  /** What turning one away costs, in requests. */
  readonly shedCost: number;
  /** Whether others have the processor for half of the time, a tenth of a second or so at once. */
  readonly isShared?: boolean;
  /** Clients who come back as soon as they are turned away, instead of requests that come by the clock. */
  readonly hammering?: number;
}

const usual: Plant = { capacity: 400, vendorMs: 300, lateShare: 0.6, shedCost: 0.04 };

interface Second {
  readonly goodput: number;
  readonly shed: number;
  readonly turnMs: number;
}

/**
 * A processor with a queue in front of it, in steps of 10 ms: work that is not done waits, and a turn of the loop is as long as what waits. A request is good
 * where what waited at its two parts was less than a second together.
 */
const simulate = (
  plant: Plant,
  loadPerS: (second: number) => number,
  seconds: number,
  isOn = true,
): readonly Second[] => {
  const stepMs = 10;
  const rate = new AdmissionRate();
  const perStep = (plant.capacity * stepMs) / 1_000;
  /** What falls due at a step: work, and requests that end then with what they have waited. */
  const due = new Map<number, { work: number; ends: { count: number; waitedMs: number }[] }>();
  const dueAt = (atStep: number) => {
    const at = due.get(atStep) ?? { work: 0, ends: [] };
    due.set(atStep, at);
    return at;
  };
  const told: Second[] = [];
  let backlog = 0;
  let underWay = 0;
  let isOurs = true;
  let turnsAtStep = 0;
  const chance = new Chance(1);
  let [credit, carried] = [0, 0];
  let [arrived, admitted, finished] = [0, 0, 0];
  let [goodput, shed, turnMs] = [0, 0, 0];
  for (let step = 0; step < (seconds * 1_000) / stepMs; step += 1) {
    const second = Math.floor((step * stepMs) / 1_000);
    const backPerStep = Math.max(0, (plant.hammering ?? 0) - underWay) / Math.max(1, Math.ceil(backlog / perStep));
    carried += plant.hammering === undefined ? (loadPerS(second) * stepMs) / 1_000 : backPerStep;
    const come = Math.floor(carried);
    carried -= come;
    const limit = isOn ? rate.ratePerMs : null;
    credit = limit === null ? Infinity : Math.min(limit * 200, (Number.isFinite(credit) ? credit : 0) + limit * stepMs);
    const taken = Math.min(come, Math.floor(credit));
    if (Number.isFinite(credit)) credit -= taken;
    arrived += come;
    admitted += taken;
    underWay += taken;
    shed += come - taken;
    const waitMs = (backlog / plant.capacity) * 1_000;
    backlog += taken * (1 - plant.lateShare) + (come - taken) * plant.shedCost;
    const pieces = 10;
    for (let piece = 1; piece <= pieces; piece += 1) {
      const atStep = step + 1 + Math.round((waitMs + (plant.vendorMs * piece) / pieces) / stepMs);
      dueAt(atStep).work += (taken * plant.lateShare) / pieces;
      if (piece === pieces) dueAt(atStep).ends.push({ count: taken, waitedMs: waitMs });
    }
    const now = due.get(step);
    due.delete(step);
    backlog += now?.work ?? 0;
    for (const { count, waitedMs } of now?.ends ?? []) {
      finished += count;
      underWay -= count;
      if (waitedMs + (backlog / plant.capacity) * 1_000 < 1_000) goodput += count;
    }
    if (plant.isShared === true && step >= turnsAtStep) {
      isOurs = !isOurs;
      turnsAtStep = step + 2 + chance.below(isOurs ? 10 : 14);
    }
    if (isOurs) backlog = Math.max(0, backlog - perStep * (plant.isShared === true ? 2 : 1));
    turnMs = (backlog / plant.capacity) * 1_000;
    if ((step + 1) % (lookMs / stepMs) === 0) {
      const durationMs = plant.vendorMs + 2 * turnMs;
      rate.observe({ elapsedMs: lookMs, turnMs, arrived, admitted, finished, durationMs }, targetMs);
      [arrived, admitted, finished] = [0, 0, 0];
    }
    if ((step + 1) % (1_000 / stepMs) === 0) {
      told.push({ goodput, shed, turnMs });
      [goodput, shed] = [0, 0];
    }
  }
  return told;
};

const mean = (seconds: readonly Second[], of: (second: Second) => number): number =>
  seconds.reduce((sum, second) => sum + of(second), 0) / seconds.length;

describe.each([
  ['short answers', usual],
  ['answers at once', { ...usual, vendorMs: 20 }],
  ['answers of two seconds', { ...usual, vendorMs: 2_000 }],
  ['answers of eight seconds', { ...usual, vendorMs: 8_000 }],
  ['dear requests', { ...usual, capacity: 40 }],
])('with %s', (_, plant) => {
  test.each([
    { times: 2, goodputMin: 0.9 },
    { times: 5, goodputMin: 0.8 },
  ])('$times times what can be done leaves $goodputMin of it, and no queue [G8]', ({ times, goodputMin }) => {
    const seconds = simulate(plant, () => plant.capacity * times, 60).slice(20);
    const left = plant.capacity * Math.min(1, 1 - (times - 1) * plant.shedCost);
    expect(mean(seconds, ({ goodput }) => goodput)).toBeGreaterThan(left * goodputMin);
    expect(mean(seconds, ({ turnMs }) => turnMs)).toBeLessThan(4 * targetMs);
  });

  test('nobody is turned away below that, and all are let in again when it is over [G8]', () => {
    const seconds = simulate(plant, (second) => plant.capacity * (second < 10 ? 0.8 : second < 30 ? 3 : 0.7), 60);
    expect(mean(seconds.slice(0, 10), ({ shed }) => shed)).toBe(0);
    expect(mean(seconds.slice(15, 30), ({ shed }) => shed)).toBeGreaterThan(plant.capacity);
    // Answers of eight seconds are still under way when the load has dropped.
    expect(mean(seconds.slice(50), ({ shed }) => shed)).toBe(0);
    expect(mean(seconds.slice(50), ({ goodput }) => goodput)).toBeGreaterThan(plant.capacity * 0.69);
  });
});

test('without it, twice what can be done leaves nothing of use', () => {
  const seconds = simulate(usual, () => usual.capacity * 2, 30, false).slice(10);
  expect(mean(seconds, ({ goodput }) => goodput)).toBeLessThan(usual.capacity * 0.1);
});

test.each([2, 5])(
  'others who take the processor away cost what they take and some of the rest, %i times [G8]',
  (times) => {
    const seconds = simulate({ ...usual, isShared: true }, () => usual.capacity * times, 60).slice(20);
    expect(mean(seconds, ({ goodput }) => goodput)).toBeGreaterThan(usual.capacity * 0.5);
  },
);

test('clients who come back at once, again and again, do not have everybody turned away [G8]', () => {
  const plant = { ...usual, shedCost: 0.08, hammering: 800 };
  const seconds = simulate(plant, () => 0, 60).slice(20);
  expect(mean(seconds, ({ shed }) => shed)).toBeGreaterThan(plant.capacity);
  expect(mean(seconds, ({ goodput }) => goodput)).toBeGreaterThan(plant.capacity * 0.1);
});

describe('the limit', () => {
  const reading = {
    elapsedMs: lookMs,
    turnMs: 10,

    arrived: 50,
    admitted: 50,
    finished: 50,
    durationMs: 300,
  };

  test('is none while turns are short, or long for a moment only', () => {
    const rate = new AdmissionRate();
    for (let look = 0; look < 100; look += 1) rate.observe({ ...reading, turnMs: look % 3 === 0 ? 900 : 10 }, targetMs);
    expect(rate.ratePerMs).toBeNull();
  });

  test('is none where turns may be as long as they are, and goes when that is said', () => {
    const rate = new AdmissionRate();
    for (let look = 0; look < 100; look += 1) rate.observe({ ...reading, turnMs: 900 }, 0);
    expect(rate.ratePerMs).toBeNull();
    for (let look = 0; look < 100; look += 1) rate.observe({ ...reading, turnMs: 900 }, targetMs);
    expect(rate.ratePerMs).not.toBeNull();
    rate.observe(reading, 0);
    expect(rate.ratePerMs).toBeNull();
  });

  test('is never nothing, so that the end of an overload is found', () => {
    const rate = new AdmissionRate();
    for (let look = 0; look < 10_000; look += 1) rate.observe({ ...reading, turnMs: 900, admitted: 0 }, targetMs);
    expect(rate.ratePerMs).toBeGreaterThan(0);
  });
});
