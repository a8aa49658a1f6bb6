import { addressScope } from './addressScope.ts';
import type { AddressScope } from './scopeOfAddress.ts';

/** How near an address may be that a call goes to, from far to near: each takes in those before it. What is nearer than all never is. */
export const reaches = ['public', 'private', 'loopback'] as const;

export type Reach = (typeof reaches)[number];

/** Whether a call with this reach may go to an address of this scope. */
export const isWithinReach = (scope: AddressScope, reach: Reach): boolean => {
  if (scope === 'public') return true;
  if (scope === 'private') return reach !== 'public';
  return scope === 'loopback' && reach === 'loopback';
};

/**
 * As near as the host of a URL itself says: whoever writes an address, `localhost` or the name of a network of one's own means it, and
 * whoever writes a public name does not mean what somebody else makes of it.
 */
export const reachOf = (host: string): Reach => {
  const scope = addressScope(host);
  return scope === 'private' || scope === 'loopback' ? scope : 'public';
};
