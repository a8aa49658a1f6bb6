// Where jobs run: sites, offers, decisions, the executors that run them and the loop that keeps them running.
export type {
  CapacityMarket,
  CapacityUse,
  ControllerPorts,
  ControllerTimes,
  SubmissionFault,
} from './control/ControllerPorts.ts';
export { JobController, type AcceptedJob, type ServingJob } from './control/JobController.ts';
export { JobFolders } from './control/JobFolders.ts';
export * from './control/JobStore.ts';
export * from './decide/Demand.ts';
export * from './decide/Offer.ts';
export * from './decide/PlacementDecision.ts';
export * from './executors/Executor.ts';
export { LocalExecutor } from './executors/local/LocalExecutor.ts';
export type { SiteCondition } from './executors/local/SiteCondition.ts';
export * from './job/Job.ts';
export * from './job/jobSchema.ts';
export * from './job/JobSpec.ts';
export { summaryOf } from './job/summaryOf.ts';
export * from './jobsSchema.ts';
export * from './limits.ts';
export * from './offers/index.ts';
export * from './schema.ts';
