import { isFeature } from '../vocabulary/index.ts';
import type { Correction, Passage } from '../wire/index.ts';
import type { LackPolicy } from './LackPolicy.ts';

/** How a request is said to a target that lacks some parameters. */
export interface Fit {
  /** What is left out and said otherwise. */
  readonly known: Correction;
  /** The first parameter that it cannot do without; null where there is none. */
  readonly refused: string | null;
}

const asItIs: Fit = { known: {}, refused: null };

/** Fits a request to what its target is known to lack: what only tunes is left out, the rest is left out where the policy says so. */
export const fitTo = (
  { wire, facts }: Pick<Passage, 'wire' | 'facts'>,
  unsupported: readonly string[],
  policy: LackPolicy,
): Fit => {
  if (unsupported.length === 0) return asItIs;
  const known = wire.accommodation(facts, unsupported);
  const { drop = [], rename = {} } = known;
  const left: string[] = [];
  let refused: string | null = null;
  for (const { key, kind } of facts.members) {
    if (kind === 'null' || isFeature(key) || !unsupported.includes(key) || Object.hasOwn(rename, key)) continue;
    const isLeft = drop.includes(key) ? !policy.kept.has(key) : policy.left.has(key);
    if (!isLeft) refused ??= key;
    else if (!drop.includes(key)) left.push(key);
  }
  return { known: left.length === 0 ? known : { ...known, drop: [...drop, ...left] }, refused };
};

/** A correction that leaves nothing out which the policy keeps: the target's own refusal of that is believed. */
export const withinPolicy = (correction: Correction, { kept }: LackPolicy): Correction => {
  const { drop } = correction;
  if (kept.size === 0 || drop === undefined || !drop.some((name) => kept.has(name))) return correction;
  return { ...correction, drop: drop.filter((name) => !kept.has(name)) };
};
