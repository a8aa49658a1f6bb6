import { expect, test } from 'vitest';
import { contractOf, contractsSchema, type FloorContract } from '../contracts/index.ts';
import { FloorSteps } from './FloorSteps.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const at = (day: string): number => Date.parse(`${day}T00:00Z`);

/** A floor for each period, each by the minute if nothing else is said. */
const floorsOf = (...differs: readonly object[]): readonly FloorContract[] =>
  contractsSchema
    .parse(
      differs.map((one, index) => ({
        id: `floor-${index}`,
        vendor: 'v',
        covers: [{ provider: 'p' }],
        kind: 'floor',
        unit: 'usdPerMinute',
        quantity: '1',
        ...one,
      })),
    )
    .map(contractOf)
    .filter((contract): contract is FloorContract => contract.kind === 'floor');

/** Lengths of the first steps of a year, each of which comes to so many draws. */
const stepsOf = (steps: FloorSteps, draws: number): readonly number[] => {
  let fromMs = at('2026-01-01');
  return Array.from({ length: 20 }, () => {
    const length = steps.endMs(fromMs) - fromMs;
    steps.came(draws);
    fromMs += length;
    return length;
  });
};

test('a floor that is signed ahead and has not begun leaves the steps before it short', () => {
  const floors = floorsOf({ period: ['2026-01-01', '2027-01-01'] }, { period: ['2027-01-01', '2028-01-01'] });
  expect(Math.max(...stepsOf(new FloorSteps(floors), 0))).toBe(20_000 * minuteMs);
});

test('the first steps are short, since it is not known yet how much is used in them', () => {
  const floors = floorsOf({ period: ['2026-01-01', '2027-01-01'] });
  const minutes = stepsOf(new FloorSteps(floors), 0).map((ms) => ms / minuteMs);
  expect(minutes.slice(0, 6)).toEqual([1_250, 2_500, 5_000, 10_000, 20_000, 20_000]);
});

test('steps end where an interval of the last floor does, also before its first', () => {
  const period = { period: ['2026-06-01', '2027-01-01'], timeZone: 'Asia/Kolkata' };
  const floors = floorsOf({ period: ['2026-01-01', '2027-01-01'] }, { ...period, unit: 'usdPerHour' });
  const [minutes, hours] = floors as [FloorContract, FloorContract];
  const steps = new FloorSteps([minutes, hours]);
  for (const fromMs of [at('2026-01-01'), at('2026-06-01'), hours.fromMs, at('2026-08-01') + minuteMs]) {
    const length = steps.endMs(fromMs) - fromMs;
    expect(Number.isInteger((steps.endMs(fromMs) - hours.fromMs) / hours.intervalMs)).toBe(true);
    expect(length >= 20 * hours.intervalMs && length < 21 * hours.intervalMs).toBe(true);
  }
});

test('steps become shorter where much comes in one, never less than an interval, and long again where little does', () => {
  const [minutes] = floorsOf({ period: ['2026-01-01', '2027-01-01'] });
  const steps = new FloorSteps([minutes!]);
  const lengths = stepsOf(steps, 40_001);
  expect(lengths.slice(0, 3).map((ms) => ms / minuteMs)).toEqual([1_250, 625, 312]);
  expect(lengths.at(-1)).toBe(minuteMs);
  for (let step = 0; step < 20; step += 1) steps.came(100);
  expect(steps.endMs(minutes!.fromMs + 30 * dayMs) - minutes!.fromMs - 30 * dayMs).toBe(20_000 * minuteMs);
});
