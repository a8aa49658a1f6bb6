// Where jobs run: sites and what they offer.
export * from './schema.ts';
