// Decisions for whoever measures them.
export { decide } from './decide.ts';
export { decideQueue, type QueuedDemand } from './decideQueue.ts';
