import { expect, test } from 'vitest';
import { soakFaults, soakFigures, type SoakSample } from './soakFigures.ts';

const samplesOf = (at: (minute: number) => Partial<SoakSample>): readonly SoakSample[] =>
  Array.from({ length: 90 }, (_, index) => {
    const minute = index / 3;
    // A sample now and then is far off: a fault was on.
    const noise = index % 10 === 0 ? 40 : index % 3;
    return {
      minute,
      residentBytes: 130e6 + noise * 1e6,
      openFiles: 60 + noise,
      timers: 50 + noise,
      resources: 90 + noise,
      ...at(minute),
    };
  });

test('what goes up and down has no faults', () => {
  expect(soakFaults(soakFigures(samplesOf(() => ({}))))).toEqual([]);
});

test('a growth of the warm-up counts for nothing', () => {
  const figures = soakFigures(samplesOf((minute) => (minute < 9 ? { residentBytes: 60e6, timers: 1 } : {})));
  expect(soakFaults(figures)).toEqual([]);
});

test.each([
  ['residentGrowth', (minute: number) => ({ residentBytes: 100e6 + minute * 3e6 })],
  ['openFilesGrowth', (minute: number) => ({ openFiles: 50 + minute })],
  ['timersGrowth', (minute: number) => ({ timers: 50 + minute * 2 })],
  ['resourcesGrowth', (minute: number) => ({ resources: 50 + minute * 2 })],
] as const)('a leak is seen: %s', (name, at) => {
  expect(soakFaults(soakFigures(samplesOf(at)))).toEqual([expect.stringContaining(name)]);
});

test('the slope is in megabytes an hour', () => {
  const figures = soakFigures(samplesOf((minute) => ({ residentBytes: 100e6 + minute * 1e6 })));
  expect(figures.residentMBPerHour).toBeCloseTo(60, 6);
});
