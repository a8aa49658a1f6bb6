import type { Ratio } from '../../kernel/index.ts';
import type { HostShare } from '../../vocabulary/index.ts';
import { isLess, isPositive, productOf, sumOf } from './floatOf.ts';
import type { PortfolioSource, PortfolioVendor, WrittenClass, WrittenPortfolio } from './schema.ts';

/** What of a portfolio says who serves what. */
export type Supply = Pick<WrittenPortfolio, 'vendors' | 'sources'> & {
  readonly classes: ReadonlyMap<string, Pick<WrittenClass, 'unit' | 'inputShare' | 'qualityFloor' | 'substitutes'>>;
};

/** One source that serves one class: its own, or one that its own may stand in for. */
export interface Way {
  readonly name: string;
  /** Index of the file's sources. */
  readonly source: number;
  readonly vendor: string;
  readonly class: string;
  /** Units of the source for one unit of the class. */
  readonly unitFactor: Ratio;
  /** Money for one unit of the class at list price. */
  readonly listPrice: Ratio;
  /** Whether the class is the source's own. */
  readonly own: boolean;
  /** Empty where unknown. */
  readonly hosts: readonly HostShare[];
  readonly dependsOn: readonly string[];
  readonly jurisdiction: string | null;
  readonly lab: string | null;
}

export const sourceName = ({ name, vendor, class: served }: PortfolioSource): string => name ?? `${vendor}/${served}`;

const one: Ratio = { numerator: 1n, denominator: 1n };

const restOf = ({ numerator, denominator }: Ratio): Ratio => ({ numerator: denominator - numerator, denominator });

/** Money for one unit of a source at list price, tokens in and out blended; null where the file gives no price in this unit. */
export const unitPrice = (
  source: PortfolioSource,
  { unit, inputShare }: Pick<WrittenClass, 'unit' | 'inputShare'>,
): Ratio | null => {
  const { inputPerMTok, outputPerMTok, perMTok, perGpuHour } = source.price;
  if (unit === 'gpuHour') return perGpuHour;
  if (perMTok !== null) return perMTok;
  if (inputPerMTok === null || outputPerMTok === null) return null;
  return sumOf([productOf(inputPerMTok, inputShare), productOf(outputPerMTok, restOf(inputShare))]);
};

/** Whether a source is good enough for a class. A quality that nobody told is. */
export const meetsQuality = (source: PortfolioSource, { qualityFloor }: Pick<WrittenClass, 'qualityFloor'>): boolean =>
  qualityFloor === null || source.quality === null || !isLess(source.quality, qualityFloor);

const placeOf = (source: PortfolioSource, vendor: PortfolioVendor | undefined) => ({
  hosts: source.host ?? vendor?.host ?? [],
  dependsOn: vendor?.dependsOn ?? [],
  jurisdiction: source.jurisdiction ?? vendor?.jurisdiction ?? null,
  lab: source.lab,
});

const wayOf = (supply: Supply, index: number, served: string, factor: Ratio, own: boolean): readonly Way[] => {
  const source = supply.sources[index];
  const target = supply.classes.get(served);
  if (source === undefined || target === undefined || !meetsQuality(source, target)) return [];
  const price = unitPrice(source, target);
  if (price === null || !isPositive(price)) return [];
  const unitFactor = productOf(source.unitFactor, factor);
  return [
    {
      name: own ? sourceName(source) : `${sourceName(source)} for ${served}`,
      source: index,
      vendor: source.vendor,
      class: served,
      unitFactor,
      listPrice: productOf(price, unitFactor),
      own,
      ...placeOf(source, supply.vendors.get(source.vendor)),
    },
  ];
};

/**
 * Every way to serve every class: sources in the order of the file, each for its own class, then for those that it may stand in for.
 * Sources that are not good enough, or have no price in the unit of the class, serve nothing.
 */
export const waysOf = (supply: Supply): readonly Way[] =>
  supply.sources.flatMap((source, index) => [
    ...wayOf(supply, index, source.class, one, true),
    ...[...supply.classes].flatMap(([name, { substitutes }]) =>
      substitutes
        .filter((substitute) => substitute.class === source.class && name !== source.class)
        .flatMap(({ unitFactor }) => wayOf(supply, index, name, unitFactor, false)),
    ),
  ]);

/** The sources of a vendor that an offer or contract covers, as indices of the file's list. */
export const coveredSources = (
  { sources }: Pick<WrittenPortfolio, 'sources'>,
  { vendor, covers }: { readonly vendor: string; readonly covers: readonly string[] },
): readonly number[] =>
  sources.flatMap((source, index) =>
    source.vendor === vendor &&
    (covers.length === 0 || covers.includes(source.class) || covers.includes(sourceName(source)))
      ? [index]
      : [],
  );
