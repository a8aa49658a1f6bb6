import { parseRatio } from '../../kernel/index.ts';
import type { Ratio } from '../../kernel/index.ts';
import { formatFault } from '../../config/index.ts';
import { readPortfolio, starterPortfolio } from '../../planner/index.ts';
import { exitCodes, textOption, UsageError, type Command, type OptionValues } from '../Command.ts';

/** A decimal of an option. @throws UsageError when it is none. */
const decimalOption = (options: OptionValues, name: string, otherwise: string): Ratio => {
  const text = textOption(options, name) ?? otherwise;
  if (!/^-?\d{1,15}(?:\.\d{1,9})?$/.test(text)) throw new UsageError(`--${name} takes a plain decimal, not ${text}`);
  return parseRatio(text);
};

/** First of the month after this one. */
const nextMonth = (now: Date): string =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)).toISOString().slice(0, 10);

const yearsOption = (options: OptionValues): number => {
  const text = textOption(options, 'years') ?? '2';
  if (!/^(?:[1-9]|1\d|20)$/.test(text)) throw new UsageError(`--years takes a whole number from 1 to 20, not ${text}`);
  return Number(text);
};

export const planInit: Command = {
  name: 'plan init',
  summary: 'Write a portfolio file to begin with',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: {
    vendors: { type: 'string' },
    monthly: { type: 'string' },
    growth: { type: 'string' },
    currency: { type: 'string' },
    from: { type: 'string' },
    years: { type: 'string' },
  },
  optionHelp: {
    vendors: 'names of vendors, the one that is used now first: a,b',
    monthly: 'what is spent a month now',
    growth: 'growth in a year: 0.5 for half more (default 0)',
    currency: 'three letters (default USD)',
    from: 'first day that is planned, the first of a month (default the next one)',
    years: 'how many years are planned (default 2)',
  },
  run: async ({ options, terminal }) => {
    const vendors = (textOption(options, 'vendors') ?? '').split(',').flatMap((name) => name.trim() || []);
    if (vendors.length === 0) throw new UsageError('--vendors takes names, such as a,b');
    if (textOption(options, 'monthly') === undefined) throw new UsageError('--monthly takes what is spent a month now');
    const text = starterPortfolio({
      vendors: [...new Set(vendors)],
      monthly: decimalOption(options, 'monthly', '0'),
      growth: decimalOption(options, 'growth', '0'),
      currency: textOption(options, 'currency') ?? 'USD',
      from: textOption(options, 'from') ?? nextMonth(new Date()),
      years: yearsOption(options),
    });
    // What is written must be readable: an answer that fits nowhere is told in the words of the file.
    const reading = readPortfolio(text, 'portfolio.yaml');
    if (!reading.ok) throw new UsageError(reading.fault.map(formatFault).join('\n'));
    terminal.out(options['json'] === true ? `${JSON.stringify({ portfolio: text })}\n` : text);
    return Promise.resolve(exitCodes.ok);
  },
};
