import type { PriceEntry } from './PriceEntry.ts';
import { emptyPrice } from './PriceEntry.ts';
import { withVariants } from './priceVariants.ts';
import type { DeclaredPrice } from './schema.ts';

/**
 * A price of the file as an entry of its own. It stands alone, nothing is mixed in from the sheet, and an explicit 0 is believed.
 * @param declared nano-USD per million units, as the file's `price` is read.
 */
export const declaredPrice = (
  { tiers, above, ...perMillion }: DeclaredPrice,
  of: { readonly vendor: string; readonly model: string; readonly source: string },
): PriceEntry => withVariants({ ...emptyPrice(of), perMillion }, { ...(tiers && { tiers }), ...(above && { above }) });
