import { expect, test } from 'vitest';
import { SharedMeasurement } from './SharedMeasurement.ts';

const open = () => {
  let nowMs = 0;
  let by = {};
  const asked: PromiseWithResolvers<number>[] = [];
  const shared = new SharedMeasurement({
    measure: () => {
      const one = Promise.withResolvers<number>();
      asked.push(one);
      return one.promise;
    },
    by: () => by,
    clock: { monotonicMs: () => nowMs },
  });
  return { shared, asked, pass: (ms: number) => (nowMs += ms), change: () => (by = {}) };
};

test('all who ask at a time have one measurement, which is kept for a while', async () => {
  const { shared, asked, pass, change } = open();
  const both = [shared.within(60_000), shared.within(60_000)];
  pass(100);
  asked[0]!.resolve(7);
  expect(await Promise.all(both)).toEqual([7, 7]);
  pass(1_999);
  expect(await shared.within(60_000)).toBe(7);
  expect(asked).toHaveLength(1);
  pass(1);
  const later = shared.within(60_000);
  pass(100);
  asked[1]!.resolve(8);
  expect(await later).toBe(8);
  change();
  const changed = shared.within(60_000);
  asked[2]!.resolve(9);
  expect(await changed).toBe(9);
});

test('who cannot wait has nothing, and who asks later has what was measured meanwhile', async () => {
  const { shared, asked, pass } = open();
  expect(await shared.within(0)).toBeNull();
  pass(10_000);
  const later = shared.within(60_000);
  asked[0]!.resolve(7);
  expect(await later).toBe(7);
  expect(asked).toHaveLength(1);
});

test('a measurement that fails, fails for who waits, and is made anew', async () => {
  const { shared, asked } = open();
  const failing = shared.within(60_000);
  asked[0]!.reject(new Error('away'));
  await expect(failing).rejects.toThrow('away');
  const again = shared.within(60_000);
  asked[1]!.resolve(1);
  expect(await again).toBe(1);
});
