import { isSubset, noRights, rightsOf, type Rights, type Role } from './rights.ts';

/** What somebody holds on the control plane, and so may hand on at most. */
export interface Holding {
  readonly rights: Rights;
  /** Teams whose keys it reaches; null: of all that there are and will be. */
  readonly teams: ReadonlySet<string> | null;
}

/** All that can be said of one team alone. What is told of usage, jobs or contracts is told of the whole installation. */
const teamRights: Rights = new Set(['keys:read', 'keys:write']);

/** What a role holds; limited to teams, no more of it than concerns their keys. */
export const holdingOf = (role: Role | null, onlyTeams: readonly string[] | null): Holding => {
  const rights = rightsOf(role);
  return onlyTeams === null
    ? { rights, teams: null }
    : { rights: rights.intersection(teamRights), teams: new Set(onlyTeams) };
};

/** What whoever makes a key of the data plane for a team hands on: no right of the control plane, and one team. */
export const grantOfKey = (team: string): Holding => ({ rights: noRights, teams: new Set([team]) });

/** Whether what is handed on is part of what is held. */
export const isWithin = (granted: Holding, held: Holding): boolean => {
  if (!isSubset(granted.rights, held.rights)) return false;
  if (held.teams === null) return true;
  return granted.teams !== null && granted.teams.isSubsetOf(held.teams);
};
