// The request's way: authenticate, hold, choose, call, stream, fail over, settle. Knows no vendor.
export { areSeveralTenants } from './affinity/tenantOf.ts';
export { budgetScopesOf } from './budgetScopesOf.ts';
export * from './errors.ts';
export type * from './Exchange.ts';
export * from './Gateway.ts';
export type * from './GatewayPorts.ts';
export * from './LackPolicy.ts';
export { noBudgetRoom } from './noBudgetRoom.ts';
export { noPaces } from './noPaces.ts';
export type * from './Paces.ts';
export * from './kept/AnswerKeeper.ts';
export { AnswersInMemory } from './kept/AnswersInMemory.ts';
export { RecentEntries, type EntryBounds } from './kept/RecentEntries.ts';
export type * from './Refusal.ts';
export * from './schema.ts';
export * from './Snapshot.ts';
export { TranslationThread } from './translation/TranslationThread.ts';
export type * from './translation/Translator.ts';
