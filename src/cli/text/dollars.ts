import { formatUsd, parseNanoUsd } from '../../kernel/index.ts';

const thousandNanoUsd = 1_000_000_000_000n;
const hundredNanoUsd = 100_000_000_000n;
const centNanoUsd = 10_000_000n;

/** An amount to the last nano-dollar, without the zeros at its end. */
const exact = (amount: bigint): string => formatUsd(amount, 9).replace(/\.?0+$/, '');

const rounded = (amount: bigint): string => {
  const magnitude = amount < 0n ? -amount : amount;
  if (magnitude < centNanoUsd) return exact(amount);
  if (magnitude >= thousandNanoUsd) return formatUsd(amount, 0);
  return formatUsd(amount, magnitude >= hundredNanoUsd ? 2 : 4);
};

/** An amount as dollars to the last nano-dollar, for whoever holds two against each other. */
export const exactDollars = (amount: bigint): string =>
  `${amount < 0n ? '-' : ''}$${exact(amount < 0n ? -amount : amount)}`;

/** Nano-USD of the API as dollars for people: whole from a thousand on, cents from a hundred on, exact below a cent. */
export const dollars = (nanoUsdText: unknown): string =>
  typeof nanoUsdText === 'string' ? `$${rounded(parseNanoUsd(nanoUsdText))}` : '-';
