// What if something is gone: dependence in figures, the ledger's own requests replayed without a part of the supply, and what a live drill may do. Pure.
export { dependenceOf, type Dependence, type DependenceMeasure, type SupplyUse } from './dependence.ts';
export { dependsOnOf, type Needing } from './dependsOnOf.ts';
export type { DrillReport, HurtRow, LiveReport, ReplayReport } from './DrillReport.ts';
export { isLost, lossText, readLosses, type Losable, type Loss, type LossKind } from './Loss.ts';
export { lossAssumptions, LossEstimate, resilienceOf, type LossOutcome, type MinuteDemand } from './LossEstimate.ts';
export type { PastRequest, TargetLatency } from './PastRequest.ts';
export { Replay, type ReplayParts } from './Replay.ts';
export { missedBy, readRequirement, type Requirement } from './requirement.ts';
export { LiveDrill, type LiveDrillParts } from './LiveDrill.ts';
export {
  lostThroughout,
  scenarioOf,
  scenarioSchema,
  spanMsOf,
  type Scenario,
  type WrittenScenario,
} from './Scenario.ts';
export type { WorldPaces } from './World.ts';
export {
  targetsOf,
  type BurstCapacity,
  type Supply,
  type SupplyPolicies,
  type SupplyTarget,
  type SupplyTerms,
} from './Supply.ts';
