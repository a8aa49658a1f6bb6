import { hash } from 'node:crypto';
import type { Principal } from '../../access/index.ts';
import type { Snapshot } from '../Snapshot.ts';
import { tenantOf } from './tenantOf.ts';

/** Vendors take 64 at most ("Expected a string with maximum length 64"). */
const keyLetters = 32;

/**
 * The name by which a vendor is to find a prompt cache, where its client chose one and others may have chosen the same: one of its tenant's own. Null where the
 * client's stands.
 */
export const vendorCacheKey = (
  chosen: string | undefined,
  principal: Principal,
  { cacheIsolation, hasSeveralTenants }: Pick<Snapshot, 'cacheIsolation' | 'hasSeveralTenants'>,
): string | null => {
  if (chosen === undefined || !hasSeveralTenants) return null;
  return hash('sha256', `${tenantOf(principal, cacheIsolation)}\n${chosen}`, 'hex').slice(0, keyLetters);
};
