import { readAddress } from './readAddress.ts';

/**
 * How far away an address is. `unspecified` is every address of this machine, when one listens on it; `private` is what is not reached from
 * everywhere; `metadata` is where clouds hand out credentials to whoever asks.
 */
export type AddressScope = 'loopback' | 'unspecified' | 'private' | 'link-local' | 'metadata' | 'multicast' | 'public';

/** All addresses whose first bits are those of the prefix. */
interface Range<Meaning> {
  readonly prefix: Uint8Array;
  readonly bits: number;
  readonly means: Meaning;
}

const ranges = <Meaning>(all: readonly (readonly [prefix: string, bits: number, means: Meaning])[]): Range<Meaning>[] =>
  all.map(([prefix, bits, means]) => ({ prefix: bytesOf(prefix), bits, means }));

const bytesOf = (text: string): Uint8Array => readAddress(text) ?? new Uint8Array(0);

/** The first that fits counts. After the registries of special-purpose addresses (RFC 6890) and the clouds' documentation. */
const ipv4Ranges = ranges<AddressScope>([
  ['100.100.100.200', 32, 'metadata'],
  ['168.63.129.16', 32, 'metadata'],
  ['192.0.0.192', 32, 'metadata'],
  ['169.254.0.0', 16, 'link-local'],
  ['0.0.0.0', 8, 'unspecified'],
  ['127.0.0.0', 8, 'loopback'],
  ['10.0.0.0', 8, 'private'],
  ['172.16.0.0', 12, 'private'],
  ['192.168.0.0', 16, 'private'],
  // Shared by providers with their customers, for tests of networks, in documents, reserved.
  ['100.64.0.0', 10, 'private'],
  ['192.0.0.0', 24, 'private'],
  ['192.0.2.0', 24, 'private'],
  ['198.18.0.0', 15, 'private'],
  ['198.51.100.0', 24, 'private'],
  ['203.0.113.0', 24, 'private'],
  ['255.255.255.255', 32, 'multicast'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'private'],
]);

const ipv6Ranges = ranges<AddressScope>([
  ['fd00:ec2::', 32, 'metadata'],
  ['fd20:ce::', 32, 'metadata'],
  ['fe80::', 10, 'link-local'],
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['fc00::', 7, 'private'],
  ['fec0::', 10, 'private'],
  ['ff00::', 8, 'multicast'],
  // A translator's own prefix, a sink, tunnels that are given up, documents.
  ['64:ff9b:1::', 48, 'private'],
  ['100::', 64, 'private'],
  ['2001::', 23, 'private'],
  ['2001:db8::', 32, 'private'],
  ['3fff::', 20, 'private'],
]);

/** IPv6 addresses that carry an IPv4 one, and at which byte: what is reached is the latter. */
const carriers = ranges<number>([
  ['::ffff:0:0', 96, 12],
  ['::ffff:0:0:0', 96, 12],
  ['::', 96, 12],
  ['64:ff9b::', 96, 12],
  ['2002::', 16, 2],
]);

const isWithin = <Meaning>(address: Uint8Array, { prefix, bits }: Range<Meaning>): boolean =>
  prefix.every((byte, at) => {
    const left = Math.min(8, Math.max(0, bits - at * 8));
    const mask = (0xff << (8 - left)) & 0xff;
    return ((address[at] ?? 0) & mask) === (byte & mask);
  });

const meaningIn = <Meaning>(all: readonly Range<Meaning>[], address: Uint8Array): Meaning | null =>
  all.find((range) => isWithin(address, range))?.means ?? null;

/** The end of an interface's own number (ISATAP, RFC 5214) is an IPv4 address as well, whatever network it stands in. */
const isTunnelled = (address: Uint8Array): boolean =>
  ((address[8] ?? 0) & 0xfd) === 0 && address[9] === 0 && address[10] === 0x5e && address[11] === 0xfe;

const carriedBy = (address: Uint8Array): Uint8Array | null => {
  const at = meaningIn(carriers, address);
  if (at !== null) return address.subarray(at, at + 4);
  return isTunnelled(address) ? address.subarray(12) : null;
};

/** Judged by its bytes: how it was written does not matter. An address that cannot be read is `unspecified`. */
export const scopeOfBytes = (address: Uint8Array): AddressScope => {
  if (address.length === 4) return meaningIn(ipv4Ranges, address) ?? 'public';
  if (address.length !== 16) return 'unspecified';
  const own = meaningIn(ipv6Ranges, address);
  if (own !== null) return own;
  const carried = carriedBy(address);
  return carried === null ? 'public' : scopeOfBytes(carried);
};

/** @param text an IP address, as a resolver or a URL writes it */
export const scopeOfAddress = (text: string): AddressScope => scopeOfBytes(bytesOf(text));
