import type { Principal } from '../../access/index.ts';

/** Who shares prompt caches: `policy.cacheIsolation`. */
export type CacheIsolation = 'team' | 'key' | 'none';

/** Whom prompt caches are shared with nobody but: two that differ here have no conversation in common. Organisations are always kept apart. */
export const tenantOf = ({ organisation, team, key }: Principal, isolation: CacheIsolation): string => {
  switch (isolation) {
    case 'none':
      return JSON.stringify([organisation]);
    case 'team':
      return JSON.stringify([organisation, team]);
    case 'key':
      return JSON.stringify([organisation, team, key]);
  }
};

/** Whether the holders of these keys are several tenants. */
export const areSeveralTenants = (keys: Iterable<Principal>, isolation: CacheIsolation): boolean => {
  const tenants = new Set<string>();
  for (const principal of keys) {
    tenants.add(tenantOf(principal, isolation));
    if (tenants.size > 1) return true;
  }
  return false;
};
