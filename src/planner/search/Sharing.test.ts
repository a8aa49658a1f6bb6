import { describe, expect, it } from 'vitest';
import { Sharing } from './Sharing.ts';

describe('what workers share', () => {
  it('knows nothing at first', () => {
    const sharing = new Sharing();
    expect([sharing.upper, sharing.lower, sharing.stopped, sharing.settled, sharing.proving]).toEqual([
      Infinity,
      -Infinity,
      false,
      false,
      true,
    ]);
  });

  it('is one memory for both sides', () => {
    const one = new Sharing();
    one.improve('searchUpper', 10);
    const other = new Sharing(one.buffer);
    expect(other.upper).toBe(10);
    other.improve('boundLower', 3);
    other.stop();
    one.settle();
    one.proved();
    expect([one.lower, one.stopped, other.settled, other.proving]).toEqual([3, true, true, false]);
  });

  it('keeps the lowest cost and the highest bound of either worker, and nothing that is not a number', () => {
    const sharing = new Sharing();
    for (const cost of [12, 10, 11, NaN]) sharing.improve('searchUpper', cost);
    for (const bound of [3, 5, 4, NaN]) sharing.improve('searchLower', bound);
    for (const bound of [6, 1]) sharing.improve('boundLower', bound);
    expect([sharing.upper, sharing.lower]).toEqual([10, 6]);
  });

  it('does not sleep once it is stopped', () => {
    const sharing = new Sharing();
    sharing.stop();
    // Would take an hour.
    sharing.sleep(3_600_000);
    expect(sharing.stopped).toBe(true);
  });
});
