import { featuresIn, type Feature } from '../../vocabulary/index.ts';
import type { Correction, RequestFacts } from '../wire.ts';

/** What of a wire's parameters can be left out or said otherwise for a target that is known to refuse it. */
export interface Leeway {
  /** Parameters that shape how an answer is drawn, not what it is: a model that is known to refuse them answers without them. */
  readonly sampling: ReadonlySet<string>;
  /** Members by which features are asked for that a target may lack. */
  readonly askedBy?: Readonly<Partial<Record<Feature, readonly string[]>>>;
  /** Other names of the same thing. */
  readonly otherNames: Readonly<Record<string, string>>;
}

/** How a request is said to a target that is known to refuse these parameters. */
export const accommodate = (
  facts: RequestFacts,
  unsupported: readonly string[],
  { sampling, otherNames, askedBy = {} }: Leeway,
): Correction => {
  if (unsupported.length === 0) return {};
  const { defaults = [] } = facts;
  const needs = new Set<string>(featuresIn(facts.requirements.features));
  const drop = Object.entries(askedBy)
    .filter(([feature]) => unsupported.includes(feature))
    .flatMap(([feature, names]) => names.filter((name) => needs.has(feature) || defaults.includes(name)));
  const rename: Record<string, string> = {};
  for (const { key } of facts.members) {
    if (!unsupported.includes(key)) continue;
    const name = Object.hasOwn(otherNames, key) ? otherNames[key] : undefined;
    if (name !== undefined && !unsupported.includes(name)) rename[key] = name;
    else if (sampling.has(key) || defaults.includes(key)) drop.push(key);
  }
  return { drop, rename };
};
