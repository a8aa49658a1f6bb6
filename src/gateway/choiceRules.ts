import { pinText, readPin, type DrawnPlaces, type Pin } from '../router/index.ts';
import { targetName } from '../vocabulary/index.ts';
import type { Demands } from './demandsOf.ts';
import type { Deployment } from './Snapshot.ts';

const noRules: readonly string[] = [];
const pinnedTo = 'pinned to ';
const demandsTags = 'demands the tags ';

/**
 * What bears on a choice beside costs and health, in the words that decisions keep.
 * @param isAway The conversation that the request goes on from is held elsewhere than where it is pinned to.
 */
export const choiceRules = (
  demands: Demands,
  isAway: boolean,
  drawn: DrawnPlaces | null,
  deployments: readonly Deployment[],
): readonly string[] => [
  ...pinRules(demands, isAway),
  ...tagRules(demands),
  ...drawRules(drawn, deployments),
  ...timeRules(demands),
];

/** What a request itself asked of its target, by the rules of its decision. A pin that gave way is none. */
export const askedIn = (rules: readonly string[]): { readonly pin: Pin | null; readonly tags: readonly string[] } => {
  const pin = restOf(rules, pinnedTo);
  const tags = restOf(rules, demandsTags);
  return { pin: pin === null ? null : readPin(pin), tags: tags === null ? [] : tags.split(', ') };
};

const restOf = (rules: readonly string[], beginning: string): string | null =>
  rules.find((rule) => rule.startsWith(beginning))?.slice(beginning.length) ?? null;

const pinRules = ({ pin }: Demands, isAway: boolean): readonly string[] => {
  if (pin === null) return noRules;
  const name = pinText(pin);
  return [isAway ? `not pinned to ${name}: the conversation is held elsewhere` : `${pinnedTo}${name}`];
};

const tagRules = ({ tags }: Demands): readonly string[] =>
  tags.length === 0 ? noRules : [`${demandsTags}${tags.join(', ')}`];

const drawRules = (drawn: DrawnPlaces | null, deployments: readonly Deployment[]): readonly string[] => {
  if (drawn === null) return noRules;
  const canary = drawn.canary === null ? undefined : deployments[drawn.canary];
  if (canary !== undefined) return [`canary: ${targetName(canary.target)} goes first`];
  return deployments.some(({ weight }) => weight !== null) ? ['drawn by weight'] : noRules;
};

const timeRules = ({ policy: { objective, usdPerSecond } }: Demands): readonly string[] => {
  if (usdPerSecond === 0) return noRules;
  return [objective === 'latency' ? 'the fastest goes first' : `a second of waiting counts as $${usdPerSecond}`];
};
