// Figures, dates and lists as people read them. Shares that are promised are rounded against the promise.
import type { Language } from './Language.ts';

const fixedSpace = '\u00a0';

export type AmountWriter = (amount: number) => string;

/** Writes the figures along an axis: all in one unit, with as many decimals as tell them apart. */
export type AxisWriter = (ticks: readonly number[]) => AmountWriter;

/** Figures of one language, amounts in one currency. */
export interface Figures {
  /** "USD 3.14 M", "EUR 412,300", "EUR 12.50". */
  readonly money: AmountWriter;
  /** A difference: "+USD 3.00 M". */
  readonly signedMoney: AmountWriter;
  /** An amount of the file, every decimal of it: "EUR 0.005". */
  readonly exactMoney: (decimal: string) => string;
  readonly moneyAxis: AxisWriter;
  /** The same without a currency: "3.14 M". */
  readonly amount: AmountWriter;
  /** A whole number: "1,000". */
  readonly count: (value: number) => string;
  /** A number with so many decimals. */
  readonly fixed: (value: number, decimals: number) => string;
  /** A share: "45 %", "0.94 %". */
  readonly percent: (share: number) => string;
  /** A share that is at most this: never rounded down. */
  readonly percentAtMost: (share: number) => string;
  /** A share that is at least this: never rounded up. */
  readonly percentAtLeast: (share: number) => string;
  /** A day: "1 Jan 2027". */
  readonly date: (day: string) => string;
  /** "a, b and c". */
  readonly list: (items: readonly string[]) => string;
  /** "a, b or c". */
  readonly alternatives: (items: readonly string[]) => string;
}

interface Manner {
  readonly locale: string;
  /** Names of large units, the largest first. */
  readonly steps: readonly { readonly from: number; readonly unit: number; readonly name: string }[];
  readonly withCurrency: (amount: string, currency: string) => string;
  readonly firstOfMonth: string;
}

const manners: Readonly<Record<Language, Manner>> = {
  en: {
    locale: 'en-GB',
    // Thousands of billions are told so, that they can be compared with billions beside them.
    steps: [
      { from: 1e13, unit: 1e12, name: 'tn' },
      { from: 1e9, unit: 1e9, name: 'bn' },
      { from: 1e6, unit: 1e6, name: 'M' },
    ],
    withCurrency: (amount, currency) => `${currency}${fixedSpace}${amount}`,
    firstOfMonth: '1',
  },
  fr: {
    locale: 'fr-FR',
    steps: [
      { from: 1e9, unit: 1e9, name: 'Md' },
      { from: 1e6, unit: 1e6, name: 'M' },
    ],
    withCurrency: (amount, currency) => `${amount}${fixedSpace}${currency}`,
    firstOfMonth: '1er',
  },
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

/** What a float may be off from the percentage that it stands for. */
const slack = 1e-7;

/** Decimals of a percentage that has two figures at least: 0.94, 9.4, 94. */
const percentDecimals = (percent: number): number => {
  const magnitude = Math.abs(percent);
  if (magnitude === 0 || magnitude >= 10) return magnitude % 1 === 0 ? 0 : 1;
  return magnitude >= 1 ? 1 : Math.min(6, 1 - Math.floor(Math.log10(magnitude)));
};

/** So many figures at least, of an amount from 1 on. */
const amountDecimals = (magnitude: number): number => (magnitude < 10 ? 2 : magnitude < 100 ? 1 : 0);

/** Below this an amount reads as nothing. */
const amountMin = 0.005;

/** @param currency Name of the currency, as it stands in the file. */
export const figuresOf = (language: Language, currency: string): Figures => {
  const { locale, steps, withCurrency, firstOfMonth } = manners[language];
  const fixed = (value: number, decimals: number): string =>
    value.toLocaleString(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const amount = (value: number): string => {
    const magnitude = Math.abs(value);
    if (magnitude < amountMin) return fixed(0, 0);
    // What rounds up to a million is told as one.
    const step = steps.find(({ from }) => magnitude >= from * 0.9995);
    if (step === undefined) return fixed(value, magnitude < 100 && !Number.isInteger(value) ? 2 : 0);
    const told = value / step.unit;
    return `${fixed(told, amountDecimals(Math.abs(told)))}${fixedSpace}${step.name}`;
  };
  const money = (value: number): string => withCurrency(amount(value), currency);
  const rounded = (share: number, round: (value: number) => number): string => {
    const percent = share * 100;
    const scale = 10 ** percentDecimals(percent);
    const told = Number((round(percent * scale) / scale).toFixed(6));
    return `${told.toLocaleString(locale, { maximumFractionDigits: 6 })}${fixedSpace}%`;
  };
  const days = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  const conjunction = new Intl.ListFormat(locale, { type: 'conjunction' });
  const disjunction = new Intl.ListFormat(locale, { type: 'disjunction' });
  return {
    money,
    signedMoney: (value) => `${value < 0 ? '−' : '+'}${money(Math.abs(value))}`,
    exactMoney: (decimal) =>
      withCurrency(Number(decimal).toLocaleString(locale, { maximumFractionDigits: 9 }), currency),
    moneyAxis: (ticks) => {
      const most = Math.max(...ticks.map(Math.abs));
      const step = steps.find(({ from }) => most >= from);
      const unit = step?.unit ?? 1;
      const distances = ticks.flatMap((tick, index) =>
        index === 0 ? [] : Math.abs(tick - (ticks[index - 1] ?? 0)) / unit,
      );
      const least = Math.min(...distances);
      const decimals = least > 0 && least < Infinity ? decimalsThatTell(least) : 0;
      return (tick) => {
        const isBare = tick === 0 || step === undefined;
        const told = fixed(tick / unit, tick === 0 ? 0 : decimals);
        return withCurrency(isBare ? told : `${told}${fixedSpace}${step.name}`, currency);
      };
    },
    amount,
    count: (value) => fixed(value, 0),
    fixed,
    percent: (share) => rounded(share, Math.round),
    percentAtMost: (share) => rounded(share, (value) => Math.ceil(value - slack)),
    percentAtLeast: (share) => rounded(share, (value) => Math.floor(value + slack)),
    date: (day) =>
      days
        .formatToParts(new Date(`${day.slice(0, 10)}T00:00:00Z`))
        .map(({ type, value }) => (type === 'day' && value === '1' ? firstOfMonth : value))
        .join(''),
    list: (items) => conjunction.format(items),
    alternatives: (items) => disjunction.format(items),
  };
};
