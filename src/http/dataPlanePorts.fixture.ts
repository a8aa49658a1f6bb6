// What a data plane of a test has around its gateway: nobody watches it, and nothing weighs on it.
import { randomFillSync } from 'node:crypto';
import { silentLog, silentMetrics, UuidV7Maker, type Clock } from '../kernel/index.ts';
import type { DataPlaneLimits, DataPlanePorts } from './DataPlane.ts';

export const dataPlaneLimits: DataPlaneLimits = {
  bodyBytes: 1_000_000,
  bodiesBytes: 10_000_000,
  requestsInFlight: 1_000,
  bodyMs: 20_000,
  headerBytes: 16_384,
  headersMs: 20_000,
  idleMs: 20_000,
  connections: 1_000,
  turnMs: 0,
};

export const dataPlanePorts = (
  gateway: DataPlanePorts['gateway'],
  clock: Clock,
  limits: Partial<DataPlaneLimits> = {},
): DataPlanePorts => ({
  gateway,
  limits: () => ({ ...dataPlaneLimits, ...limits }),
  visitors: () => ({ hosts: [], origins: [] }),
  hopName: 'archipel-0123456789abcdef',
  pressure: () => ({ turnMs: 0, memoryShare: 0, diskShare: 0 }),
  clock,
  ids: new UuidV7Maker((bytes) => void randomFillSync(bytes)),
  log: silentLog,
  metrics: silentMetrics,
});
