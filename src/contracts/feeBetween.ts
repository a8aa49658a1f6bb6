import type { NanoUsd } from '../kernel/index.ts';
import { nanoUsd, sumUsd } from '../kernel/index.ts';
import type { Contract, ContractFee, FloorContract, PoolContract, SlotContract } from './Contract.ts';
import { coversCover } from './contractFor.ts';
import { fulfilmentWindowsMax, monthsAfterStartMs } from './fulfilmentWindow.ts';
import { proportion } from './proportion.ts';

const hourMs = 3_600_000;

const within = (contract: Contract, atMs: number): number =>
  Math.min(Math.max(atMs, contract.fromMs), contract.untilMs);

/** Monthly fees from the start of the contract until an instant: whole months, and the part of the last one that has passed. */
const monthlySince = (contract: Contract, fee: ContractFee, untilMs: number): NanoUsd => {
  let months = 0;
  while (months < fulfilmentWindowsMax && monthsAfterStartMs(contract, months + 1) <= untilMs) months++;
  const startMs = monthsAfterStartMs(contract, months);
  const part = proportion(fee.amountNanoUsd, untilMs - startMs, monthsAfterStartMs(contract, months + 1) - startMs);
  return nanoUsd(fee.amountNanoUsd * BigInt(months) + part);
};

const since = (contract: Contract, fee: ContractFee, untilMs: number): NanoUsd => {
  const elapsedMs = untilMs - contract.fromMs;
  switch (fee.per) {
    case 'hour':
      return proportion(fee.amountNanoUsd, elapsedMs, hourMs);
    case 'day':
      return proportion(fee.amountNanoUsd, elapsedMs, 24 * hourMs);
    case 'month':
      return monthlySince(contract, fee, untilMs);
    case 'period':
      return proportion(fee.amountNanoUsd, elapsedMs, contract.untilMs - contract.fromMs);
  }
};

/** Use that a floor pays for between its start and an instant, at list prices. */
export const reservedSince = (floor: FloorContract, untilMs: number): NanoUsd =>
  proportion(floor.quantityNanoUsd, within(floor, untilMs) - floor.fromMs, floor.unitMs);

const feeSince = (contract: FloorContract | SlotContract, untilMs: number): NanoUsd => {
  if (contract.fee) return since(contract, contract.fee, within(contract, untilMs));
  return contract.kind === 'floor' ? reservedSince(contract, untilMs) : nanoUsd(0n);
};

/** What a floor or a slot costs between two instants, by the share of time that has passed. Days count 24 hours. */
export const feeBetween = (contract: FloorContract | SlotContract, fromMs: number, untilMs: number): NanoUsd =>
  nanoUsd(feeSince(contract, Math.max(fromMs, untilMs)) - feeSince(contract, fromMs));

/** Whether the fee of a floor or a slot counts towards a pool: where it covers everything of it. */
export const countsTowards = (pool: PoolContract, contract: Contract): boolean =>
  contract.kind !== 'pool' && contract.covers.every((inner) => pool.covers.some((outer) => coversCover(outer, inner)));

/** Fees of floors and slots between two instants that count towards a pool (`countsTowards`). */
export const feesTowards = (
  pool: PoolContract,
  contracts: readonly Contract[],
  fromMs: number,
  untilMs: number,
): NanoUsd =>
  sumUsd(
    contracts.flatMap((contract) =>
      contract.kind !== 'pool' && countsTowards(pool, contract) ? [feeBetween(contract, fromMs, untilMs)] : [],
    ),
  );
