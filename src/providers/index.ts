// Vendors' endpoints as data: where they answer, with which credentials, on whose machines.
export * from './defaultBaseUrl.ts';
export * from './schema.ts';
