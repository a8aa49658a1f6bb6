import type { Ratio } from '../../kernel/index.ts';
import { floatOf } from './floatOf.ts';
import type { Offer, WrittenPortfolio } from './schema.ts';

/** When something is paid, and what money costs that is paid before it would be spent. */
export interface Prepayment {
  /** Share that is paid at the beginning; the rest is paid by the month. */
  readonly upfrontShare: number;
  /** What money costs in a year, as a fraction. */
  readonly costOfCapital: number;
}

/** What money costs in a year: as the offer says, else as the policy does. */
export const costOfCapital = (
  { policy }: Pick<WrittenPortfolio, 'policy'>,
  { payment }: Pick<Offer, 'payment'>,
): Ratio => payment.costOfCapital ?? policy.costOfCapital;

export const prepaymentOf = (
  portfolio: Pick<WrittenPortfolio, 'policy'>,
  offer: Pick<Offer, 'payment'>,
): Prepayment => ({
  upfrontShare: floatOf(offer.payment.upfrontShare),
  costOfCapital: floatOf(costOfCapital(portfolio, offer)),
});

/**
 * What it costs to pay a share of a contract at its beginning, at simple interest. Each period's amount is taken to be due evenly over its
 * months, so that it is paid as many months early as the middle of its months is after the first.
 * @param amounts Money of each period. @returns money in the same unit.
 */
export const prepaidCost = (
  { upfrontShare, costOfCapital: yearly }: Prepayment,
  amounts: readonly number[],
  periodMonths: number,
): number =>
  amounts.reduce((sum, amount, period) => {
    const monthsEarly = period * periodMonths + (periodMonths - 1) / 2;
    return sum + (upfrontShare * yearly * amount * monthsEarly) / 12;
  }, 0);
