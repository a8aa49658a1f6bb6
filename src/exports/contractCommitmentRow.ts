import {
  countedScale,
  discountText,
  fulfilmentWindow,
  fulfilmentWindows,
  meterCapacity,
  type Contract,
  type FloorContract,
  type FloorMeter,
} from '../contracts/index.ts';
import { common, type Stretch } from './chargePeriod.ts';
import { decimalText, usdText } from './decimalText.ts';
import type { ContractCommitmentRow } from './focusColumns.ts';
import { currency, instantText, type AppliedTo } from './usageRow.ts';

const commonColumns = (contract: Contract): ContractCommitmentRow => ({
  BillingCurrency: currency,
  ContractId: contract.id,
  ContractPeriodStart: instantText(contract.fromMs),
  ContractPeriodEnd: instantText(contract.untilMs),
  ContractCommitmentPeriodStart: instantText(contract.fromMs),
  ContractCommitmentPeriodEnd: instantText(contract.untilMs),
  x_DiscountPercentage: percentText(discountText(contract)),
  x_ProviderName: contract.vendor,
});

/** "0.22" as percent: "22". */
const percentText = (fraction: string): string => {
  const [whole = '0', places = ''] = fraction.split('.');
  return decimalText(BigInt(`${whole}${places.padEnd(2, '0')}`), Math.max(0, places.length - 2));
};

/** Which of a contract's commitments holds at an instant: of a pool, its true-up. */
export const commitmentIdAt = (contract: Contract, atMs: number): string => {
  if (contract.kind !== 'pool') return contract.id;
  const isOne = fulfilmentWindow(contract, contract.untilMs).index === 0;
  return isOne ? contract.id : `${contract.id}/${fulfilmentWindow(contract, atMs).index + 1}`;
};

/** A contract, and which of its commitments holds at an instant. */
export const appliedAt = (contract: Contract, atMs: number): AppliedTo => ({
  contractId: contract.id,
  commitmentId: commitmentIdAt(contract, atMs),
});

const unitWords: Readonly<Record<number, string>> = { 1_000: 'second', 60_000: 'minute', 3_600_000: 'hour' };

/** A floor of dollars by its spend, one of tokens by what each of its meters can take, each for one unit of its time. */
const floorRows = (floor: FloorContract): readonly ContractCommitmentRow[] => {
  const common = {
    ...commonColumns(floor),
    ContractCommitmentId: floor.id,
    ContractCommitmentType: 'Reserved Throughput',
    x_Model: 'Continuous',
  };
  const each = `each ${unitWords[floor.unitMs] ?? `${floor.unitMs} ms`}`;
  const [meter] = floor.meters;
  if (meter === undefined)
    return [
      {
        ...common,
        ContractCommitmentCategory: 'Spend',
        ContractCommitmentCost: usdText(floor.quantityNanoUsd),
        ContractCommitmentDescription: `Use at list prices that ${each} pays for`,
      },
    ];
  return [
    {
      ...common,
      ContractCommitmentCategory: 'Usage',
      ContractCommitmentDescription: `Tokens, as the contract counts them, that ${each} can take: ${floor.meters
        .map((one) => `${one.name} ${capacityText(floor, one)}`)
        .join(', ')}`,
      ContractCommitmentQuantity: capacityText(floor, meter),
      ContractCommitmentUnit: 'Tokens',
    },
  ];
};

/** Whole tokens that a meter can take in one unit of time. */
const capacityText = (floor: FloorContract, meter: FloorMeter): string =>
  (meterCapacity(floor, meter, floor.unitMs) / countedScale(meter)).toString();

/** What of a contract holds within a stretch, as a Contract Commitment dataset tells it: a pool by its true-ups, anything else by one row. */
export const contractCommitmentRows = (contract: Contract, stretch: Stretch): readonly ContractCommitmentRow[] => {
  if (!common(contract, stretch)) return [];
  switch (contract.kind) {
    case 'pool': {
      const windows = fulfilmentWindows(contract).filter((window) => common(window, stretch));
      return windows.map((window) => ({
        ...commonColumns(contract),
        ContractCommitmentCategory: 'Spend',
        ContractCommitmentCost: usdText(window.dueNanoUsd),
        ContractCommitmentDescription: `To be spent with ${contract.vendor} until the true-up`,
        ContractCommitmentId: commitmentIdAt(contract, window.fromMs),
        ContractCommitmentPeriodStart: instantText(window.fromMs),
        ContractCommitmentPeriodEnd: instantText(window.untilMs),
        ContractCommitmentType: 'Spend Pool',
        x_Model: 'Discontinuous',
      }));
    }
    case 'floor':
      return floorRows(contract);
    case 'slot':
      return [
        {
          ...commonColumns(contract),
          ContractCommitmentCategory: 'Usage',
          ContractCommitmentDescription: `${contract.count} x ${contract.accelerator}`,
          ContractCommitmentId: contract.id,
          ContractCommitmentQuantity: (
            (BigInt(contract.count) * BigInt(contract.untilMs - contract.fromMs)) /
            1_000n
          ).toString(),
          ContractCommitmentType: 'Reserved Capacity',
          ContractCommitmentUnit: 'Accelerator-Seconds',
          x_Model: 'Continuous',
        },
      ];
  }
};
