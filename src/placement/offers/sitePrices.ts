import type { NanoUsd } from '../../kernel/index.ts';
import type { SiteConfiguration } from '../schema.ts';
import { unknownInterruptionsPerHour } from './limits.ts';
import type { ListedPrice, OfferBook } from './OfferBook.ts';
import type { OfferRow } from './OfferList.ts';

/** What an accelerator-hour costs somewhere before any contract's discount. */
export interface SitePrice {
  readonly hourNanoUsd: NanoUsd;
  /** "file", or name and date of a list. */
  readonly source: string;
}

export interface SpotSitePrice extends SitePrice {
  readonly interruptionsPerHour: number;
  /** Accelerators of the machine that is taken away so often; null where all that a job has there goes at once. */
  readonly machine: number | null;
}

/** Null where nobody knows: unpriced, which is never 0. */
export interface SitePrices {
  readonly onDemand: SitePrice | null;
  readonly spot: SpotSitePrice | null;
}

const listed = ({ hourNanoUsd, source }: ListedPrice): SitePrice => ({ hourNanoUsd, source });

const ownRate = ({ interruptionsPerHour }: SiteConfiguration): number | null =>
  interruptionsPerHour && Number(interruptionsPerHour.numerator) / Number(interruptionsPerHour.denominator);

const interruptionsOf = (
  site: SiteConfiguration,
  row: OfferRow,
): Pick<SpotSitePrice, 'interruptionsPerHour' | 'machine'> => {
  const own = ownRate(site);
  if (own !== null) return { interruptionsPerHour: own, machine: null };
  return { interruptionsPerHour: row.interruptionsPerHour ?? unknownInterruptionsPerHour, machine: row.count };
};

/**
 * List prices of a kind of accelerator at a site. What the file says of a kind counts alone, also where it names no spot price; else the imported
 * lists are asked for its vendor and region. How often spot capacity goes: what the file says, else the list, else `unknownInterruptionsPerHour`.
 */
export const sitePrices = (site: SiteConfiguration, accelerator: string, book: OfferBook): SitePrices => {
  const own = site.price.get(accelerator);
  if (own) {
    const spot = own.spotHourUsd;
    const interruptionsPerHour = ownRate(site) ?? unknownInterruptionsPerHour;
    return {
      onDemand: { hourNanoUsd: own.hourUsd, source: 'file' },
      spot: spot === null ? null : { hourNanoUsd: spot, source: 'file', interruptionsPerHour, machine: null },
    };
  }
  if (site.region === null) return { onDemand: null, spot: null };
  const { onDemand, spot } = book.pricesOf(site.vendor, site.region, accelerator);
  return {
    onDemand: onDemand && listed(onDemand),
    spot: spot && { ...listed(spot), ...interruptionsOf(site, spot.row) },
  };
};
