// The composition root: the only room that knows all the others. It reads the configuration, opens the ledger and starts the planes.
export type { RestoreSummary } from './backup/restore.ts';
export * from './checkConfiguration.ts';
export * from './checkFile.ts';
export { diffPriceLists } from './prices/diffPriceLists.ts';
export { diffPrices } from './prices/diffPrices.ts';
export { importPrices, type ImportedPrice, type LostPrice, type PriceImportReport } from './prices/importPrices.ts';
export { listPrices, type ShownPrice } from './prices/listPrices.ts';
export { sheetCurrency, type PriceOffer } from './prices/offeredPrices.ts';
export * from './configurationSchema.ts';
export { isRunning, readControlFile, type ControlFile, type RunningControl } from './controlFile.ts';
export type { Finding } from './doctor/Finding.ts';
export type { FirstAnswers } from './firstConfiguration/firstConfiguration.ts';
export type { WrittenConfiguration } from './firstConfiguration/writeFirstConfiguration.ts';
export { loadOperating } from './loadOperating.ts';
export { errorReference, type ErrorChapter } from './errorReference.ts';
export * from './errors.ts';
export * from './loadConfiguration.ts';
export {
  startArchipel,
  startControlAlone,
  type Running,
  type RunningControlAlone,
  type StartOptions,
} from './startArchipel.ts';
export { openPortfolio, portfolioFiles, type PortfolioFiles, type PortfolioPlace } from './openPortfolio.ts';
export { planPortfolio } from './planPortfolio.ts';
export type { PlanFaults, PlannedDocument, PlanOutcome, PlanRequest } from './PlanRequest.ts';
