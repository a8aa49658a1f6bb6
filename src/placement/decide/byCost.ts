import type { Weighed } from './weighOffers.ts';

/** By code unit, the same on every machine. */
const byName = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** Infinity less infinity is no number, yet equal. */
const difference = (one: number, other: number): number => (one === other ? 0 : one - other);

/** Cheapest first. Nothing is left to chance: then price of an hour, duration, names, and place in the list. */
export const byCost = (one: Weighed, other: Weighed): number =>
  difference(one.expected?.usd ?? Infinity, other.expected?.usd ?? Infinity) ||
  difference(one.offer.hourUsd ?? 0, other.offer.hourUsd ?? 0) ||
  difference(one.expected?.hours ?? Infinity, other.expected?.hours ?? Infinity) ||
  byName(one.offer.site ?? '', other.offer.site ?? '') ||
  byName(one.offer.accelerator, other.offer.accelerator) ||
  byName(one.offer.basis, other.offer.basis) ||
  one.place - other.place ||
  one.accelerators - other.accelerators;
