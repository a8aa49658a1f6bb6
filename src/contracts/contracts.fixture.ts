// Contracts for tests of this room, as the file would give them.
import { nanoUsd, parseRatio } from '../kernel/index.ts';
import {
  contractOf,
  contractsSchema,
  type Contract,
  type FloorContract,
  type IntervalUse,
  type PoolContract,
} from './index.ts';

/** The first instant of a day, UTC. */
export const day = (date: string): number => Date.parse(`${date}T00:00:00Z`);

export const aPool = (changes: Partial<PoolContract> = {}): PoolContract => ({
  kind: 'pool',
  id: 'pool',
  vendor: 'aws',
  covers: [{ kind: 'provider', provider: 'bedrock', model: null }],
  fromMs: day('2025-11-03'),
  untilMs: day('2032-11-03'),
  timeZone: 'UTC',
  discount: parseRatio('0.22'),
  commitmentNanoUsd: nanoUsd(38_000_000_000_000_000_000n),
  fulfilment: 'annual',
  ramp: [],
  shortfallRate: parseRatio('1.0'),
  milestones: [],
  shortfallGrace: parseRatio('0'),
  rollover: null,
  carryForward: null,
  elsewhere: [],
  ...changes,
});

export const aFloor = (changes: Partial<FloorContract> = {}): FloorContract => ({
  kind: 'floor',
  id: 'floor',
  vendor: 'openai',
  covers: [{ kind: 'provider', provider: 'openai', model: null }],
  fromMs: day('2026-01-01'),
  untilMs: day('2027-01-01'),
  timeZone: 'UTC',
  discount: parseRatio('0'),
  unit: 'usdPerMinute',
  quantityNanoUsd: nanoUsd(2_000_000_000n),
  unitMs: 60_000,
  intervalMs: 60_000,
  meters: [],
  fee: null,
  ...changes,
});

/** One contract as it stands in the file. */
export const written = (contract: object): Contract => {
  const [read] = contractsSchema.parse([
    { id: 'one', vendor: 'vendor', covers: [{ provider: 'p' }], period: ['2026-01-01', '2027-01-01'], ...contract },
  ]);
  if (read === undefined) throw new Error('no contract');
  return contractOf(read);
};

export const writtenPool = (contract: object): PoolContract => {
  const read = written({ kind: 'pool', ...contract });
  if (read.kind !== 'pool') throw new Error(read.kind);
  return read;
};

export const writtenFloor = (contract: object): FloorContract => {
  const read = written({ kind: 'floor', ...contract });
  if (read.kind !== 'floor') throw new Error(read.kind);
  return read;
};

/** Use of one interval; tokens by bucket. */
export const useOf = (usd: number, usage: Readonly<Record<string, number>> = {}): IntervalUse => ({
  amountNanoUsd: nanoUsd(BigInt(Math.round(usd * 1e9))),
  usage: Object.fromEntries(Object.entries(usage).map(([bucket, units]) => [bucket, BigInt(units)])),
});

/** Normal numbers, the same from the same seed (mulberry32, Box and Muller). */
export const seededNormal = (seed: number): (() => number) => {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
};
