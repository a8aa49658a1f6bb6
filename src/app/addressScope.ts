/** How far away an address is. `unspecified` is every address of this machine, when one listens on it. */
export type AddressScope = 'loopback' | 'unspecified' | 'private' | 'link-local' | 'public';

/** The host as a URL writes it: lower case, IPv4 as four decimal numbers whatever its spelling, IPv6 in brackets; null where it is none. */
const canonicalHost = (host: string): string | null => {
  const bracketed = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return URL.canParse(`http://${bracketed}`) ? new URL(`http://${bracketed}`).hostname.replace(/\.$/, '') : null;
};

const scopeOfIpv4 = (first: number, second: number, isZero: boolean): AddressScope => {
  if (isZero) return 'unspecified';
  if (first === 127) return 'loopback';
  // Where clouds hand out credentials to whoever asks.
  if (first === 169 && second === 254) return 'link-local';
  const isPrivate =
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 100 && second >= 64 && second < 128);
  return isPrivate ? 'private' : 'public';
};

/** The eight groups of an IPv6 address as a URL writes it: without a dotted end. */
const groupsOf = (address: string): readonly number[] => {
  const [head = '', tail] = address.split('::');
  const parse = (half: string): number[] =>
    half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16));
  const left = parse(head);
  const right = tail === undefined ? [] : parse(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
};

const scopeOfIpv6 = (address: string): AddressScope => {
  const groups = groupsOf(address);
  const [first = 0, , , , , sixth = 0, seventh = 0, eighth = 0] = groups;
  const leadingZeros = groups.findIndex((group) => group !== 0);
  if (leadingZeros === -1) return 'unspecified';
  if (leadingZeros === 7 && eighth === 1) return 'loopback';
  // An IPv4 address in IPv6 clothes (::ffff:127.0.0.1) is judged as what it is.
  if (leadingZeros === 5 && sixth === 0xffff) {
    return scopeOfIpv4(seventh >> 8, seventh & 0xff, seventh === 0 && eighth === 0);
  }
  if ((first & 0xffc0) === 0xfe80) return 'link-local';
  return (first & 0xfe00) === 0xfc00 ? 'private' : 'public';
};

/** Names that no public resolver answers for: without a dot, or under a suffix that is kept for networks of one's own. */
const isPrivateName = (name: string): boolean =>
  !name.includes('.') || /\.(?:local|internal|lan|home\.arpa)$/.test(name);

/**
 * How far away the host of a URL, or an address to listen on, is. Names are judged as names; what they resolve to is checked where the
 * connection is made.
 */
export const addressScope = (host: string): AddressScope => {
  const name = canonicalHost(host);
  if (name === null) return 'public';
  if (name.startsWith('[')) return scopeOfIpv6(name.slice(1, -1));
  const ipv4 = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(name);
  if (ipv4) return scopeOfIpv4(Number(ipv4[1]), Number(ipv4[2]), name === '0.0.0.0');
  if (name === 'localhost' || name.endsWith('.localhost')) return 'loopback';
  return isPrivateName(name) ? 'private' : 'public';
};
