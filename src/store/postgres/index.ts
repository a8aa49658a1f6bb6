// The PostgreSQL that comes with the program: started, adopted after a kill, kept running and stopped.
export { startEmbeddedPostgres } from './startEmbeddedPostgres.ts';
export { findEmbeddedPostgres } from './findEmbeddedPostgres.ts';
export type { FoundPostgres } from './findEmbeddedPostgres.ts';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './startEmbeddedPostgres.ts';
export { closedFolder, isReachableBy, postgresUser } from './SystemUser.ts';
export type { SystemUser } from './SystemUser.ts';
