import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Drain } from './Drain.ts';

const times = { lameDuckMs: 5_000, drainMs: 30_000, lastWordsMs: 2_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A drain that runs, and what it has done so far. */
const begin = (drain: Drain, hurry?: AbortSignal, some = times) => {
  const said: string[] = [];
  const done = drain.run(some, hurry, () => void said.push('rest ended')).then(() => void said.push('over'));
  return { said, done };
};

describe('a server that ends', () => {
  test('says so at once, takes requests as long as balancers need, and refuses then', async () => {
    const drain = new Drain();
    expect(drain.phase).toBe('serving');
    const { said } = begin(drain);
    expect(drain.phase).toBe('leaving');
    await vi.advanceTimersByTimeAsync(4_999);
    const over = drain.enter();
    expect(drain.phase).toBe('leaving');
    await vi.advanceTimersByTimeAsync(1);
    expect(drain.phase).toBe('refusing');
    expect(said).toEqual([]);
    over();
    await vi.advanceTimersByTimeAsync(0);
    expect(said).toEqual(['over']);
  });

  test('ends what still runs after its time, and gives it a moment to be told', async () => {
    const drain = new Drain();
    const over = drain.enter();
    const { said } = begin(drain);
    await vi.advanceTimersByTimeAsync(34_999);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(said).toEqual(['rest ended']);
    over();
    await vi.advanceTimersByTimeAsync(0);
    expect(said).toEqual(['rest ended', 'over']);
  });

  test('waits no longer for who is not told within that moment', async () => {
    const drain = new Drain();
    drain.enter();
    const { said } = begin(drain);
    await vi.advanceTimersByTimeAsync(36_999);
    expect(said).toEqual(['rest ended']);
    await vi.advanceTimersByTimeAsync(1);
    expect(said).toEqual(['rest ended', 'over']);
  });

  test('is not held up by what comes to be refused', async () => {
    const drain = new Drain();
    const over = drain.enter();
    const { said } = begin(drain, undefined, { ...times, lameDuckMs: 0 });
    await vi.advanceTimersByTimeAsync(0);
    drain.enter();
    over();
    await vi.advanceTimersByTimeAsync(0);
    expect(said).toEqual(['over']);
  });

  test.each([1_000, 6_000])('waits for nobody once somebody is in a hurry, after %i ms', async (afterMs) => {
    const drain = new Drain();
    drain.enter();
    const hurry = new AbortController();
    const { said } = begin(drain, hurry.signal);
    await vi.advanceTimersByTimeAsync(afterMs);
    hurry.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect([drain.phase, said]).toEqual(['refusing', ['rest ended']]);
  });

  test('leaves no timer behind', async () => {
    const { done } = begin(new Drain(), undefined, { ...times, lameDuckMs: 0 });
    await done;
    expect(vi.getTimerCount()).toBe(0);
  });
});
