import { readdirSync } from 'node:fs';
import type { Metrics } from '../kernel/index.ts';

/** What the operating system knows of a process, and what keeps its event loop alive. */
export interface ProcessReading {
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  /** Null where the system does not tell. */
  readonly openFiles: number | null;
  /** Kind of what is open or waited for ("Timeout", "TCPSocketWrap") -> how many. */
  readonly resources: ReadonlyMap<string, number>;
  /** User and system time since the start of the process, all threads together. Seconds. */
  readonly cpuS: number;
}

/** Most kinds of resources that are told apart; Node has a few dozen. */
const kindsMax = 100;

const countOf = (kinds: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const kind of kinds)
    if (counts.has(kind) || counts.size < kindsMax) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
};

const openFiles = (): number | null => {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
};

/** Reads this process. */
export const readProcess = (): ProcessReading => {
  const { rss, heapUsed } = process.memoryUsage();
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return {
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    openFiles: openFiles(),
    resources: countOf(process.getActiveResourcesInfo()),
    cpuS: (userCPUTime + systemCPUTime) / 1e6,
  };
};

/**
 * Measures a process each time it is called, under the names that dashboards know: what grows here without end is a leak.
 * @returns what to call before metrics are read.
 */
export const measureProcess = (metrics: Metrics, read: () => ProcessReading = readProcess): (() => void) => {
  let toldCpuS = 0;
  const seenKinds = new Set<string>();
  return () => {
    const { residentBytes, heapUsedBytes, openFiles: files, resources, cpuS } = read();
    metrics.gauge('process_resident_memory_bytes', residentBytes);
    metrics.gauge('nodejs_heap_size_used_bytes', heapUsedBytes);
    if (files !== null) metrics.gauge('process_open_fds', files);
    metrics.count('process_cpu_seconds_total', undefined, Math.max(0, cpuS - toldCpuS));
    toldCpuS = Math.max(toldCpuS, cpuS);
    for (const kind of resources.keys()) seenKinds.add(kind);
    // A kind that is gone has the value 0, not the one that it had.
    for (const kind of seenKinds) metrics.gauge('nodejs_active_resources', resources.get(kind) ?? 0, { type: kind });
  };
};
