/** Columns that one figure may stand in: the first that the file has and the row fills. */
export type Columns = readonly string[];

/** How the quantities of an export are told. */
export type QuantityColumns =
  /** One column for each kind of token, all of one row. */
  | { readonly kind: 'tokens'; readonly input: Columns; readonly output: Columns }
  /** One row for each meter, its unit beside it. */
  | { readonly kind: 'metered'; readonly quantity: Columns; readonly unit: Columns };

/** The shape of an export: data alone, so that another one is a row of a table. Names are compared by letters and digits only. */
export interface ExportFormat {
  /** What it is asked for by. */
  readonly key: string;
  readonly name: string;
  /** Columns that no file of this kind is without. */
  readonly knownBy: Columns;
  readonly day: Columns;
  readonly vendor: Columns;
  /** What was used: a model, or a meter in whose name model and direction are mixed. */
  readonly item: Columns;
  readonly itemKind: 'model' | 'meter';
  /** Where else the direction of tokens may stand. */
  readonly direction: Columns;
  readonly quantities: QuantityColumns;
  readonly cost: Columns;
  /** What is billed for a row, where the cost has prepaid fees spread over it. */
  readonly billed: Columns;
  /** What is billed in US dollars, beside amounts in another currency. */
  readonly billedUsd: Columns;
  readonly listCost: Columns;
  /** List price of one of the quantity, instead of a list cost. */
  readonly listPrice: Columns;
  readonly currency: Columns;
  /** Currency of every amount, where no column says so. */
  readonly currencyOfAll: string | null;
  /** What kind of charge it is, and which kinds are usage; all of them where there is no such column. */
  readonly charge: Columns;
  readonly usageCharges: readonly string[];
}

const nothing: Columns = [];

// tidy-allow vendor-name: where its columns are documented
/** FinOps Open Cost and Usage Specification 1.0 to 1.3 (focus.finops.org), and the columns that clouds add to it: docs.aws.amazon.com/cur/latest/userguide/table-dictionary-focus-1-2-aws-columns.html, learn.microsoft.com/azure/cost-management-billing/dataset-schema/cost-usage-details-focus. */
const focus: ExportFormat = {
  key: 'focus',
  name: 'FOCUS cost and usage',
  knownBy: ['ChargePeriodStart', 'BilledCost'],
  day: ['ChargePeriodStart'],
  vendor: ['ServiceProviderName', 'ProviderName', 'InvoiceIssuerName'],
  item: [
    'x_Model',
    'SkuMeter',
    'x_SkuMeterName',
    'x_UsageType',
    'x_SkuDescription',
    'ChargeDescription',
    'SkuId',
    'ServiceName',
  ],
  itemKind: 'meter',
  direction: ['SkuMeter', 'x_SkuMeterName', 'x_UsageType', 'x_SkuDescription', 'ChargeDescription', 'SkuId'],
  quantities: {
    kind: 'metered',
    quantity: ['ConsumedQuantity', 'PricingQuantity'],
    unit: ['ConsumedUnit', 'PricingUnit'],
  },
  cost: ['EffectiveCost', 'BilledCost'],
  billed: ['BilledCost'],
  billedUsd: ['x_BilledCostInUsd'],
  listCost: ['ListCost'],
  listPrice: nothing,
  currency: ['BillingCurrency'],
  currencyOfAll: null,
  charge: ['ChargeCategory'],
  usageCharges: ['usage'],
};

// tidy-allow vendor-name: where its columns are documented
/** Cost and usage report, version 2 and the one before it, whose columns have the same letters: docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html. */
const lineItems: ExportFormat = {
  key: 'line-items',
  name: 'cost and usage report with line items',
  knownBy: ['line_item_usage_start_date', 'line_item_usage_amount', 'line_item_unblended_cost'],
  day: ['line_item_usage_start_date'],
  vendor: nothing,
  item: [
    'line_item_usage_type',
    'product_product_name',
    'product_servicename',
    'line_item_line_item_description',
    'line_item_product_code',
  ],
  itemKind: 'meter',
  direction: ['line_item_usage_type', 'line_item_line_item_description'],
  quantities: { kind: 'metered', quantity: ['line_item_usage_amount'], unit: ['pricing_unit'] },
  cost: ['line_item_net_unblended_cost', 'line_item_unblended_cost'],
  billed: nothing,
  billedUsd: nothing,
  listCost: ['pricing_public_on_demand_cost'],
  listPrice: nothing,
  currency: ['line_item_currency_code'],
  currencyOfAll: null,
  charge: ['line_item_line_item_type'],
  usageCharges: ['usage', 'discountedusage', 'savingsplancoveredusage'],
};

// tidy-allow vendor-name: where its columns are documented
/** Actual and amortised cost details, of both kinds of agreement: learn.microsoft.com/azure/cost-management-billing/dataset-schema/cost-usage-details-ea and .../cost-usage-details-mca. */
const meters: ExportFormat = {
  key: 'meters',
  name: 'cost details with meters',
  knownBy: ['date', 'meterName', 'quantity', 'costInBillingCurrency'],
  day: ['date'],
  vendor: nothing,
  item: ['meterName', 'productName', 'meterSubCategory'],
  itemKind: 'meter',
  direction: ['meterName'],
  quantities: { kind: 'metered', quantity: ['quantity'], unit: ['unitOfMeasure'] },
  cost: ['costInBillingCurrency'],
  billed: nothing,
  billedUsd: ['costInUsd'],
  listCost: nothing,
  listPrice: nothing,
  currency: ['billingCurrency', 'billingCurrencyCode'],
  currencyOfAll: null,
  charge: ['chargeType'],
  usageCharges: ['usage'],
};

// tidy-allow vendor-name: where its columns are documented
/** Costs by day and line item, as a page of results is written in a table ("large-2024-08-06, input"). What its quantity counts is told nowhere. Columns: docs.pelanor.io/integrations/services/openai.md, values: developers.openai.com/api/reference (organization costs). */
const itemCosts: ExportFormat = {
  key: 'item-costs',
  name: 'daily costs by line item',
  knownBy: ['start_time', 'line_item', 'amount_value'],
  day: ['start_time_iso', 'start_time'],
  vendor: nothing,
  item: ['line_item'],
  itemKind: 'meter',
  direction: ['line_item'],
  quantities: { kind: 'metered', quantity: nothing, unit: nothing },
  cost: ['amount_value'],
  billed: nothing,
  billedUsd: nothing,
  listCost: nothing,
  listPrice: nothing,
  currency: ['amount_currency'],
  currencyOfAll: null,
  charge: nothing,
  usageCharges: nothing,
};

// tidy-allow vendor-name: where its columns are documented
/** Tokens by day and model; input counts what was cached too: developers.openai.com/api/reference (organization usage), whose fields are the columns. */
const tokenCounts: ExportFormat = {
  key: 'tokens',
  name: 'tokens by model',
  knownBy: ['start_time', 'model', 'input_tokens', 'output_tokens'],
  day: ['start_time_iso', 'start_time'],
  vendor: nothing,
  item: ['model'],
  itemKind: 'model',
  direction: nothing,
  quantities: { kind: 'tokens', input: ['input_tokens'], output: ['output_tokens'] },
  cost: nothing,
  billed: nothing,
  billedUsd: nothing,
  listCost: nothing,
  listPrice: nothing,
  currency: nothing,
  currencyOfAll: null,
  charge: nothing,
  usageCharges: nothing,
};

// tidy-allow vendor-name: where its columns are documented
/** Tokens by day, model and kind of caching, as support.claude.com/en/articles/9534590 says where it is exported; its columns are told by files alone. */
const cachedTokenCounts: ExportFormat = {
  ...tokenCounts,
  key: 'cached-tokens',
  name: 'tokens by model and caching',
  knownBy: ['usage_date_utc', 'model_version', 'usage_input_tokens_no_cache', 'usage_output_tokens'],
  day: ['usage_date_utc'],
  item: ['model_version'],
  quantities: {
    kind: 'tokens',
    input: [
      'usage_input_tokens_no_cache',
      'usage_input_tokens_cache_write',
      'usage_input_tokens_cache_write_5m',
      'usage_input_tokens_cache_write_1h',
      'usage_input_tokens_cache_read',
    ],
    output: ['usage_output_tokens'],
  },
};

// tidy-allow vendor-name: where its columns are documented
/** Costs by day, model and kind of token, exported as support.claude.com/en/articles/9534590 says; its columns are told by files alone. */
const modelCosts: ExportFormat = {
  ...tokenCounts,
  key: 'model-costs',
  name: 'costs by model and kind of token',
  knownBy: ['usage_date_utc', 'model', 'token_type', 'cost_usd'],
  day: ['usage_date_utc'],
  direction: ['token_type'],
  quantities: { kind: 'metered', quantity: nothing, unit: nothing },
  cost: ['cost_usd'],
  listCost: ['list_price_usd'],
  currencyOfAll: 'USD',
};

/** Amounts by model and type of token, with the price of one. */
const typedAmounts: ExportFormat = {
  ...tokenCounts,
  key: 'typed-amounts',
  name: 'amounts by model and type',
  knownBy: ['start_time_iso', 'model', 'type', 'amount'],
  day: ['start_time_iso'],
  direction: ['type'],
  quantities: { kind: 'metered', quantity: ['amount'], unit: ['type'] },
  listPrice: ['price'],
};

/** Every export that is known. The first whose columns a file has is taken. */
export const exportFormats: readonly ExportFormat[] = [
  focus,
  lineItems,
  meters,
  itemCosts,
  tokenCounts,
  cachedTokenCounts,
  modelCosts,
  typedAmounts,
];

/** Letters and digits of a column's name: "lineItem/UsageStartDate" and "line_item_usage_start_date" are one. */
export const columnKey = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
