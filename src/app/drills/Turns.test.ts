import { expect, test } from 'vitest';
import { Turns } from './Turns.ts';

test('others have a turn once a few milliseconds were worked', async () => {
  let nowMs = 0;
  const turns = new Turns({ monotonicMs: () => nowMs });
  let waiting = 1;
  setImmediate(() => (waiting = 0));
  nowMs = 3;
  expect([await turns.next(), waiting]).toEqual([false, 1]);
  nowMs = 5;
  expect([await turns.next(), waiting]).toEqual([true, 0]);
  nowMs = 8;
  expect(await turns.next()).toBe(false);
});
