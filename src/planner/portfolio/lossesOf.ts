import type { Ratio } from '../../kernel/index.ts';
import { isLess, sumOf } from './floatOf.ts';
import type { WrittenPortfolio } from './schema.ts';
import type { Way } from './waysOf.ts';

const nothing: Ratio = { numerator: 0n, denominator: 1n };
const whole: Ratio = { numerator: 1n, denominator: 1n };

/** Every host that anything runs on or depends on, in the order of the file. */
export const hostsOf = (ways: readonly Way[]): readonly string[] => [
  ...new Set(ways.flatMap(({ hosts, dependsOn }) => [...hosts.map(({ name }) => name), ...dependsOn])),
];

/** What the shares that are told leave for those that are not. */
const untoldShare = ({ hosts }: Pick<Way, 'hosts'>): Ratio => {
  const told = sumOf(hosts.flatMap(({ share }) => (share === null ? [] : [share])));
  return isLess(told, whole)
    ? { numerator: told.denominator - told.numerator, denominator: told.denominator }
    : nothing;
};

/**
 * How much of something is gone with a host, at the worst: all of it where it depends on it or nobody says where it runs; what no other host is
 * said to have where its share is unknown.
 */
export const hostShare = (way: Pick<Way, 'hosts' | 'dependsOn'>, host: string): Ratio => {
  if (way.dependsOn.includes(host) || way.hosts.length === 0) return whole;
  const known = way.hosts.find(({ name }) => name === host);
  if (known === undefined) return nothing;
  return known.share ?? untoldShare(way);
};

/** Something that may be lost, and how much of each way is gone with it. */
export interface Loss {
  readonly kind: 'vendor' | 'host';
  readonly name: string;
  readonly gone: (way: Way) => Ratio;
}

/** Everything that the policy says may be lost. */
export const lossesOf = ({ policy }: Pick<WrittenPortfolio, 'policy'>, ways: readonly Way[]): readonly Loss[] => {
  const kinds = policy.resilience?.losses ?? [];
  const vendors = [...new Set(ways.map(({ vendor }) => vendor))].map((name): Loss => ({
    kind: 'vendor',
    name,
    gone: (way) => (way.vendor === name ? whole : nothing),
  }));
  const hosts = hostsOf(ways).map((name): Loss => ({ kind: 'host', name, gone: (way) => hostShare(way, name) }));
  return [...(kinds.includes('vendor') ? vendors : []), ...(kinds.includes('host') ? hosts : [])];
};
