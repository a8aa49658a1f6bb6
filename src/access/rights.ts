import { assert } from '../kernel/index.ts';

/** What an operator may be. */
export const roles = ['owner', 'admin', 'viewer'] as const;

export type Role = (typeof roles)[number];

/** What an operator may do, one act each. */
export const rights = [
  'usage:read',
  'requests:read',
  'contracts:read',
  'policy:read',
  'keys:read',
  'teams:read',
  'jobs:read',
  'drills:read',
  'keys:write',
  'teams:write',
  'budgets:write',
  'approvals:write',
  'jobs:write',
  'offers:write',
  'drills:write',
  'sandbox:write',
  'operators:write',
] as const;

export type Right = (typeof rights)[number];

export type Rights = ReadonlySet<Right>;

/** No rights at all: what a key of the data plane has on the control plane. */
export const noRights: Rights = new Set();

const viewerRights: Rights = new Set(rights.filter((right) => right.endsWith(':read')));
const ownerRights: Rights = new Set(rights);
// An admin runs the house but makes no operators, so that it cannot raise itself or a friend.
const adminRights: Rights = new Set(rights.filter((right) => right !== 'operators:write'));

const rightsByRole: Readonly<Record<Role, Rights>> = { owner: ownerRights, admin: adminRights, viewer: viewerRights };

/** The rights of a role; none for a key without one. */
export const rightsOf = (role: Role | null): Rights => (role === null ? noRights : rightsByRole[role]);

/** Whether all of the first are among the second: what is granted never exceeds what the grantor holds. */
export const isSubset = (granted: Rights, held: Rights): boolean => {
  for (const right of granted) if (!held.has(right)) return false;
  return true;
};

assert(isSubset(viewerRights, adminRights) && isSubset(adminRights, ownerRights), 'roles are ordered');
