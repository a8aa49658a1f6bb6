import { readAddress } from './readAddress.ts';
import { scopeOfBytes, type AddressScope } from './scopeOfAddress.ts';

/** The host as a URL writes it: lower case, IPv4 as four decimal numbers whatever its spelling, IPv6 in brackets; null where it is none. */
const canonicalHost = (host: string): string | null => {
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return URL.canParse(`http://${bracketed}`) ? new URL(`http://${bracketed}`).hostname.replace(/\.$/, '') : null;
};

/** Names that no public resolver answers for: without a dot, or under a suffix that is kept for networks of one's own. */
const isPrivateName = (name: string): boolean =>
  !name.includes('.') || /\.(?:local|internal|lan|home\.arpa)$/.test(name);

/**
 * How far away the host of a URL, or an address to listen on, is. Names are judged as names; what they resolve to is judged where the
 * connection is made.
 */
export const addressScope = (host: string): AddressScope => {
  const name = canonicalHost(host);
  if (name === null) return 'public';
  const address = readAddress(name.replace(/^\[(.*)\]$/, '$1'));
  if (address !== null) return scopeOfBytes(address);
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  return isPrivateName(name) ? 'private' : 'public';
};
