import { z } from 'zod';
import type { Ratio } from '../../kernel/index.ts';
import { parseRatio } from '../../kernel/index.ts';
import { decimalField, faultMessage, shareField } from '../../vocabulary/index.ts';
import { floatOf, isOne, isPositive } from './floatOf.ts';

const exactField = (what: string, mend: string) =>
  decimalField(what, mend).transform((written): Ratio => parseRatio(written));

/** An amount of the file's currency, at least 0. */
export const amountField = exactField(
  'an amount of 0 or more',
  'write a plain decimal in quotes, such as "500" or "0.05"',
);

/** An amount above 0. */
export const positiveAmountField = amountField.refine(
  isPositive,
  faultMessage('expected an amount above 0', 'write a plain decimal in quotes, such as "500" or "0.05"'),
);

/** Units of a class, at least 0: demand is never negative. */
export const unitsField = exactField(
  'units of 0 or more (demand is never negative)',
  'write a plain decimal, such as 120 or "0.5"',
);

/** A factor above 0. */
export const factorField = exactField('a factor above 0', 'write a plain decimal, such as 1 or 0.8').refine(
  isPositive,
  faultMessage('expected a factor above 0', 'write a plain decimal, such as 1 or 0.8'),
);

/** Largest spread of a logarithm: a standard deviation of 3 is times 20. */
const spreadMax = 3n;

/** How far something strays, as a share: a standard deviation of the logarithm. */
export const spreadField = exactField('a spread', 'write a plain decimal, such as 0.2').refine(
  ({ numerator, denominator }) => numerator <= spreadMax * denominator,
  faultMessage('a spread above 3', 'write a plain decimal, such as 0.2 for a fifth more or less'),
);

/** A share above 0 and up to 1. */
export const positiveShareField = shareField.refine(
  isPositive,
  faultMessage('expected a share above 0', 'write a plain decimal above 0 and up to 1, such as 0.7'),
);

/** A share from 0 to below 1: something taken off a price. */
export const discountField = shareField.refine(
  (share) => !isOne(share),
  faultMessage('a discount of 1 leaves nothing to pay', 'write a share below 1, such as 0.2 for a fifth'),
);

/** A share from 0 to below 1. */
export const belowOneField = shareField.refine(
  (share) => !isOne(share),
  faultMessage('expected a share below 1', 'write a plain decimal below 1, such as 0.9'),
);

const changeMessage = faultMessage(
  'expected a change a year, above -1 and at most 20',
  'write a plain decimal, such as 0.5 for half more or -0.2 for a fifth less',
);

const changePattern = /^-?\d{1,3}(?:\.\d{1,12})?$/;

/** What is added in a year: 0.5 for half more, -0.2 for a fifth less. */
export const yearlyChangeField = z
  .union([z.string().regex(changePattern, changeMessage), z.number(changeMessage)], changeMessage)
  .transform((written, context): Ratio => {
    const text = String(written);
    const change = changePattern.test(text) ? parseRatio(text) : null;
    if (change !== null && floatOf(change) > -1 && floatOf(change) <= 20) return change;
    context.addIssue({ code: 'custom', message: changeMessage });
    return z.NEVER;
  });
