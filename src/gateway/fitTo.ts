import { isFeature } from '../vocabulary/index.ts';
import type { Correction, Passage, RequestFacts } from '../wire/index.ts';
import type { LackPolicy } from './LackPolicy.ts';

/** How a request is said to a target that lacks some parameters. */
export interface Fit {
  /** What is left out and said otherwise. */
  readonly known: Correction;
  /** The first parameter that it cannot do without; null where there is none. */
  readonly refused: string | null;
}

const asItIs: Fit = { known: {}, refused: null };

/**
 * Fits a request to what its target is known to lack: what only tunes is left out, the rest is left out where the policy says so. What the policy keeps is never
 * left out, whatever was the reason to: then the target cannot serve the request. What says nothing may always go.
 */
export const fitTo = (
  { wire, facts }: Pick<Passage, 'wire' | 'facts'>,
  unsupported: readonly string[],
  policy: LackPolicy,
): Fit => {
  if (unsupported.length === 0) return asItIs;
  const known = wire.accommodation(facts, unsupported);
  const { drop = [], rename = {} } = known;
  const left: string[] = [];
  let refused: string | null = known.plainRoles === true && policy.kept.has('developer') ? 'developer' : null;
  for (const { key, kind } of facts.members) {
    if (kind === 'null' || Object.hasOwn(rename, key)) continue;
    if (drop.includes(key)) {
      if (isKept(key, facts, policy)) refused ??= key;
    } else if (!isFeature(key) && unsupported.includes(key)) {
      if (policy.left.has(key)) left.push(key);
      else refused ??= key;
    }
  }
  return { known: left.length === 0 ? known : { ...known, drop: [...drop, ...left] }, refused };
};

const isKept = (name: string, { defaults = [] }: RequestFacts, { kept }: LackPolicy): boolean =>
  kept.has(name) && !defaults.includes(name);

/** A correction that leaves nothing out which the policy keeps: the target's own refusal of that is believed. */
export const withinPolicy = (correction: Correction, facts: RequestFacts, policy: LackPolicy): Correction => {
  const { drop } = correction;
  if (drop === undefined || !drop.some((name) => isKept(name, facts, policy))) return correction;
  return { ...correction, drop: drop.filter((name) => !isKept(name, facts, policy)) };
};
