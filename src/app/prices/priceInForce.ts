import {
  bucketPrice,
  flatPrices,
  type PriceBook,
  type PriceEntry,
  type PricePlace,
  type PriceRow,
} from '../../market/index.ts';
import { modelBuckets } from '../../vocabulary/index.ts';

/** The price in force of a model, or of one tier or long inputs of it; null where the book knows none. */
export const priceInForce = (
  book: PriceBook,
  { vendor, model, region, tier, aboveTokens }: PricePlace,
  atMs: number,
): PriceEntry | null => {
  const found = book.find({ vendor, model, region, atMs });
  const flat = found === null ? [] : flatPrices(found);
  const known = flat.find((one) => one.tier === tier && one.aboveTokens === aboveTokens)?.price ?? null;
  return known !== null && Object.keys(known.perMillion).length > 0 ? known : null;
};

/** Whether a row would bill every bucket as a price does, by what stands in it or by what is taken for what does not. */
export const billsAs = ({ perMillion }: PriceRow, known: PriceEntry): boolean =>
  modelBuckets.every(
    (bucket) =>
      bucketPrice({ ...known, perMillion }, bucket)?.nanoUsdPerMillion ===
      bucketPrice(known, bucket)?.nanoUsdPerMillion,
  );
