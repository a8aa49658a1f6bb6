import type { PriceEntry } from './PriceEntry.ts';
import { emptyPrice } from './PriceEntry.ts';

/**
 * A price of the file as an entry of its own. It stands alone, nothing is mixed in from the sheet, and an explicit 0 is believed.
 * @param perMillion nano-USD per million units, as the file's `price` is read.
 */
export const declaredPrice = (
  perMillion: PriceEntry['perMillion'],
  of: { readonly vendor: string; readonly model: string; readonly source: string },
): PriceEntry => ({ ...emptyPrice(of), perMillion });
