// Who asks and what they may do: keys, teams, organisations, roles, and the one reader of credentials. Pure.
export * from './errors.ts';
export * from './extractCredential.ts';
export * from './Holding.ts';
export * from './key.ts';
export * from './KeyTable.ts';
export * from './rights.ts';
export * from './schema.ts';
