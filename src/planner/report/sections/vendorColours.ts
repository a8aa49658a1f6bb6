import { seriesMax, type LegendEntry } from '../charts/figure.ts';
import type { PlanDocument } from '../PlanDocument.ts';
import type { Wording } from '../Wording.ts';

/** Each vendor's colour, the same in every chart; what the palette is too small for shares the last one. */
export const vendorColours = ({ vendors }: PlanDocument): ReadonlyMap<string, string> => {
  const own = vendors.length > seriesMax ? seriesMax - 1 : seriesMax;
  return new Map(vendors.map((vendor, index) => [vendor, `series-${Math.min(index, own)}`]));
};

export interface VendorSeries<Value> extends LegendEntry {
  readonly values: readonly Value[];
}

/** One entry for each colour: a vendor, or those that share the last. */
export const byColour = (
  { words }: Wording,
  plan: PlanDocument,
  vendors: readonly string[],
): readonly (LegendEntry & { readonly vendors: readonly string[] })[] => {
  const colours = vendorColours(plan);
  const groups = Map.groupBy(vendors, (vendor) => colours.get(vendor) ?? 'kept');
  return [...groups]
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([colour, names]) => ({
      colour,
      name:
        names.length === 1 && plan.vendors.filter((vendor) => colours.get(vendor) === colour).length === 1
          ? (names[0] ?? '')
          : words.costs.others,
      vendors: names,
    }));
};
