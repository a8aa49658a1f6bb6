// Figures as people read them. Shares that are promised are rounded against the promise.

const thin = '\u00a0';

const grouped = (value: number, decimals: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

const steps = [
  { from: 1e12, name: 'tn' },
  { from: 1e9, name: 'bn' },
  { from: 1e6, name: 'M' },
] as const;

/** So many figures at least, of an amount from 1 to below 1,000. */
const threeFigures = (value: number): string => {
  const magnitude = Math.abs(value);
  return grouped(value, magnitude < 10 ? 2 : magnitude < 100 ? 1 : 0);
};

/** An amount without its currency: "3.14 M", "412,300", "12.50". */
export const amountText = (amount: number): string => {
  const magnitude = Math.abs(amount);
  // What rounds up to a million is told as one.
  const step = steps.find(({ from }) => magnitude >= from * 0.9995);
  if (step !== undefined) return `${threeFigures(amount / step.from)}${thin}${step.name}`;
  return grouped(amount, magnitude < 100 && !Number.isInteger(amount) ? 2 : 0);
};

/** An amount with its currency: "USD 3.14 M". */
export type MoneyWriter = (amount: number) => string;

export const moneyWriter =
  (currency: string): MoneyWriter =>
  (amount) =>
    `${currency}${thin}${amountText(amount)}`;

/** Writes the figures along an axis: all in one unit, with as many decimals as tell them apart. */
export type AxisWriter = (ticks: readonly number[]) => MoneyWriter;

export const moneyAxis =
  (currency: string): AxisWriter =>
  (ticks) => {
    const most = Math.max(...ticks.map(Math.abs));
    const step = steps.find(({ from }) => most >= from);
    const unit = step?.from ?? 1;
    const distances = ticks.flatMap((tick, index) =>
      index === 0 ? [] : Math.abs(tick - (ticks[index - 1] ?? 0)) / unit,
    );
    const least = Math.min(...distances);
    const decimals = least > 0 && least < Infinity ? decimalsThatTell(least) : 0;
    return (tick) =>
      `${currency}${thin}${grouped(tick / unit, tick === 0 ? 0 : decimals)}${step === undefined || tick === 0 ? '' : thin + step.name}`;
  };

/** Most decimals of a figure on an axis. */
const axisDecimalsMax = 6;

/** Decimals in which a step of an axis is whole: 2 for 0.25, none for 20. */
const decimalsThatTell = (step: number): number => {
  for (let decimals = 0; decimals < axisDecimalsMax; decimals += 1) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return axisDecimalsMax;
};

/** What a float may be off from the share that it stands for. */
const slack = 1e-9;

/** Decimals of a percentage that has two figures at least: 0.94, 9.4, 94. */
const decimalsOf = (percent: number): number => {
  const magnitude = Math.abs(percent);
  if (magnitude === 0 || magnitude >= 10) return magnitude % 1 === 0 ? 0 : 1;
  return magnitude >= 1 ? 1 : Math.min(6, 1 - Math.floor(Math.log10(magnitude)));
};

const rounded = (share: number, round: (value: number) => number): string => {
  const percent = share * 100;
  const scale = 10 ** decimalsOf(percent);
  return `${Number((round(percent * scale) / scale).toFixed(6))}${thin}%`;
};

/** A share as a percentage: "45 %", "0.94 %". */
export const percentText = (share: number): string => rounded(share, Math.round);

/** A share that is at most this: never rounded down. */
export const percentAtMost = (share: number): string => rounded(share, (value) => Math.ceil(value - slack * 1e2));

/** A share that is at least this: never rounded up. */
export const percentAtLeast = (share: number): string => rounded(share, (value) => Math.floor(value + slack * 1e2));

/** "a, b and c". */
export const listText = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

/** "1 contract", "3 contracts". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
