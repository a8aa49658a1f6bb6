import { rendezvous } from '../affinity/rendezvous.ts';
import { candidateName, type Candidate } from '../candidate.ts';

/** What the file says of one deployment's part of its model's traffic. */
export interface Portion {
  /** What tells it from the others of its model. */
  readonly name: string;
  /** Relative to the others that have one; null where it has none. */
  readonly weight: number | null;
  /** Share of the traffic that goes to it first, 0 to 1; null where it is no canary. */
  readonly canary: number | null;
}

/** A deployment, as far as its part of the traffic is concerned. */
type Drawable = Omit<Portion, 'name'> & Pick<Candidate, 'target' | 'credential'>;

export interface DrawnPlaces {
  /** One for each portion: the smallest goes first. Equals are decided by their scores. */
  readonly places: readonly number[];
  /** Into the portions: the canary that was drawn, or null. */
  readonly canary: number | null;
}

const drawnCanary = 0;
/** Those with weights stand from here to below the next. */
const weighted = 1;
/** Those that say nothing: behind weights, where there are some. */
const unsaid = 2;
const canaryNotDrawn = 3;
const weightless = 4;

/** From 0 to below 1, the same for the same words. */
const drawn = (seed: string, name: string): number => rendezvous(seed, name) / 2 ** 32;

const drawCanary = (portions: readonly Portion[], seed: string): number | null => {
  let left = drawn(seed, '');
  for (const [index, { canary }] of portions.entries()) {
    if (canary === null) continue;
    if (left < canary) return index;
    left -= canary;
  }
  return null;
};

/** Of exponential times at these rates the first comes to each by its weight, and the next among the rest likewise. */
const placeByWeight = (weight: number, uniform: number): number => {
  const time = -Math.log(1 - uniform) / weight;
  return weighted + time / (1 + time);
};

const placeOf = ({ name, weight, canary }: Portion, seed: string): number => {
  if (canary !== null) return canaryNotDrawn;
  if (weight === null) return unsaid;
  return weight > 0 ? placeByWeight(weight, drawn(seed, name)) : weightless;
};

/**
 * Draws who goes first, by weights and canaries: the same for the same seed, and as it was for those that stay where a deployment comes or goes.
 * @param seed What is to stay together: a conversation, else the request.
 */
export const drawPlaces = (portions: readonly Portion[], seed: string): DrawnPlaces => {
  const canary = drawCanary(portions, seed);
  const places = portions.map((portion, index) => (index === canary ? drawnCanary : placeOf(portion, seed)));
  return { places, canary };
};

/** The same among deployments, by the names that choices tell them apart by; null where none has a part of its own. */
export const drawAmong = (deployments: readonly Drawable[], seed: string): DrawnPlaces | null =>
  deployments.some(({ weight, canary }) => weight !== null || canary !== null)
    ? drawPlaces(
        deployments.map((one) => ({ name: candidateName(one), weight: one.weight, canary: one.canary })),
        seed,
      )
    : null;
