// The composition root: the only room that knows all the others. It reads the configuration, opens the ledger and starts the planes.
export * from './checkConfiguration.ts';
export * from './checkFile.ts';
export * from './configurationSchema.ts';
export { isRunning, readControlFile, type ControlFile, type RunningControl } from './controlFile.ts';
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
