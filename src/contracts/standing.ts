import type { NanoUsd } from '../kernel/index.ts';
import { assert, nanoUsd } from '../kernel/index.ts';
import type { Contract, FloorContract, PoolContract, SlotContract } from './Contract.ts';
import { feeBetween, reservedSince } from './feeBetween.ts';
import { countedScale, meterCapacity, noFloorUse, type FloorUse } from './floorUse.ts';
import { fulfilmentWindow, fulfilmentWindows } from './fulfilmentWindow.ts';
import { proportion } from './proportion.ts';
import { poolSettler, type TrueUp } from './poolSettler.ts';
import { countedElsewhere } from './countedElsewhere.ts';

/** Whether a contract has begun, is in force, or is over. */
export type ContractPhase = 'future' | 'open' | 'ended';

interface StandingTerms {
  readonly id: string;
  readonly vendor: string;
  readonly phase: ContractPhase;
  /** The window that the figures are for; Unix milliseconds. */
  readonly windowFromMs: number;
  readonly windowUntilMs: number;
  /** Share of the window that has passed, 0 to 1; for display only. */
  readonly elapsedShare: number;
}

export interface PoolStanding extends StandingTerms {
  readonly kind: 'pool';
  /** For the whole period. */
  readonly committedNanoUsd: NanoUsd;
  /** To be spent within the window. */
  readonly dueNanoUsd: NanoUsd;
  /** Spent within the window, fees and what was spent elsewhere included. */
  readonly drawnNanoUsd: NanoUsd;
  /** Of that, what the contract says was spent elsewhere and counts. */
  readonly elsewhereNanoUsd: NanoUsd;
  /** What counts within the window of what was spent beyond what was due before. */
  readonly creditedNanoUsd: NanoUsd;
  /** What was missing before, is not owed yet, and must be spent beyond what is due now. */
  readonly carriedNanoUsd: NanoUsd;
  /** To be spent for what is due within the window. */
  readonly remainingNanoUsd: NanoUsd;
  /** What would have been spent by now, had it been spent evenly over the window. */
  readonly expectedNanoUsd: NanoUsd;
  /** What would be owed beyond the use, if the window ended now. */
  readonly shortfallNanoUsd: NanoUsd;
  /** True-ups that are over, and what each of them cost beyond the use; empty where it is not told what was spent before. */
  readonly settled: readonly TrueUp[];
}

/** How full a meter of a floor was since the start. Tokens are as the vendor counts them. */
export interface MeterStanding {
  readonly name: string;
  /** Tokens that were paid for so far. */
  readonly capacityTokens: number;
  readonly withinTokens: number;
  /** Tokens beyond what was paid for, at the moments when they came. */
  readonly spilledTokens: number;
  /** Share of what was paid for that nobody used, 0 to 1; null before the start. */
  readonly unusedShare: number | null;
}

export interface FloorStanding extends StandingTerms {
  readonly kind: 'floor';
  /** Use paid for so far, at list prices; 0 where it is counted by meters. */
  readonly reservedNanoUsd: NanoUsd;
  /** Use so far that the floor took. */
  readonly drawnNanoUsd: NanoUsd;
  /** Use that went beyond the floor, at the prices it was booked at. */
  readonly spilledNanoUsd: NanoUsd;
  /** Paid for and not used, at list prices; 0 where it is counted by meters. */
  readonly unusedNanoUsd: NanoUsd;
  /** Share of what was paid for that nobody used: of several meters, of the fullest; null before the start. */
  readonly unusedShare: number | null;
  readonly meters: readonly MeterStanding[];
  readonly feeNanoUsd: NanoUsd;
}

export interface SlotStanding extends StandingTerms {
  readonly kind: 'slot';
  readonly accelerator: string;
  readonly count: number;
  /** Accelerator-hours reserved so far, and over the whole period. */
  readonly reservedHours: number;
  readonly committedHours: number;
  /** Accelerator-hours that jobs drew of those reserved so far. What nobody drew is gone. */
  readonly drawnHours: number;
  /** Accelerator-hours that can still be drawn: those to come. */
  readonly remainingHours: number;
  readonly drawnNanoUsd: NanoUsd;
  readonly feeNanoUsd: NanoUsd;
}

/** Where a contract stands, for people and for pacing. */
export type ContractStanding = PoolStanding | FloorStanding | SlotStanding;

/** What the ledger knows of a contract. */
export interface Drawdown {
  /** Spent on what it covers: within the current true-up interval for a pool, since the start for others. Of a floor only what it took. */
  readonly drawnNanoUsd: NanoUsd;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Fees of floors and slots that count towards a pool (`feesTowards`), within the same interval. */
  readonly feesNanoUsd?: NanoUsd;
  /** Spent in each earlier true-up interval of a pool, with such fees; absent: as much as was due. */
  readonly earlierNanoUsd?: readonly NanoUsd[];
  /** What a floor took since its start, by its intervals; absent: the amount alone is known. */
  readonly floorUse?: FloorUse;
  /** Accelerator-seconds that jobs drew of a slot since its start; absent for none. */
  readonly acceleratorSeconds?: bigint;
}

const phaseOf = (contract: Contract, nowMs: number): ContractPhase => {
  if (nowMs < contract.fromMs) return 'future';
  return nowMs < contract.untilMs ? 'open' : 'ended';
};

const termsOf = (contract: Contract, nowMs: number, fromMs: number, untilMs: number): StandingTerms => ({
  id: contract.id,
  vendor: contract.vendor,
  phase: phaseOf(contract, nowMs),
  windowFromMs: fromMs,
  windowUntilMs: untilMs,
  elapsedShare: Math.min(1, Math.max(0, (nowMs - fromMs) / (untilMs - fromMs))),
});

const atLeastZero = (amount: bigint): NanoUsd => nanoUsd(amount > 0n ? amount : 0n);

/** What counts as spent in each true-up interval until now: records and fees as told, and what was spent elsewhere. */
const spentByInterval = (pool: PoolContract, drawdown: Drawdown): readonly NanoUsd[] => {
  const windows = fulfilmentWindows(pool);
  const { index } = fulfilmentWindow(pool, drawdown.nowMs);
  return windows.slice(0, index + 1).map((window) => {
    const counted = countedElsewhere(pool, window, drawdown.nowMs);
    if (window.index === index) return nanoUsd(drawdown.drawnNanoUsd + (drawdown.feesNanoUsd ?? 0n) + counted);
    const told = drawdown.earlierNanoUsd?.[window.index];
    return told === undefined ? window.dueNanoUsd : nanoUsd(told + counted);
  });
};

/** Every true-up interval that has begun, settled as if the last of them ended now. */
export const trueUpsOf = (pool: PoolContract, drawdown: Drawdown): readonly TrueUp[] =>
  poolSettler(pool)(spentByInterval(pool, drawdown));

const poolStanding = (pool: PoolContract, drawdown: Drawdown): PoolStanding => {
  const trueUps = trueUpsOf(pool, drawdown);
  const current = trueUps.at(-1);
  assert(current, 'a pool has at least one interval');
  const elapsedMs = Math.min(drawdown.nowMs, current.untilMs) - current.fromMs;
  return {
    ...termsOf(pool, drawdown.nowMs, current.fromMs, current.untilMs),
    kind: 'pool',
    committedNanoUsd: pool.commitmentNanoUsd,
    dueNanoUsd: current.dueNanoUsd,
    drawnNanoUsd: current.spentNanoUsd,
    elsewhereNanoUsd: countedElsewhere(pool, current, drawdown.nowMs),
    creditedNanoUsd: current.creditedNanoUsd,
    carriedNanoUsd: carriedInto(trueUps),
    remainingNanoUsd: atLeastZero(current.dueNanoUsd - current.spentNanoUsd - current.creditedNanoUsd),
    expectedNanoUsd: proportion(current.dueNanoUsd, elapsedMs, current.untilMs - current.fromMs),
    shortfallNanoUsd: current.shortfallNanoUsd,
    settled: drawdown.earlierNanoUsd === undefined ? [] : trueUps.slice(0, -1),
  };
};

/** What was open at the last true-up and has not been spent since. */
const carriedInto = (trueUps: readonly TrueUp[]): NanoUsd => {
  const [before, current] = [trueUps.at(-2), trueUps.at(-1)];
  if (before === undefined || current === undefined) return nanoUsd(0n);
  const beyond = atLeastZero(current.spentNanoUsd - current.dueNanoUsd);
  return atLeastZero(before.openNanoUsd - beyond);
};

/** Share of an amount that is left, 0 to 1; null of nothing. */
const unusedOf = (capacity: bigint, used: bigint): number | null =>
  capacity > 0n ? Math.max(0, Number(capacity - used) / Number(capacity)) : null;

const meterStandings = (floor: FloorContract, use: FloorUse, nowMs: number): readonly MeterStanding[] => {
  const elapsedMs = Math.min(nowMs, floor.untilMs) - floor.fromMs;
  return floor.meters.map((meter, index) => {
    const scale = Number(countedScale(meter));
    const capacity = meterCapacity(floor, meter, elapsedMs);
    const { within = 0n, spilled = 0n } = use.meters[index] ?? {};
    return {
      name: meter.name,
      capacityTokens: Number(capacity) / scale,
      withinTokens: Number(within) / scale,
      spilledTokens: Number(spilled) / scale,
      unusedShare: unusedOf(capacity, within),
    };
  });
};

const floorStanding = (floor: FloorContract, { nowMs, drawnNanoUsd, floorUse }: Drawdown): FloorStanding => {
  const reserved = reservedSince(floor, nowMs);
  const meters = meterStandings(floor, floorUse ?? noFloorUse(floor), nowMs);
  const shares = meters.flatMap(({ unusedShare }) => (unusedShare === null ? [] : [unusedShare]));
  return {
    ...termsOf(floor, nowMs, floor.fromMs, floor.untilMs),
    kind: 'floor',
    reservedNanoUsd: reserved,
    drawnNanoUsd,
    spilledNanoUsd: floorUse?.spilledNanoUsd ?? nanoUsd(0n),
    unusedNanoUsd: atLeastZero(reserved - drawnNanoUsd),
    unusedShare:
      meters.length === 0 ? unusedOf(reserved, drawnNanoUsd) : shares.length === 0 ? null : Math.min(...shares),
    meters,
    feeNanoUsd: feeBetween(floor, floor.fromMs, nowMs),
  };
};

const slotStanding = (slot: SlotContract, drawdown: Drawdown): SlotStanding => {
  const { nowMs, drawnNanoUsd, acceleratorSeconds = 0n } = drawdown;
  const hoursUntil = (atMs: number): number => (slot.count * (atMs - slot.fromMs)) / 3_600_000;
  const reservedHours = hoursUntil(Math.min(Math.max(nowMs, slot.fromMs), slot.untilMs));
  const committedHours = hoursUntil(slot.untilMs);
  return {
    ...termsOf(slot, nowMs, slot.fromMs, slot.untilMs),
    kind: 'slot',
    accelerator: slot.accelerator,
    count: slot.count,
    reservedHours,
    committedHours,
    drawnHours: Number(acceleratorSeconds) / 3_600,
    remainingHours: committedHours - reservedHours,
    drawnNanoUsd,
    feeNanoUsd: feeBetween(slot, slot.fromMs, nowMs),
  };
};

/** Where a contract stands at an instant. */
export const standing = (contract: Contract, drawdown: Drawdown): ContractStanding => {
  switch (contract.kind) {
    case 'pool':
      return poolStanding(contract, drawdown);
    case 'floor':
      return floorStanding(contract, drawdown);
    case 'slot':
      return slotStanding(contract, drawdown);
  }
};
