import type { Principal } from '../access/index.ts';

/** Names of the budgets that a request of this principal draws on, whether or not they exist. */
export const budgetScopesOf = (principal: Pick<Principal, 'key' | 'team' | 'organisation'>): readonly string[] => [
  `key:${principal.key}`,
  `team:${principal.team}`,
  `organisation:${principal.organisation}`,
];
