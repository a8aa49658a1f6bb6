import { decimalText } from '../portfolio/floatOf.ts';
import { ratioOf } from './readDecimal.ts';
import type { UsageReading } from './UsageLine.ts';

const counted = (count: number, one: string): string =>
  `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`;

/** What became of the rows of an export, in lines: used, left out and why, bad. They add up to all of them. */
export const usageCounts = ({ file, format, rows, leftOut, badRows }: UsageReading): readonly string[] => {
  const aside = leftOut.reduce((sum, some) => sum + some.rows, 0);
  return [
    `${file}: ${format}; ${counted(rows, 'row')}: ${rows - aside - badRows} used, ${aside} left out, ${badRows} bad`,
    ...leftOut.map(
      ({ why, rows: some, cost }) =>
        `  left out: ${counted(some, 'row')}: ${why}${cost === 0n ? '' : ` (cost ${decimalText(ratioOf(cost))})`}`,
    ),
  ];
};
