// What was promised to whom: pools, floors and slots, what draws them down, and what is owed if they are not met.
export * from './BeyondFloors.ts';
export * from './Contract.ts';
export * from './contractFaults.ts';
export * from './contractFor.ts';
export * from './contractOf.ts';
export * from './countedElsewhere.ts';
export * from './drawRest.ts';
export * from './feeBetween.ts';
export * from './floorUse.ts';
export * from './fulfilmentWindow.ts';
export * from './intervalFromMs.ts';
export type { TrueUp } from './poolSettler.ts';
export * from './projection.ts';
export * from './schema.ts';
export * from './settleFloors.ts';
export * from './settleIntervals.ts';
export * from './standing.ts';
export * from './strayStretches.ts';
