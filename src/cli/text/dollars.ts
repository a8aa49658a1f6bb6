import { formatUsd, parseNanoUsd } from '../../kernel/index.ts';

const thousandNanoUsd = 1_000_000_000_000n;
const hundredNanoUsd = 100_000_000_000n;

/** Decimals that an amount deserves: cents of a cent below a hundred dollars, none from a thousand on. */
const digitsOf = (magnitude: bigint): number => {
  if (magnitude >= thousandNanoUsd) return 0;
  return magnitude >= hundredNanoUsd ? 2 : 4;
};

/** Nano-USD of the API as dollars for people. */
export const dollars = (nanoUsdText: unknown): string => {
  if (typeof nanoUsdText !== 'string') return '-';
  const amount: bigint = parseNanoUsd(nanoUsdText);
  return `$${formatUsd(amount, digitsOf(amount < 0n ? -amount : amount))}`;
};
