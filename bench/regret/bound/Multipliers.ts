import { hostOf, hosts, market, shareCaps } from '../market/market.ts';
import { poolAt, type Contracts } from '../contracts/Contracts.ts';

/** What one US dollar is worth against each rule of the month. */
export interface Multipliers {
  /** By pool: what a dollar spent there saves at its end. */
  readonly pools: readonly number[];
  /** By target: what a dollar above its share costs. */
  readonly vendors: readonly number[];
  /** By host, likewise. */
  readonly hosts: readonly number[];
}

const sum = (values: readonly number[]): number => values.reduce((before, value) => before + value, 0);

/** What any dollar is worth for making room under all caps at once. */
export const roomOf = ({ vendors, hosts: ofHosts }: Multipliers): number =>
  shareCaps.vendor * sum(vendors) + shareCaps.host * sum(ofHosts);

/** What a dollar at a target weighs by its caps alone: 1 where none binds. */
export const cappedFactor = (multipliers: Multipliers, target: number): number =>
  1 + (multipliers.vendors[target] ?? 0) + (multipliers.hosts[hostOf[target] ?? 0] ?? 0) - roomOf(multipliers);

/** What a dollar at each target weighs at a moment, pools and all. */
export const factorsAt = (multipliers: Multipliers, contracts: Contracts, atS: number): Float64Array =>
  Float64Array.from(
    market,
    (_target, index) => cappedFactor(multipliers, index) - (multipliers.pools[poolAt(contracts, index, atS)] ?? 0),
  );

export const noMultipliers = (contracts: Contracts): Multipliers => ({
  pools: contracts.pools.map(() => 0),
  vendors: market.map(() => 0),
  hosts: hosts.map(() => 0),
});
