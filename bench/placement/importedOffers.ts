import { readFileSync } from 'node:fs';
import { readOfferList, type Offer, type OfferRow } from '../../src/placement/index.ts';

/** Law of a region by its name, as far as the jobs of the bench ask. */
const jurisdictionOf = (region: string | null): string => {
  if (region === null) return 'other';
  if (/^(eu|europe|france|germany|sweden|italy|spain|poland|westeurope|northeurope)/.test(region)) return 'EU';
  return /us|virginia|california/.test(region) ? 'US' : 'other';
};

/** Each row as a site of its own with a few machines free: lists do not tell how many there are. */
const offersOfRow = (row: OfferRow, place: number, random: () => number): Offer[] => {
  const machines = 1 + Math.floor(random() * 4);
  const common = {
    site: `${row.cloud}-${place}`,
    vendor: row.cloud,
    region: row.region,
    hosts: { [row.cloud]: 1 },
    jurisdiction: jurisdictionOf(row.region),
    accelerator: row.accelerator,
    contract: null,
    count: 4 * row.count,
    free: machines * row.count,
    domain: row.count,
    untilMs: null,
    egressUsdPerGigabyte: 0.09,
    gigabytesPerHour: 3_600,
    source: 'list',
  };
  const onDemand: Offer = {
    ...common,
    basis: 'onDemand',
    hourUsd: row.onDemand && Number(row.onDemand.hourNanoUsd) / 1e9,
    interruptionsPerHour: 0,
  };
  if (row.spot === null) return [onDemand];
  const spot: Offer = {
    ...common,
    basis: 'spot',
    hourUsd: Number(row.spot.hourNanoUsd) / 1e9,
    interruptionsPerHour: row.interruptionsPerHour ?? 1 / 730,
    acceleratorsPerMachine: row.count,
  };
  return [onDemand, spot];
};

/** Every row of an offer list, as the importer reads it, as capacity that jobs can be given. */
export const importedOffers = (
  file: string,
  random: () => number,
): { readonly rows: number; readonly priced: number; readonly offers: readonly Offer[] } => {
  const reading = readOfferList(readFileSync(file, 'utf8'));
  if (!reading.ok) throw new Error(`${file}: ${reading.fault[0]?.message ?? 'cannot be read'}`);
  const { rows } = reading.value;
  return {
    rows: rows.length,
    priced: rows.filter(({ onDemand, spot }) => onDemand !== null || spot !== null).length,
    offers: rows.flatMap((row, place) => offersOfRow(row, place, random)),
  };
};
