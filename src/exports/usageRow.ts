import { parseRatio } from '../kernel/index.ts';
import type { LedgerSlice, UsageBucket } from '../vocabulary/index.ts';
import { chargePeriodOf, type Stretch } from './chargePeriod.ts';
import { decimalText, usdText } from './decimalText.ts';
import type { FocusRow } from './focusColumns.ts';

/** What a unit of a bucket is called, and the meter that counts it. */
interface Meter {
  readonly unit: 'Tokens' | 'Requests' | 'Accelerator-Seconds';
  readonly name: string;
}

const tokens = (name: string): Meter => ({ unit: 'Tokens', name });

const meters: Readonly<Record<UsageBucket, Meter>> = {
  input: tokens('Input Tokens'),
  cacheRead: tokens('Cache Read Tokens'),
  cacheWrite5m: tokens('Cache Write Tokens (5 Minutes)'),
  cacheWrite1h: tokens('Cache Write Tokens (1 Hour)'),
  inputAudio: tokens('Audio Input Tokens'),
  inputImage: tokens('Image Input Tokens'),
  output: tokens('Output Tokens'),
  reasoning: tokens('Reasoning Tokens'),
  outputAudio: tokens('Audio Output Tokens'),
  outputImage: tokens('Image Output Tokens'),
  requests: { unit: 'Requests', name: 'Requests' },
  acceleratorSeconds: { unit: 'Accelerator-Seconds', name: 'Accelerator Time' },
};

/** Prices are per million units, and quantities are counted so. */
const millionPlaces = 6;
/** Nano-dollars and millionths: what the product of a price and a number of units has behind the point. */
const productPlaces = 9 + millionPlaces;

export const instantText = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

export const currency = 'USD';

/** Columns that every row has: whose bill it is on and when it was charged. */
const chargeColumns = (of: { readonly vendor: string; readonly period: Stretch }): FocusRow => {
  const billing = chargePeriodOf('month', of.period.fromMs);
  return {
    BillingCurrency: currency,
    BillingPeriodStart: instantText(billing.fromMs),
    BillingPeriodEnd: instantText(billing.untilMs),
    ChargePeriodStart: instantText(of.period.fromMs),
    ChargePeriodEnd: instantText(of.period.untilMs),
    InvoiceIssuerName: of.vendor,
    ProviderName: of.vendor,
    ServiceProviderName: of.vendor,
    PricingCurrency: currency,
  };
};

/** Columns of what is bought of, or owed to, a vendor as such: no provider, team or model has it. */
export const vendorColumns = (vendor: string, period: Stretch): FocusRow => ({
  ...chargeColumns({ vendor, period }),
  BillingAccountId: vendor,
  BillingAccountName: vendor,
  BillingAccountType: 'Vendor',
  HostProviderName: vendor,
  PublisherName: vendor,
});

/** The host that has the largest share, the first by name among equals; the vendor itself where nobody says. */
const hostOf = ({ hosts, vendor }: LedgerSlice): string => {
  const [largest] = Object.entries(hosts).toSorted(([one, its], [other, others]) =>
    its === others ? (one < other ? -1 : 1) : others - its,
  );
  return largest?.[0] ?? vendor;
};

const serviceColumns = (operation: string, vendor: string): FocusRow =>
  operation === 'compute'
    ? {
        ServiceCategory: 'Compute',
        ServiceSubcategory: 'Other (Compute)',
        ServiceName: `${vendor} accelerators`,
        ResourceType: 'Accelerator',
      }
    : {
        ServiceCategory: 'AI and Machine Learning',
        ServiceSubcategory: 'Generative AI',
        ServiceName: `${vendor} models`,
        ResourceType: 'Model',
      };

const skuColumns = ({ vendor, targetModel, bucket, nanoUsdPerMillion, source }: LedgerSlice): FocusRow => {
  const skuId = `${vendor}/${targetModel}/${bucket}`;
  return {
    SkuId: skuId,
    SkuMeter: meters[bucket].name,
    SkuPriceId: `${skuId}@${usdText(nanoUsdPerMillion)}`,
    SkuPriceDetails: JSON.stringify({ x_PriceSource: source }),
  };
};

/** Who used it, where it ran, and what it was, of so many units of a slice. */
const sliceColumns = (slice: LedgerSlice): FocusRow => ({
  BillingAccountId: slice.provider,
  BillingAccountName: slice.provider,
  BillingAccountType: 'Provider',
  SubAccountId: slice.team,
  SubAccountName: slice.team,
  SubAccountType: 'Team',
  HostProviderName: hostOf(slice),
  PublisherName: slice.lab ?? slice.vendor,
  RegionId: slice.region,
  RegionName: slice.region,
  ResourceId: `${slice.provider}/${slice.targetModel}`,
  ResourceName: slice.targetModel,
  ...serviceColumns(slice.operation, slice.vendor),
  ...skuColumns(slice),
  Tags: JSON.stringify({ key: slice.key, model: slice.model, team: slice.team }),
  x_Basis: slice.basis,
  x_Hosts: JSON.stringify(slice.hosts),
  x_Operation: slice.operation,
  x_ServedTier: slice.servedTier,
});

/** How much of a slice one row tells, and at which prices. Each cost is the exact product of its price and the quantity. */
const quantityColumns = (slice: LedgerSlice, units: bigint): FocusRow => {
  const { unit } = meters[slice.bucket];
  const off = parseRatio(slice.discount);
  const discountPlaces = off.denominator.toString().length - 1;
  const contracted = slice.nanoUsdPerMillion * (off.denominator - off.numerator);
  const listUnitPrice = usdText(slice.nanoUsdPerMillion);
  const contractedUnitPrice = decimalText(contracted, 9 + discountPlaces);
  return {
    ConsumedQuantity: units.toString(),
    ConsumedUnit: unit,
    PricingQuantity: decimalText(units, millionPlaces),
    PricingUnit: `1000000 ${unit}`,
    ListUnitPrice: listUnitPrice,
    ListCost: decimalText(units * slice.nanoUsdPerMillion, productPlaces),
    ContractedUnitPrice: contractedUnitPrice,
    ContractedCost: decimalText(units * contracted, productPlaces + discountPlaces),
    PricingCurrencyListUnitPrice: listUnitPrice,
    PricingCurrencyContractedUnitPrice: contractedUnitPrice,
  };
};

/** Costs as they are billed, and as they are borne. Nano-USD. */
export const costColumns = (billed: bigint, effective: bigint): FocusRow => ({
  BilledCost: usdText(billed),
  EffectiveCost: usdText(effective),
  PricingCurrencyEffectiveCost: usdText(effective),
});

/** A contract, and which of its commitments: those of a pool are its true-ups. */
export interface AppliedTo {
  readonly contractId: string;
  readonly commitmentId: string;
}

/** What a contract has of a charge: dollars (nano-USD), or a quantity. */
type Applied = AppliedTo & ({ readonly cost: bigint } | { readonly quantity: string; readonly unit: string });

const elementText = (applied: Applied): string => {
  const { contractId, commitmentId } = applied;
  const ids = `"ContractId":${JSON.stringify(contractId)},"ContractCommitmentId":${JSON.stringify(commitmentId)}`;
  // Numbers are written as exact decimals, which JSON.stringify has none of.
  const what =
    'cost' in applied
      ? `"ContractCommitmentAppliedCost":${usdText(applied.cost)}`
      : `"ContractCommitmentAppliedQuantity":${applied.quantity},"ContractCommitmentAppliedUnit":${JSON.stringify(applied.unit)}`;
  return `{${ids},${what}}`;
};

/** What each contract has of a charge. */
export const contractApplied = (...applied: readonly Applied[]): string =>
  `{"Elements":[${applied.map(elementText).join(',')}]}`;

/** Text for people: what was charged for. */
export const descriptionOf = (slice: LedgerSlice): string =>
  `${meters[slice.bucket].name} of ${slice.targetModel} at ${slice.vendor}`;

/** What was used at the agreed price and is billed as such. @param appliedTo what it draws down, if anything. */
export const usageRow = (slice: LedgerSlice, period: Stretch, appliedTo: AppliedTo | null): FocusRow => ({
  ...chargeColumns({ vendor: slice.vendor, period }),
  ...sliceColumns(slice),
  ...quantityColumns(slice, slice.units),
  ...costColumns(slice.amountNanoUsd, slice.amountNanoUsd),
  ChargeCategory: 'Usage',
  ChargeClass: slice.isCorrection ? 'Correction' : null,
  ChargeDescription: descriptionOf(slice),
  ChargeFrequency: 'Usage-Based',
  PricingCategory: 'Standard',
  ContractApplied: appliedTo && contractApplied({ ...appliedTo, cost: slice.amountNanoUsd }),
});
