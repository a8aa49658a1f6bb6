// Agents whose runs survive a dead supplier or machine.
export * from './schema.ts';
