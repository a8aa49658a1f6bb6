import { describe, expect, test } from 'vitest';
import { drawPlaces, type Portion } from './drawPlaces.ts';

const portion = (name: string, differs: Partial<Portion> = {}): Portion => ({
  name,
  weight: null,
  canary: null,
  ...differs,
});

/** How often each of them goes first and second, of so many seeds. */
const order = (portions: readonly Portion[], seed: string): readonly number[] => {
  const { places } = drawPlaces(portions, seed);
  return places.map((_, index) => index).toSorted((one, other) => places[one]! - places[other]!);
};

const seeds = Array.from({ length: 4_000 }, (_, index) => `request ${index}`);
const share = (portions: readonly Portion[], isSo: (order: readonly number[]) => boolean): number =>
  seeds.filter((seed) => isSo(order(portions, seed))).length / seeds.length;

describe('weights', () => {
  const weights = [portion('a', { weight: 6 }), portion('b', { weight: 3 }), portion('c', { weight: 1 })];

  test('are the share of requests that go there first, and of the rest that go there next', () => {
    expect(share(weights, ([first]) => first === 0)).toBeCloseTo(0.6, 1);
    expect(share(weights, ([first]) => first === 2)).toBeCloseTo(0.1, 1);
    expect(share(weights, ([first, second]) => first === 0 && second === 1)).toBeCloseTo(0.6 * 0.75, 1);
  });

  test('draw the same for the same seed, whoever else there is', () => {
    const [a, b] = weights;
    for (const seed of seeds.slice(0, 200)) {
      const alone = order([a!, b!], seed);
      expect(order(weights, seed).filter((index) => index < 2)).toEqual(alone);
    }
  });

  test('come before those that have none, and 0 after everybody', () => {
    const some = [portion('none'), portion('nothing', { weight: 0 }), portion('a', { weight: 1 })];
    expect(share(some, (places) => places.join() === '2,0,1')).toBe(1);
  });
});

describe('a canary', () => {
  const some = [portion('new', { canary: 0.05 }), portion('a'), portion('b')];

  test('goes first for its share of requests, and behind the others for the rest', () => {
    const drawn = seeds.map((seed) => drawPlaces(some, seed));
    const first = drawn.filter(({ canary }) => canary === 0);
    expect(first.length / drawn.length).toBeCloseTo(0.05, 1);
    expect(first.length).toBeGreaterThan(100);
    for (const { canary, places } of drawn) {
      expect(places[1]).toBe(places[2]);
      expect(places[0]! < places[1]!).toBe(canary === 0);
    }
  });

  test('and another have each its own share', () => {
    const two = [portion('one', { canary: 0.25 }), portion('two', { canary: 0.5 }), portion('a')];
    expect(share(two, ([first]) => first === 0)).toBeCloseTo(0.25, 1);
    expect(share(two, ([first]) => first === 1)).toBeCloseTo(0.5, 1);
  });
});
