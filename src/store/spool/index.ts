// The journal on disk that every model call passes through before the database: records in order, synced in groups, read back after a crash.
export { readAdoptedMark, writeAdoptedMark } from './adoptedMark.ts';
export { openSpool } from './openSpool.ts';
export type { Recovered, SpoolOptions } from './openSpool.ts';
export { Spool } from './Spool.ts';
export type { SpoolPosition } from './Spool.ts';
export { ReadMemory } from './readSegment.ts';
export { TurnJournal } from './TurnJournal.ts';
export type { SpoolLimits } from './limits.ts';
export { nodeFiles } from './SpoolFiles.ts';
export type { SpoolFiles } from './SpoolFiles.ts';
export type { Durability, LogBatch, ReadPosition } from './SegmentLog.ts';
export { inspectSpool, segmentHeads, segmentInstance, type InspectedSpool, type SegmentHead } from './inspectSpool.ts';
