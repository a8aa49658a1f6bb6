// Who spent what: attempts and their bills, holds, budgets, rates and shares. Pure state, no I/O.
export { BudgetIndex } from './BudgetIndex.ts';
export * from './Budgets.ts';
export type * from './budgetTypes.ts';
export * from './budgetWindow.ts';
export * from './calendarWindow.ts';
export { countsAlike } from './countsAlike.ts';
export { endUserMark, holderOfEndUser, type EndUserBudget } from './EndUserScopes.ts';
export * from './errors.ts';
export { expectedUsd, type ExpectedUsage } from './expectedUsd.ts';
export * from './rates/RateLimits.ts';
export { BillSums, billedDaysMax } from './reconcile/BillSums.ts';
export { reconcileBill, type VendorBill } from './reconcile/reconcileBill.ts';
export type * from './reconcile/Reconciliation.ts';
export { shareBill } from './reconcile/shareBill.ts';
export { apportion, type Want } from './rates/apportion.ts';
export type { RateRefusal, RateUse } from './rates/RateLevels.ts';
export { rateLeaseMs, RateShares, wholeBase, type RateGrant } from './rates/RateShares.ts';
export * from './schema.ts';
export * from './settleAttempt.ts';
export * from './settleCapacity.ts';
export * from './shareDimensions.ts';
export * from './Shares.ts';
export type { SpendingCall } from './SpendUnderWay.ts';
export type { Allowance, BudgetDraw, FleetSpend } from './WindowBalance.ts';
export { priceUsage, sumOfLines, type Bill, type UnpricedUsage } from './priceUsage.ts';
export {
  largestOutputBound,
  outputTokensMax,
  outputTokensMin,
  worstCaseCost,
  type WorstCaseQuestion,
} from './worstCaseCost.ts';
