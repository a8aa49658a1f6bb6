// Vendors' endpoints as data: where they answer, with which credentials, on whose machines.
export * from './profiles.ts';
export * from './schema.ts';
