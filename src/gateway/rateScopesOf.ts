import type { Principal } from '../access/index.ts';
import { rateScope, type RateScope } from '../vocabulary/index.ts';
import type { LogicalModel, Snapshot } from './Snapshot.ts';

const nobody: readonly RateScope[] = [];
/** A principal asks again and again. */
const ofKeys = new WeakMap<Principal, RateScope | null>();

const ofKey = (principal: Principal): RateScope | null => {
  const known = ofKeys.get(principal);
  if (known !== undefined) return known;
  const scope = rateScope('key', principal.key, principal.limits);
  ofKeys.set(principal, scope);
  return scope;
};

/** Who limits a request before a target is chosen. Where nobody does, nothing is made. */
export const rateScopesOf = (
  { organisationRates, teamRates }: Snapshot,
  principal: Principal,
  { rates }: LogicalModel,
): readonly RateScope[] => {
  const organisation = organisationRates.get(principal.organisation);
  const team = teamRates.get(principal.team);
  const key = ofKey(principal);
  if (organisation === undefined && team === undefined && key === null && rates === null) return nobody;
  return [organisation, team, key, rates].filter((scope) => scope !== undefined && scope !== null);
};
