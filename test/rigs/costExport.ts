import { writeFileSync } from 'node:fs';
import type { BillLine } from './rivals.ts';

const decimal = (nanoUsd: bigint): string => {
  const digits = nanoUsd.toString().padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
};

const head = 'ChargePeriodStart,BilledCost,BillingCurrency,ChargeCategory,ConsumedQuantity,ConsumedUnit,SkuMeter';

/** A line of a vendor's bill as an export of costs has it: a row for each direction. */
export const costRows = ({ atMs, model, tokens, nanoUsd }: BillLine): readonly string[] => {
  const { output = 0, reasoning = 0, ...inputs } = tokens;
  const input = Object.values(inputs).reduce((sum, units) => sum + units, 0);
  const row = (cost: string, units: number, side: string): string =>
    `${new Date(atMs).toISOString()},${cost},USD,Usage,${units},Tokens,${model} ${side} Tokens`;
  return [row(decimal(nanoUsd), input, 'Input'), row('0', output + reasoning, 'Output')];
};

/** Writes rows as one bill. */
export const writeCosts = (path: string, rows: readonly string[]): void =>
  writeFileSync(path, [head, ...rows].join('\r\n'));
