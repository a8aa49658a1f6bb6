import type { Ratio } from '../../kernel/index.ts';
import { decimalText, productOf } from './floatOf.ts';

/** What somebody knows who has no portfolio yet. */
export interface StarterAnswers {
  /** Names of vendors, at least one: the first is the one that is used now. */
  readonly vendors: readonly string[];
  readonly currency: string;
  /** What is spent a month now, in that currency. */
  readonly monthly: Ratio;
  /** Growth in a year: 0.5 for half more. */
  readonly growth: Ratio;
  /** First day that is planned: the first of a month. */
  readonly from: string;
  readonly years: number;
}

const one: Ratio = { numerator: 1n, denominator: 1n };
const yearly: Ratio = { numerator: 12n, denominator: 1n };
const half: Ratio = { numerator: 1n, denominator: 2n };

/** A name as it may stand in YAML: in quotes, whatever it looks like. */
const quoted = (name: string): string => JSON.stringify(name);

const vendorLines = (vendors: readonly string[]): string =>
  vendors.map((name) => `  ${quoted(name)}: { host: [], burst: { base: 1 } }\n`).join('');

const sourceLines = (vendors: readonly string[]): string =>
  vendors
    .map((name) => `  - { vendor: ${quoted(name)}, class: assistant, price: { perMTok: "${decimalText(one)}" } }\n`)
    .join('');

const offerLine = ([first = '']: readonly string[], monthly: Ratio): string => {
  const year = productOf(monthly, yearly);
  const sizes = [productOf(year, half), year].map((size) => `"${decimalText(size)}"`).join(', ');
  return `  - { name: commitment, vendor: ${quoted(first)}, kind: pool, sizes: [${sizes}], terms: [12], discount: 0.1 }\n`;
};

/**
 * A portfolio to begin with, commented and valid: spend is told as tokens at a price of 1 for a million, until somebody writes the real ones.
 * @throws Nothing; what the answers must not be (a name that is none, a day within a month) shows when the text is read.
 */
export const starterPortfolio = ({ vendors, currency, monthly, growth, from, years }: StarterAnswers): string =>
  `# What to sign, with whom and for how long. Check it with \`archipel plan check --portfolio FILE\`.
version: 1
currency: ${currency}
horizon: { from: ${from}, periods: ${years} } # years, each with its true-up

vendors: # host: whose machines it runs on; burst.base: 1 if it takes all of your work at once when another is gone
${vendorLines(vendors)}
classes: # million tokens a month, and the growth of a year: 0.5 for half more
  assistant: { demand: { start: "${decimalText(monthly)}", growth: ${decimalText(growth)} } }

sources: # list prices: yours have { inputPerMTok, outputPerMTok }. At a price of 1, tokens are money: that is what "start" above says
${sourceLines(vendors)}
offers: # what you were offered, or could ask for: money of a year, and what it takes off list prices
${offerLine(vendors, monthly)}
policy:
  concentration: {} # such as vendor: 0.7, the most that one vendor may have
${vendors.length > 1 ? '  resilience: { servedShare: 0.9 } # what must still be served when one vendor is gone\n' : ''}`;
