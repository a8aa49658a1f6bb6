// What every room may lean on: money, ids, time, results, secrets, coded errors, and the ports of logs and metrics.
export * from './clock.ts';
export * from './csvLine.ts';
export * from './errors.ts';
export * from './ids.ts';
export * from './log.ts';
export * from './metrics.ts';
export * from './money.ts';
export * from './result.ts';
export * from './secret.ts';
export * from './seededRandom.ts';
export * from './utcDay.ts';
export * from './zonedTime.ts';
