import type { PastRequest } from '../../drills/index.ts';
import { askedIn, stateReasons } from '../../gateway/index.ts';
import type { AnsweredRequest } from '../../store/index.ts';
import { featureSet, isFeature } from '../../vocabulary/index.ts';

/** Whether a target was ruled out for what the request is, and not for how things stood when it was sent. */
const isAboutRequest = (reason: string): boolean =>
  stateReasons.has(reason) || isFeature(/\(([^()]+)\)$/.exec(reason)?.[1] ?? '');

/** A request of the ledger as a drill sends it once more. */
export const pastRequestOf = ({ needs, rules, ineligible, ...request }: AnsweredRequest): PastRequest => ({
  ...request,
  ...askedIn(rules),
  needs: needs === null ? null : featureSet(needs),
  refusedBy: ineligible.flatMap(({ target, reason }) => (isAboutRequest(reason) ? [target] : [])),
});
