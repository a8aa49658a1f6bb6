// Not by import: each export of these would be read.
const { getHeapStatistics } = process.getBuiltinModule('node:v8');
const { performance } = process.getBuiltinModule('node:perf_hooks');

/** How much this process has on its hands. */
export interface Pressure {
  /** Mean processor time of a turn of the event loop since the last reading: how much work is found waiting when somebody looks. */
  readonly turnMs: number;
  /** Of the heap's limit, or of what the process may have in all, whichever is nearer; 1 is the end. */
  readonly memoryShare: number;
  /** Of what the spool may have unsynced. */
  readonly diskShare: number;
}

/** A limit above this is none: it stands for "unlimited". */
const limitBytesMax = 2 ** 50;

const memoryShare = (): number => {
  const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics();
  const allBytes = process.constrainedMemory();
  const isLimited = allBytes > 0 && allBytes < limitBytesMax;
  return Math.max(usedBytes / limitBytes, isLimited ? process.memoryUsage.rss() / allBytes : 0);
};

/** User and system time of this thread. Time in which others had the processor is not in it: to turn requests away would not bring it back. */
const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** Reads this process, each time what has been since the last. */
export const machinePressure = (diskShare: () => number): (() => Pressure) => {
  let [workedMs, turns] = [0, 0];
  return () => {
    const { loopCount } = performance.nodeTiming.uvMetricsInfo;
    const nowMs = threadMs();
    const turnMs = (nowMs - workedMs) / Math.max(1, loopCount - turns);
    [workedMs, turns] = [nowMs, loopCount];
    return { turnMs, memoryShare: memoryShare(), diskShare: diskShare() };
  };
};
