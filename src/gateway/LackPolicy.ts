import type { Treatment } from '../router/index.ts';
import { featureSet, type FeatureSet } from '../vocabulary/index.ts';

/** What becomes of a request that a target would have to serve without something. */
export interface LackPolicy {
  /** Features that are left out for a target that lacks them. Requests with others keep away from it. */
  readonly dropped: FeatureSet;
  /** What is never left out, by the names under which it would be told. */
  readonly kept: ReadonlySet<string>;
  /** Parameters that are left out although they shape the answer. */
  readonly left: ReadonlySet<string>;
}

/** Names under which writers of wires tell that they left a feature out which the target, or its wire, has no word for. */
const toldAs = { parallelTools: 'parallel_tool_calls', schemas: 'response_format', reasoning: 'reasoning' } as const;

/** The policy of a file, `policy.features` and `policy.parameters`. */
export const lackPolicyOf = ({
  features,
  parameters,
}: {
  readonly features: Readonly<Record<string, Treatment>>;
  readonly parameters: ReadonlyMap<string, Treatment>;
}): LackPolicy => {
  const dropped = Object.keys(features).filter((name) => features[name] === 'drop');
  const refused = Object.entries(toldAs).flatMap(([name, told]) => (features[name] === 'refuse' ? [told] : []));
  const said = (treatment: Treatment): string[] =>
    [...parameters].flatMap(([name, one]) => (one === treatment ? [name] : []));
  return {
    dropped: featureSet(dropped),
    kept: new Set([...said('refuse'), ...refused]),
    left: new Set(said('drop')),
  };
};
