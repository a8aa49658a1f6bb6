import type { WrittenBand, WrittenTier, WrittenVariants } from './priceVariants.ts';
import type { PriceRow } from './readPriceList.ts';

const bandsOf = (rows: readonly PriceRow[]): readonly WrittenBand[] =>
  rows.flatMap(({ aboveTokens, perMillion, source }) =>
    aboveTokens === null ? [] : [{ tokens: aboveTokens, perMillion, source }],
  );

/** A tier of which only long inputs have a price has none for the others: they are unpriced. */
const tierOf = (rows: readonly PriceRow[]): WrittenTier => {
  const whole = rows.find(({ aboveTokens }) => aboveTokens === null);
  const above = bandsOf(rows);
  return { perMillion: whole?.perMillion ?? {}, ...(whole && { source: whole.source }), above };
};

/** Tiers and bands in rows that are all about one model at one time. */
export const variantsIn = (rows: readonly PriceRow[]): WrittenVariants => {
  const tiers = new Map<string, WrittenTier>();
  for (const [tier, same] of Map.groupBy(rows, (row) => row.tier)) if (tier !== null) tiers.set(tier, tierOf(same));
  const above = bandsOf(rows.filter(({ tier }) => tier === null));
  return { tiers, ...(above.length > 0 && { above }) };
};
