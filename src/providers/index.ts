// Vendors' endpoints as data: where they answer, with which credentials, on whose machines.
export type { Authorizer } from './authorize/Authorizer.ts';
export * from './authorize/authorizerOf.ts';
export { readServiceAccount } from './authorize/readServiceAccount.ts';
export * from './defaultBaseUrl.ts';
export { isAbout, partsOf, type PassthroughRule } from './passthrough.ts';
export * from './providerProfiles.ts';
export * from './queryOf.ts';
export * from './schema.ts';
export * from './reachOfProvider.ts';
export * from './wiresBeside.ts';
