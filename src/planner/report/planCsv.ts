import { csvLine } from '../../kernel/index.ts';
import type { DecisionJson, PlanDocument } from './PlanDocument.ts';

/** Columns of the Contract Commitment dataset of FOCUS (its version 1.4), and after them ours. */
export const commitmentColumns = [
  'BillingCurrency',
  'ContractCommitmentApplicability',
  'ContractCommitmentBenefitCategory',
  'ContractCommitmentCategory',
  'ContractCommitmentCost',
  'ContractCommitmentCreated',
  'ContractCommitmentDescription',
  'ContractCommitmentDiscountPercentage',
  'ContractCommitmentDurationType',
  'ContractCommitmentFulfillmentInterval',
  'ContractCommitmentId',
  'ContractCommitmentLastUpdated',
  'ContractCommitmentLifecycleStatus',
  'ContractCommitmentModel',
  'ContractCommitmentOfferCategory',
  'ContractCommitmentPaymentInterval',
  'ContractCommitmentPaymentModel',
  'ContractCommitmentPaymentUpfrontPercentage',
  'ContractCommitmentPeriodEnd',
  'ContractCommitmentPeriodStart',
  'ContractCommitmentQuantity',
  'ContractCommitmentType',
  'ContractCommitmentUnit',
  'ContractId',
  'ContractPeriodEnd',
  'ContractPeriodStart',
  'InvoiceIssuerName',
  'ServiceProviderName',
  'x_Kind',
  'x_Offer',
] as const;

export type CommitmentColumn = (typeof commitmentColumns)[number];
export type CommitmentRow = Readonly<Record<CommitmentColumn, string>>;

/** Names of FOCUS for how often a vendor looks whether enough was spent. */
const fulfilmentIntervals: Readonly<Record<number, string>> = {
  1: 'Monthly',
  3: 'Quarterly',
  6: 'Semi-Annual',
  12: 'Annual',
};

const commitmentTypes = { pool: 'Minimum spend', floor: 'Reserved capacity', slot: 'Capacity block' } as const;

const instantOf = (day: string): string => `${day}T00:00:00Z`;

const durationOf = (months: number): string => {
  if (months % 12 !== 0) return `${months} ${months === 1 ? 'Month' : 'Months'}`;
  return `${months / 12} ${months === 12 ? 'Year' : 'Years'}`;
};

const paymentModelOf = (upfront: number): string => {
  if (upfront === 0) return 'No Upfront';
  return upfront === 1 ? 'All Upfront' : 'Partial Upfront';
};

const monthsBetween = (from: string, until: string): number =>
  (Number(until.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(until.slice(5, 7)) - Number(from.slice(5, 7));

/** Names a contract that nobody has signed: the same for the same terms. */
const contractIdOf = ({ vendor, offer, start, months, source }: DecisionJson): string =>
  ['proposed', vendor, offer, ...(source === undefined ? [] : [source]), start, `${months}m`].join('/');

/** What all rows of one contract say. */
const contractOf = (plan: PlanDocument, row: DecisionJson) => ({
  BillingCurrency: plan.currency,
  ContractCommitmentApplicability: JSON.stringify({ x_Covers: row.covers }),
  ContractCommitmentCreated: plan.inputs.madeAt,
  ContractCommitmentDurationType: durationOf(row.months),
  ContractCommitmentLastUpdated: plan.inputs.madeAt,
  ContractCommitmentLifecycleStatus: 'Proposed',
  ContractCommitmentOfferCategory: 'Negotiated',
  ContractCommitmentPaymentInterval: 'Monthly',
  ContractCommitmentPaymentModel: paymentModelOf(Number(row.upfrontShare)),
  ContractCommitmentPaymentUpfrontPercentage: row.upfrontShare,
  ContractCommitmentType: commitmentTypes[row.kind],
  ContractId: contractIdOf(row),
  ContractPeriodEnd: instantOf(row.until),
  ContractPeriodStart: instantOf(row.start),
  InvoiceIssuerName: row.vendor,
  ServiceProviderName: row.vendor,
  x_Kind: row.kind,
  x_Offer: row.offer,
});

/** A pool: one row for each of its periods, each to be spent on its own. */
const poolRows = (plan: PlanDocument, row: DecisionJson): readonly CommitmentRow[] =>
  row.steps.map(({ from, until, usd }, index) => ({
    ...contractOf(plan, row),
    ContractCommitmentBenefitCategory: 'Discount',
    ContractCommitmentCategory: 'Spend',
    ContractCommitmentCost: usd,
    ContractCommitmentDescription: `Spend ${usd} ${plan.currency} from ${from} to before ${until}`,
    ContractCommitmentDiscountPercentage: String(Number((row.discount ?? 0).toPrecision(12))),
    ContractCommitmentFulfillmentInterval: fulfilmentIntervals[monthsBetween(from, until)] ?? 'Custom',
    ContractCommitmentId: `${contractIdOf(row)}/${index + 1}`,
    ContractCommitmentModel: 'Discontinuous',
    ContractCommitmentPeriodEnd: instantOf(until),
    ContractCommitmentPeriodStart: instantOf(from),
    ContractCommitmentQuantity: '',
    ContractCommitmentUnit: '',
  }));

/** Reserved capacity: what is not used in its hour is gone. */
const capacityRow = (plan: PlanDocument, row: DecisionJson): CommitmentRow => ({
  ...contractOf(plan, row),
  ContractCommitmentBenefitCategory: 'Availability',
  ContractCommitmentCategory: 'Usage',
  ContractCommitmentCost: row.committed,
  ContractCommitmentDescription: `Reserve ${row.quantity ?? ''} ${row.unit ?? ''} at ${row.source ?? ''}`,
  ContractCommitmentDiscountPercentage: '',
  ContractCommitmentFulfillmentInterval: 'Hourly',
  ContractCommitmentId: contractIdOf(row),
  ContractCommitmentModel: 'Continuous',
  ContractCommitmentPeriodEnd: instantOf(row.until),
  ContractCommitmentPeriodStart: instantOf(row.start),
  ContractCommitmentQuantity: row.quantity ?? '',
  ContractCommitmentUnit: row.unit ?? '',
});

/** What is to be signed as rows of FOCUS, all of them proposed. */
export const commitmentRows = (plan: PlanDocument): readonly CommitmentRow[] =>
  plan.decisions.flatMap((row) => (row.kind === 'pool' ? poolRows(plan, row) : [capacityRow(plan, row)]));

/** The same as CSV, with a head, by RFC 4180. A plan that signs nothing is its head. */
export const planCsv = (plan: PlanDocument): string =>
  [commitmentColumns, ...commitmentRows(plan).map((row) => commitmentColumns.map((column) => row[column]))]
    .map(csvLine)
    .join('');
