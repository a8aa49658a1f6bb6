import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nanoUsd } from '../kernel/index.ts';
import { shareDimensions, Shares, splitByHost, type ShareRecord } from './index.ts';

const noon = Date.parse('2026-11-26T12:00:00Z');

const record = (changes: Partial<ShareRecord> = {}): ShareRecord => ({
  vendor: 'aurora',
  hosts: { north: 1 },
  jurisdiction: 'EU',
  lab: 'lab',
  amountNanoUsd: '100',
  startedAtMs: noon,
  ...changes,
});

const shares = () => new Shares({ window: 'month', timeZone: 'Europe/Paris' });

describe('shares of spend', () => {
  test('count by vendor, host, jurisdiction and lab', () => {
    const counted = shares();
    counted.load([
      record(),
      record({ vendor: 'borealis', hosts: { south: 1 }, lab: null, jurisdiction: null, amountNanoUsd: '300' }),
    ]);
    expect(counted.shareOf('vendor', 'aurora', noon)).toBe(0.25);
    expect(counted.shareOf('host', 'south', noon)).toBe(0.75);
    expect(counted.shareOf('lab', 'lab', noon)).toBe(0.25);
    expect(counted.shareOf('vendor', 'nobody', noon)).toBe(0);
    const { totalNanoUsd, spentNanoUsd } = counted.snapshot(noon);
    expect(totalNanoUsd).toBe(400n);
    expect(spentNanoUsd.jurisdiction).toEqual(new Map([['EU', 100n]]));
  });

  test('see a dependency that two vendors share', () => {
    const counted = shares();
    counted.load([record(), record({ vendor: 'cascade' }), record({ vendor: 'borealis', hosts: { south: 1 } })]);
    expect(counted.shareOf('host', 'north', noon)).toBeCloseTo(2 / 3);
  });

  test('split a vendor over its hosts to the nano-dollar, and count unknown shares at their worst', () => {
    expect(splitByHost(nanoUsd(100n), { a: 0.25, b: 0.75 })).toEqual([
      ['a', 25n],
      ['b', 75n],
    ]);
    expect(splitByHost(nanoUsd(100n), { a: 1, b: 1 })).toEqual([
      ['a', 100n],
      ['b', 100n],
    ]);
    expect(splitByHost(nanoUsd(100n), { a: 0.333, b: 0.333, c: 0.333 }).map(([, part]) => part)).toEqual([
      33n,
      34n,
      33n,
    ]);
    expect(splitByHost(nanoUsd(100n), {})).toEqual([]);
  });

  test('start anew with the month of their zone; what began before does not count', () => {
    const counted = shares();
    counted.add(record());
    const december = Date.parse('2026-11-30T23:00:00Z');
    expect(counted.snapshot(december - 1).totalNanoUsd).toBe(100n);
    expect(counted.snapshot(december).totalNanoUsd).toBe(0n);
    counted.add(record());
    expect(counted.snapshot(december).totalNanoUsd).toBe(0n);
    expect(counted.shareOf('vendor', 'aurora', december)).toBe(0);
  });

  test('give dollars for one decision', () => {
    const counted = shares();
    counted.add(record({ amountNanoUsd: '2500000000' }));
    const view = counted.view(noon, 7);
    expect([view.totalUsd, view.forecastUsd, view.usdOf('vendor', 'aurora'), view.usdOf('host', 'south')]).toEqual([
      2.5, 7, 2.5, 0,
    ]);
  });

  test('count what is under way for those who choose meanwhile, and nothing of it once it has ended', () => {
    const counted = shares();
    counted.add(record({ amountNanoUsd: '1000000000' }));
    const call = {
      vendor: 'aurora',
      hosts: { north: 0.25, south: 0.75 },
      jurisdiction: null,
      lab: 'lab',
      expectedUsd: 0.1,
    };
    const calls = [1, 2, 3].map(() => counted.begin(call, noon));
    const ahead = counted.viewAhead(noon, 7);
    expect([ahead.totalUsd, ahead.forecastUsd, ahead.usdOf('vendor', 'aurora')]).toEqual([1.3, 7, 1.3]);
    expect([ahead.usdOf('host', 'south'), ahead.usdOf('jurisdiction', 'EU'), ahead.usdOf('lab', 'lab')]).toEqual([
      0.225, 1, 1.3,
    ]);
    expect(counted.view(noon, 7).totalUsd).toBe(1);
    for (const one of [...calls, ...calls]) one.end();
    const after = counted.viewAhead(noon, 7);
    expect([after.totalUsd, after.usdOf('vendor', 'aurora'), after.usdOf('host', 'south')]).toEqual([1, 1, 0]);
  });

  test('count what is under way in the window in which it began', () => {
    const counted = shares();
    const december = Date.parse('2026-11-30T23:00:00Z');
    const call = { vendor: 'aurora', hosts: {}, jurisdiction: 'EU', lab: null, expectedUsd: 2 };
    const before = counted.begin(call, noon);
    expect(counted.viewAhead(december, 0).usdOf('vendor', 'aurora')).toBe(0);
    counted.begin(call, december);
    before.end();
    expect(counted.viewAhead(december, 0).usdOf('jurisdiction', 'EU')).toBe(2);
  });

  test('are set right by what is known of the same window, and by nothing of another', () => {
    const [counted, truth] = [shares(), shares()];
    counted.add(record());
    truth.load([record(), record({ vendor: 'borealis', amountNanoUsd: '50' })]);
    const believed = counted.snapshot(noon);
    // What is counted meanwhile stays.
    counted.add(record({ amountNanoUsd: '7' }));
    counted.correct(believed, truth.snapshot(noon));
    expect(counted.snapshot(noon).totalNanoUsd).toBe(157n);
    expect(counted.snapshot(noon).spentNanoUsd.vendor.get('borealis')).toBe(50n);
    const yesterday = { ...believed, fromMs: believed.fromMs - 86_400_000 };
    counted.correct(yesterday, { ...truth.snapshot(noon), fromMs: yesterday.fromMs });
    expect(counted.snapshot(noon).totalNanoUsd).toBe(157n);
  });

  test('start anew under another window, and keep the count under the same', () => {
    const counted = shares();
    counted.add(record());
    expect(counted.configure({ window: 'month', timeZone: 'Europe/Paris' })).toBe(false);
    expect(counted.snapshot(noon).totalNanoUsd).toBe(100n);
    expect(counted.configure({ window: 'day', timeZone: 'Europe/Paris' })).toBe(true);
    expect(counted.snapshot(noon).totalNanoUsd).toBe(0n);
  });

  test('parts add up to the total in every dimension, corrections included', () => {
    const anyRecord = fc.record({
      vendor: fc.constantFrom('a', 'b', 'c'),
      jurisdiction: fc.constantFrom('EU', 'US'),
      lab: fc.constantFrom('x', 'y'),
      hosts: fc.constantFrom({ n: 1 }, { n: 0.5, s: 0.5 }, { n: 0.333333, s: 0.333333, w: 0.333334 }),
      amountNanoUsd: fc.bigInt({ min: -1000n, max: 10n ** 18n }).map(String),
      startedAtMs: fc.constant(noon),
    });
    fc.assert(
      fc.property(fc.array(anyRecord), (records) => {
        const counted = shares();
        counted.load(records);
        const { totalNanoUsd, spentNanoUsd } = counted.snapshot(noon);
        for (const dimension of shareDimensions) {
          const sum = [...spentNanoUsd[dimension].values()].reduce((total, amount) => total + amount, 0n);
          expect(sum).toBe(totalNanoUsd);
        }
      }),
    );
  });
});
