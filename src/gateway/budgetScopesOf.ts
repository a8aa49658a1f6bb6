import type { Principal } from '../access/index.ts';

type Spender = Pick<Principal, 'key' | 'team' | 'organisation'>;

/** A principal asks again and again, and texts that are made anew are looked up slowly. */
const known = new WeakMap<Spender, readonly string[]>();

/** Names of the budgets that a request of this principal draws on, whether or not they exist. */
export const budgetScopesOf = (principal: Spender): readonly string[] => {
  const found = known.get(principal);
  if (found !== undefined) return found;
  const { key, team, organisation } = principal;
  const scopes = [`key:${key}`, `team:${team}`, `organisation:${organisation}`];
  known.set(principal, scopes);
  return scopes;
};
