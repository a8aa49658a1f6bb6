import { startOfDayMs } from '../kernel/index.ts';
import type { Contract, ContractFee } from './Contract.ts';
import type { ContractConfiguration } from './schema.ts';

const unitMs = { usdPerMinute: 60_000, usdPerHour: 3_600_000 } as const;

type ConfiguredFee = Extract<ContractConfiguration, { kind: 'slot' }>['fee'];

const feeOf = (fee: ConfiguredFee): ContractFee | null => fee && { amountNanoUsd: fee.usd, per: fee.per };

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
        shortfallRate: written.shortfall.rate,
      };
    case 'floor':
      return {
        ...terms,
        kind: 'floor',
        quantityNanoUsd: written.quantity,
        unitMs: unitMs[written.unit],
        fee: feeOf(written.fee),
      };
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
