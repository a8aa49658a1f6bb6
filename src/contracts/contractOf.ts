import { nanoUsd, startOfDayMs, zeroUsd, type NanoUsd, type Ratio } from '../kernel/index.ts';
import { burndownOf } from './burndown.ts';
import type { Contract, ContractFee, ContractTerms, FloorContract, FloorMeter } from './Contract.ts';
import { floorUnits } from './floorUnits.ts';
import type { ContractConfiguration, WrittenFloor } from './schema.ts';

type ConfiguredFee = Extract<ContractConfiguration, { kind: 'slot' }>['fee'];

const feeOf = (fee: ConfiguredFee): ContractFee | null => fee && { amountNanoUsd: fee.usd, per: fee.per };

const one: Ratio = { numerator: 1n, denominator: 1n };

const metersOf = ({ unit, quantity, tokensPerUnit, burndown, meters }: WrittenFloor): readonly FloorMeter[] => {
  const written = quantity === null ? meters : [{ name: 'tokens', quantity, burndown }];
  return floorUnits[unit].counts === 'dollars'
    ? []
    : written.map((meter) => ({
        name: meter.name,
        quantity: meter.quantity,
        tokensPerUnit: tokensPerUnit ?? one,
        burndown: burndownOf(meter.burndown),
      }));
};

const dollarsOf = ({ unit, quantity }: WrittenFloor): NanoUsd =>
  quantity === null || floorUnits[unit].counts !== 'dollars'
    ? zeroUsd
    : nanoUsd((quantity.numerator * 1_000_000_000n) / quantity.denominator);

const floorTerms = (written: WrittenFloor): Omit<FloorContract, keyof ContractTerms> => {
  const { unitMs } = floorUnits[written.unit];
  return {
    kind: 'floor',
    unit: written.unit,
    quantityNanoUsd: dollarsOf(written),
    unitMs,
    intervalMs: written.intervalSeconds === null ? unitMs : written.intervalSeconds * 1_000,
    meters: metersOf(written),
    fee: feeOf(written.fee),
  };
};

/** A contract of the file with its days turned into instants. */
export const contractOf = (written: ContractConfiguration): Contract => {
  const terms = {
    id: written.id,
    vendor: written.vendor,
    covers: written.covers,
    fromMs: startOfDayMs(written.period.from, written.timeZone),
    untilMs: startOfDayMs(written.period.until, written.timeZone),
    timeZone: written.timeZone,
    discount: written.discount,
  };
  switch (written.kind) {
    case 'pool':
      return {
        ...terms,
        kind: 'pool',
        commitmentNanoUsd: written.usd,
        fulfilment: written.fulfil,
        ramp: written.ramp,
        milestones: written.milestones.map(({ by, usd }) => ({
          byMs: startOfDayMs(by, written.timeZone),
          spentNanoUsd: usd,
        })),
        shortfallRate: written.shortfall.rate,
        shortfallGrace: written.shortfall.grace,
        rollover: written.rollover,
        carryForward: written.carryForward,
        elsewhere: written.elsewhere.map(({ product, usd, period }) => ({
          product,
          amountNanoUsd: usd,
          fromMs: startOfDayMs(period.from, written.timeZone),
          untilMs: startOfDayMs(period.until, written.timeZone),
        })),
      };
    case 'floor':
      return { ...terms, ...floorTerms(written) };
    case 'slot':
      return {
        ...terms,
        kind: 'slot',
        accelerator: written.accelerator,
        count: written.count,
        fee: feeOf(written.fee),
      };
  }
};
