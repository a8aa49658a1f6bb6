import type { NanoUsd } from '../kernel/index.ts';
import { nanoUsd, scaleUsd } from '../kernel/index.ts';
import type { Contract, FloorContract, PoolContract, SlotContract } from './Contract.ts';
import { feeBetween, proportion, reservedSince } from './feeBetween.ts';
import { fulfilmentWindow } from './fulfilmentWindow.ts';

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
  /** Spent within the window, fees that count towards it included. */
  readonly drawnNanoUsd: NanoUsd;
  readonly remainingNanoUsd: NanoUsd;
  /** What would have been spent by now, had it been spent evenly over the window. */
  readonly expectedNanoUsd: NanoUsd;
  /** What would be owed beyond the use, if the window ended now. */
  readonly shortfallNanoUsd: NanoUsd;
}

export interface FloorStanding extends StandingTerms {
  readonly kind: 'floor';
  /** Use paid for so far, at list prices. */
  readonly reservedNanoUsd: NanoUsd;
  /** Use so far of what the floor covers, at list prices. */
  readonly drawnNanoUsd: NanoUsd;
  /** Paid for and not used: at least this much, since a busy minute does not make up for an idle one. */
  readonly unusedNanoUsd: NanoUsd;
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
  /** Spent on what it covers: within the current true-up interval for a pool, since the start for others. */
  readonly drawnNanoUsd: NanoUsd;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Fees of floors and slots that count towards a pool (`feesTowards`), within the same interval. */
  readonly feesNanoUsd?: NanoUsd;
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

const poolStanding = (pool: PoolContract, drawdown: Drawdown): PoolStanding => {
  const window = fulfilmentWindow(pool, drawdown.nowMs);
  const elapsedMs = Math.min(drawdown.nowMs, window.untilMs) - window.fromMs;
  const drawn = nanoUsd(drawdown.drawnNanoUsd + (drawdown.feesNanoUsd ?? 0n));
  const remaining = atLeastZero(window.dueNanoUsd - drawn);
  return {
    ...termsOf(pool, drawdown.nowMs, window.fromMs, window.untilMs),
    kind: 'pool',
    committedNanoUsd: pool.commitmentNanoUsd,
    dueNanoUsd: window.dueNanoUsd,
    drawnNanoUsd: drawn,
    remainingNanoUsd: remaining,
    expectedNanoUsd: proportion(window.dueNanoUsd, elapsedMs, window.untilMs - window.fromMs),
    shortfallNanoUsd: scaleUsd(remaining, pool.shortfallRate),
  };
};

const floorStanding = (floor: FloorContract, { nowMs, drawnNanoUsd }: Drawdown): FloorStanding => {
  const reserved = reservedSince(floor, nowMs);
  return {
    ...termsOf(floor, nowMs, floor.fromMs, floor.untilMs),
    kind: 'floor',
    reservedNanoUsd: reserved,
    drawnNanoUsd,
    unusedNanoUsd: atLeastZero(reserved - drawnNanoUsd),
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
