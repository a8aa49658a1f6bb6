// What FOCUS 1.2 asks of a Cost and Usage dataset, written from the specification's own pages of its columns and attributes. It shares no code with
// what writes such data.

/** One row as it stands in a file: the text of each column, "" for null. */
export type WrittenRow = Readonly<Record<string, string>>;

export interface FocusFault {
  /** 1 is the first row after the header; 0 is the dataset itself. */
  readonly row: number;
  readonly column: string;
  readonly message: string;
}

type Type = 'decimal' | 'string' | 'instant' | 'json' | 'currency';

interface ColumnRule {
  readonly type: Type;
  readonly level: 'mandatory' | 'conditional' | 'recommended';
  readonly nulls: boolean;
  readonly allowed?: readonly string[];
}

const rule = (level: ColumnRule['level'], type: Type, nulls: boolean, allowed?: readonly string[]): ColumnRule => ({
  level,
  type,
  nulls,
  ...(allowed ? { allowed } : {}),
});

const columnRules: Readonly<Record<string, ColumnRule>> = {
  AvailabilityZone: rule('recommended', 'string', true),
  BilledCost: rule('mandatory', 'decimal', false),
  BillingAccountId: rule('mandatory', 'string', false),
  BillingAccountName: rule('mandatory', 'string', true),
  BillingAccountType: rule('conditional', 'string', false),
  BillingCurrency: rule('mandatory', 'currency', false),
  BillingPeriodEnd: rule('mandatory', 'instant', false),
  BillingPeriodStart: rule('mandatory', 'instant', false),
  CapacityReservationId: rule('conditional', 'string', true),
  CapacityReservationStatus: rule('conditional', 'string', true, ['Used', 'Unused']),
  ChargeCategory: rule('mandatory', 'string', false, ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment']),
  ChargeClass: rule('mandatory', 'string', true, ['Correction']),
  ChargeDescription: rule('mandatory', 'string', true),
  ChargeFrequency: rule('recommended', 'string', false, ['One-Time', 'Recurring', 'Usage-Based']),
  ChargePeriodEnd: rule('mandatory', 'instant', false),
  ChargePeriodStart: rule('mandatory', 'instant', false),
  CommitmentDiscountCategory: rule('conditional', 'string', true, ['Spend', 'Usage']),
  CommitmentDiscountId: rule('conditional', 'string', true),
  CommitmentDiscountName: rule('conditional', 'string', true),
  CommitmentDiscountQuantity: rule('conditional', 'decimal', true),
  CommitmentDiscountStatus: rule('conditional', 'string', true, ['Used', 'Unused']),
  CommitmentDiscountType: rule('conditional', 'string', true),
  CommitmentDiscountUnit: rule('conditional', 'string', true),
  ConsumedQuantity: rule('conditional', 'decimal', true),
  ConsumedUnit: rule('conditional', 'string', true),
  ContractedCost: rule('mandatory', 'decimal', false),
  ContractedUnitPrice: rule('conditional', 'decimal', true),
  EffectiveCost: rule('mandatory', 'decimal', false),
  InvoiceId: rule('recommended', 'string', true),
  InvoiceIssuerName: rule('mandatory', 'string', false),
  ListCost: rule('mandatory', 'decimal', false),
  ListUnitPrice: rule('conditional', 'decimal', true),
  PricingCategory: rule('conditional', 'string', true, ['Standard', 'Dynamic', 'Committed', 'Other']),
  PricingCurrency: rule('conditional', 'currency', true),
  PricingCurrencyContractedUnitPrice: rule('conditional', 'decimal', true),
  PricingCurrencyEffectiveCost: rule('conditional', 'decimal', true),
  PricingCurrencyListUnitPrice: rule('conditional', 'decimal', true),
  PricingQuantity: rule('mandatory', 'decimal', true),
  PricingUnit: rule('mandatory', 'string', true),
  ProviderName: rule('mandatory', 'string', false),
  PublisherName: rule('mandatory', 'string', false),
  RegionId: rule('conditional', 'string', true),
  RegionName: rule('conditional', 'string', true),
  ResourceId: rule('conditional', 'string', true),
  ResourceName: rule('conditional', 'string', true),
  ResourceType: rule('conditional', 'string', true),
  ServiceCategory: rule('mandatory', 'string', false, [
    'AI and Machine Learning',
    'Analytics',
    'Business Applications',
    'Compute',
    'Databases',
    'Developer Tools',
    'Multicloud',
    'Identity',
    'Integration',
    'Internet of Things',
    'Management and Governance',
    'Media',
    'Migration',
    'Mobile',
    'Networking',
    'Security',
    'Storage',
    'Web',
    'Other',
  ]),
  ServiceName: rule('mandatory', 'string', false),
  ServiceSubcategory: rule('recommended', 'string', false),
  SkuId: rule('conditional', 'string', true),
  SkuMeter: rule('conditional', 'string', true),
  SkuPriceDetails: rule('conditional', 'json', true),
  SkuPriceId: rule('conditional', 'string', true),
  SubAccountId: rule('conditional', 'string', true),
  SubAccountName: rule('conditional', 'string', true),
  SubAccountType: rule('conditional', 'string', true),
  Tags: rule('conditional', 'json', true),
};

/** Columns of FOCUS 1.3 that may stand beside those of 1.2. */
const newerColumns: ReadonlySet<string> = new Set(['ContractApplied', 'HostProviderName', 'ServiceProviderName']);

/** Parents of the subcategories that are checked; each has one. */
const parentOf: Readonly<Record<string, string>> = {
  'Generative AI': 'AI and Machine Learning',
  'AI Platforms': 'AI and Machine Learning',
  'Machine Learning': 'AI and Machine Learning',
  'Other (Compute)': 'Compute',
  'Virtual Machines': 'Compute',
  'Other (Other)': 'Other',
};

const patterns: Readonly<Record<Exclude<Type, 'json' | 'string'>, RegExp>> = {
  decimal: /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/,
  instant: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/,
  currency: /^[A-Z]{3}$/,
};

const jsonFault = (text: string): string | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'is no JSON object';
  } catch {
    return 'is no JSON';
  }
};

const typeFault = (text: string, type: Type): string | null => {
  if (type === 'json') return jsonFault(text);
  if (type === 'string') return text.trim() === text && text !== '' ? null : 'begins or ends with a space';
  return patterns[type].test(text) ? null : `is no ${type}: ${text}`;
};

/** A decimal as an integer of so many places, exact. */
const scaled = (text: string): { readonly value: bigint; readonly places: number } => {
  const [whole = '0', fraction = ''] = text.split('.');
  return { value: BigInt(`${whole}${fraction}`), places: fraction.length };
};

const isProduct = (price: string, quantity: string, cost: string): boolean => {
  const [one, other, product] = [scaled(price), scaled(quantity), scaled(cost)];
  const places = Math.max(one.places + other.places, product.places);
  const left = one.value * other.value * 10n ** BigInt(places - one.places - other.places);
  return left === product.value * 10n ** BigInt(places - product.places);
};

/** A row under judgement. */
interface Judged {
  /** Whether the dataset has the column: of one that is absent nothing is said. */
  readonly has: (column: string) => boolean;
  readonly said: (column: string) => string | null;
  readonly tell: (column: string, message: string) => void;
}

/** Both null, or neither. */
const together = ({ has, said, tell }: Judged, column: string, of: string): void => {
  if (has(of) && (said(column) === null) !== (said(of) === null))
    tell(column, `stands where ${of} does, and nowhere else`);
};

const checkCommitment = (row: Judged): void => {
  const { said, tell } = row;
  const id = said('CommitmentDiscountId');
  const category = said('ChargeCategory');
  together(row, 'CommitmentDiscountCategory', 'CommitmentDiscountId');
  together(row, 'CommitmentDiscountType', 'CommitmentDiscountId');
  together(row, 'CommitmentDiscountUnit', 'CommitmentDiscountQuantity');
  const status = said('CommitmentDiscountStatus');
  if (id === null && status !== null) tell('CommitmentDiscountStatus', 'of no commitment');
  if (id !== null && category === 'Usage' && status === null) tell('CommitmentDiscountStatus', 'is missing');
  if (id !== null && said('CommitmentDiscountQuantity') === null) tell('CommitmentDiscountQuantity', 'is missing');
  const isCommitted = id !== null && category !== 'Purchase';
  if (isCommitted && said('PricingCategory') !== 'Committed')
    tell('PricingCategory', 'is Committed under a commitment');
  if (isCommitted && Number(said('BilledCost')) !== 0) tell('BilledCost', 'is 0 where a commitment covers all');
  if (status === 'Unused' && said('ResourceId') !== id) tell('ResourceId', 'is the commitment where it is not used');
  if (id !== null && category === 'Purchase' && Number(said('EffectiveCost')) !== 0)
    tell('EffectiveCost', 'is 0 where later charges bear it');
};

const checkReservation = (row: Judged): void => {
  const { said, tell } = row;
  const [id, status] = [said('CapacityReservationId'), said('CapacityReservationStatus')];
  if (id === null && status !== null) tell('CapacityReservationStatus', 'of no reservation');
  if (id !== null && said('ChargeCategory') === 'Usage' && status === null)
    tell('CapacityReservationStatus', 'is missing');
};

const checkQuantities = (row: Judged): void => {
  const { said, tell } = row;
  const category = said('ChargeCategory');
  const isConsumed = category === 'Usage' && said('CommitmentDiscountStatus') !== 'Unused';
  if (!isConsumed && said('ConsumedQuantity') !== null)
    tell('ConsumedQuantity', 'stands only where something was used');
  if (isConsumed && said('ChargeClass') === null && said('ConsumedQuantity') === null)
    tell('ConsumedQuantity', 'is missing');
  together(row, 'ConsumedUnit', 'ConsumedQuantity');
  together(row, 'PricingUnit', 'PricingQuantity');
  const isSold = (category === 'Usage' || category === 'Purchase') && said('ChargeClass') === null;
  const needed = ['PricingQuantity', 'ListUnitPrice', 'ContractedUnitPrice', 'PricingCategory', 'SkuId', 'SkuPriceId'];
  if (isSold) for (const column of needed) if (said(column) === null) tell(column, 'is missing');
};

const checkCosts = (row: Judged): void => {
  const { said, tell } = row;
  const quantity = said('PricingQuantity');
  for (const [priceColumn, costColumn] of [
    ['ListUnitPrice', 'ListCost'],
    ['ContractedUnitPrice', 'ContractedCost'],
  ] as const) {
    const [price, cost] = [said(priceColumn), said(costColumn)];
    if (price?.startsWith('-') === true) tell(priceColumn, 'is negative');
    const isComparable = price !== null && quantity !== null && cost !== null && said('ChargeClass') === null;
    if (isComparable && !isProduct(price, quantity, cost)) tell(costColumn, `is not ${priceColumn} x PricingQuantity`);
  }
  const category = said('ChargeCategory');
  const isAlone = category === 'Credit' || category === 'Adjustment';
  if (isAlone && said('EffectiveCost') !== said('BilledCost')) tell('EffectiveCost', 'is the BilledCost');
  if (category === 'Purchase' && said('ChargeFrequency') === 'Usage-Based')
    tell('ChargeFrequency', 'of a purchase is not Usage-Based');
};

const checkNames = (row: Judged): void => {
  const { said, tell } = row;
  together(row, 'RegionName', 'RegionId');
  together(row, 'ResourceType', 'ResourceId');
  together(row, 'SubAccountName', 'SubAccountId');
  together(row, 'SubAccountType', 'SubAccountId');
  if (said('ResourceName') !== null && said('ResourceName') === said('ResourceId'))
    tell('ResourceName', 'repeats ResourceId');
  if (said('SkuId') === null && said('SkuMeter') !== null) tell('SkuMeter', 'of no SKU');
  const subcategory = said('ServiceSubcategory');
  if (subcategory !== null && parentOf[subcategory] !== said('ServiceCategory'))
    tell('ServiceSubcategory', 'has another parent');
};

const checkPeriods = (row: Judged): void => {
  const { said, tell } = row;
  const [from, until] = [said('ChargePeriodStart'), said('ChargePeriodEnd')];
  if (from !== null && until !== null && from >= until) tell('ChargePeriodEnd', 'is not after ChargePeriodStart');
  const [month, nextMonth] = [said('BillingPeriodStart'), said('BillingPeriodEnd')];
  if (month !== null && nextMonth !== null && month >= nextMonth) tell('BillingPeriodEnd', 'is not after its start');
};

const checks = [checkCommitment, checkReservation, checkQuantities, checkCosts, checkNames, checkPeriods];

const rowFaults = (row: WrittenRow, at: number, columns: ReadonlySet<string>): readonly FocusFault[] => {
  const faults: FocusFault[] = [];
  const judged: Judged = {
    has: (column) => columns.has(column),
    said: (column) => row[column] || null,
    tell: (column, message) => {
      if (columns.has(column)) faults.push({ row: at, column, message });
    },
  };
  const { said, tell } = judged;
  for (const [column, { nulls, type, allowed }] of Object.entries(columnRules)) {
    if (!columns.has(column)) continue;
    const text = said(column);
    if (text === null) {
      if (!nulls) tell(column, 'is null');
      continue;
    }
    const fault = typeFault(text, type);
    if (fault !== null) tell(column, fault);
    if (allowed && !allowed.includes(text)) tell(column, `is none of ${allowed.join(', ')}: ${text}`);
  }
  for (const check of checks) check(judged);
  return faults;
};

/** Sum of a column, in the smallest places that occur. */
const sumOf = (rows: readonly WrittenRow[], column: string): { readonly value: bigint; readonly places: number } => {
  const all = rows.map((row) => scaled(row[column] ?? '0'));
  const places = Math.max(0, ...all.map((each) => each.places));
  return { places, value: all.reduce((sum, each) => sum + each.value * 10n ** BigInt(places - each.places), 0n) };
};

const equal = (one: ReturnType<typeof sumOf>, other: ReturnType<typeof sumOf>): boolean => {
  const places = Math.max(one.places, other.places);
  return one.value * 10n ** BigInt(places - one.places) === other.value * 10n ** BigInt(places - other.places);
};

/** What a commitment was bought for is borne by its use: over whole purchases, to the last digit. */
export const commitmentFaults = (rows: readonly WrittenRow[]): readonly FocusFault[] => {
  const ids = new Set(rows.flatMap((row) => row['CommitmentDiscountId'] || []));
  return [...ids].flatMap((id) => {
    const own = rows.filter((row) => row['CommitmentDiscountId'] === id);
    const bought = sumOf(
      own.filter((row) => row['ChargeCategory'] === 'Purchase'),
      'BilledCost',
    );
    const borne = sumOf(
      own.filter((row) => row['ChargeCategory'] === 'Usage'),
      'EffectiveCost',
    );
    const message = `${id}: its use does not bear what it was bought for`;
    return equal(bought, borne) ? [] : [{ row: 0, column: 'EffectiveCost', message }];
  });
};

/**
 * What is wrong with a dataset. @param partial for examples that have a few columns only: rules about absent columns are not asked.
 */
export const focusFaults = (
  columns: readonly string[],
  rows: readonly WrittenRow[],
  { partial = false }: { readonly partial?: boolean } = {},
): readonly FocusFault[] => {
  const present = new Set(columns);
  const faults: FocusFault[] = [];
  for (const column of present) {
    const isKnown = column in columnRules || newerColumns.has(column) || column.startsWith('x_');
    if (!isKnown) faults.push({ row: 0, column, message: 'is no column of FOCUS, and does not begin with x_' });
  }
  if (present.size !== columns.length) faults.push({ row: 0, column: '', message: 'a column stands twice' });
  for (const [column, { level }] of Object.entries(columnRules)) {
    if (!partial && level === 'mandatory' && !present.has(column))
      faults.push({ row: 0, column, message: 'is mandatory' });
  }
  for (const [index, row] of rows.entries()) faults.push(...rowFaults(row, index + 1, present));
  return faults;
};
