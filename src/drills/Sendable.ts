import { drawAmong, isPinned, pinText, policyRefusal, type EffectivePolicy } from '../router/index.ts';
import { featuresIn, targetName } from '../vocabulary/index.ts';
import type { PastRequest } from './PastRequest.ts';
import type { Supply, SupplyTarget } from './Supply.ts';

/** What is known of a request when its target is chosen. Tokens. */
export interface Foreseen {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A request of the past, with those of the market that speak its words, and what bears on the choice among them whatever is lost. */
export interface Sendable {
  readonly request: PastRequest;
  readonly foreseen: Foreseen;
  readonly targets: readonly SupplyTarget[];
  /** Why each of them may or can never serve it; null where nothing is so. */
  readonly refusals: readonly (string | null)[];
  /** Their places by weights and canaries; null where there are none. */
  readonly places: readonly number[] | null;
  /** What a second until the answer counts as. US dollars. */
  readonly usdPerSecond: number;
}

/** A request as it would be sent once more. */
export const sendableOf = (supply: Supply, request: PastRequest, foreseen: Foreseen): Sendable => {
  const targets = (supply.models.get(request.model) ?? []).filter((target) => isAbout(target, request));
  const policy = policyOf(supply, request);
  return {
    request,
    foreseen,
    targets,
    refusals: targets.map((target) => refusalOf(supply, policy, target, request, foreseen)),
    places: drawAmong(targets, request.requestId)?.places ?? null,
    usdPerSecond: policy.usdPerSecond,
  };
};

/** What is handed on as it is goes to the one target of its rule. */
const isAbout = (target: SupplyTarget, { wire, operation, target: servedBy }: PastRequest): boolean =>
  target.serves(wire, operation) && (operation !== 'passthrough' || targetName(target.target) === servedBy);

const policyOf = ({ policies }: Supply, request: PastRequest): EffectivePolicy => {
  const policy = policies.of(request.model, request);
  return request.tags.length === 0 ? policy : { ...policy, tags: [...new Set([...policy.tags, ...request.tags])] };
};

const refusalOf = (
  { dropped }: Supply,
  policy: EffectivePolicy,
  target: SupplyTarget,
  request: PastRequest,
  { inputTokens }: Foreseen,
): string | null => {
  const forbidden = policyRefusal(policy, target);
  if (forbidden !== null) return forbidden;
  const { pin, needs, refusedBy } = request;
  if (pin !== null && !isPinned(pin, target.target)) return `the request is pinned to ${pinText(pin)}`;
  const lacks = (needs ?? 0) & target.lacks & ~dropped;
  if (lacks !== 0) return `lacks ${featuresIn(lacks).join(', ')}`;
  if (refusedBy.includes(targetName(target.target))) return 'could not serve it when it was sent';
  return target.contextTokens !== null && inputTokens > target.contextTokens ? 'more than its context' : null;
};
