// What replicas on one database may spend of the budgets that they share.
export { countEndUsers } from './countEndUsers.ts';
export type { EndUserCount, EndUserWindows } from './countEndUsers.ts';
export { countSpends } from './countSpends.ts';
export { leaseTurn, releaseLeases } from './leaseTurn.ts';
export type { LeaseAnswer, LeasedWindow, LeaseQuestion } from './leaseTurn.ts';
export { movesOf, movesOfRows, moveSpend } from './moveSpend.ts';
export type { SpendMove } from './moveSpend.ts';
